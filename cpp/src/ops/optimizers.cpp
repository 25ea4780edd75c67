// Optimizers over all parameters in one pass: the chunks cut the parameters laid end to end, so that many small
// ones and a single large one keep every thread equally busy.
#include "elementwise.h"
#include "error.h"
#include "float_mode.h"
#include "isa.h"

EK_KERNEL(void, sgd,
          (const ek_param* params, int64_t count, double lr, double momentum, double dampening, bool nesterov,
           double decay, bool first))
EK_KERNEL(void, adam,
          (const ek_param* params, int64_t count, double lr, double beta1, double beta2, double eps, double decay,
           bool decoupled, int64_t t))
EK_KERNEL(void, nadam,
          (const ek_param* params, int64_t count, double lr, double beta1, double beta2, double eps, double decay,
           bool decoupled, double grad_step, double moment_step, int64_t t))
EK_KERNEL(void, adagrad, (const ek_param* params, int64_t count, double lr, double eps, double decay))
EK_KERNEL(void, rmsprop,
          (const ek_param* params, int64_t count, double lr, double alpha, double eps, double momentum, bool centered,
           double decay))
EK_KERNEL(double, grad_norm, (const ek_param* params, int64_t count))

namespace ek::EK_ISA {
EK_INLINE int64_t total_size(const ek_param* params, int64_t count) {
  int64_t total = 0;
  for (int64_t k = 0; k < count; ++k) total += params[k].n;
  return total;
}

// f(param, from, to) for the stretches of parameters that lie in begin..end of all of them
template <class F>
EK_INLINE void each_stretch(const ek_param* params, int64_t begin, int64_t end, const F& f) {
  int64_t at = 0;
  for (const ek_param* q = params; at < end; at += q++->n) {
    const int64_t from = larger(begin - at, 0), to = smaller(end - at, q->n);
    if (from < to) f(*q, from, to);
  }
}

namespace {
// The constants of one step are combined in double and then rounded, as PyTorch does: 1 - 0.999f is 1.3e-5 off.
struct Sgd {
  float lr, momentum, rest, decay;
  bool nesterov, first;

  template <class Load, class Store>
  EK_INLINE void step(const Sgd& o, const ek_param& q, int64_t i, const Load& get, const Store& put) {
    const vf p = get(q.p + i);
    vf g = fma(set(o.decay), p, get(q.g + i));
    if (q.m) {
      const vf m = o.first ? g : fma(set(o.momentum), get(q.m + i), mul(set(o.rest), g));
      put(q.m + i, m);
      g = o.nesterov ? fma(set(o.momentum), m, g) : m;
    }
    put(q.p + i, fnma(set(o.lr), g, p));
  }
};

struct Adam {
  float decay, keep, beta1, rest1, beta2, rest2, step_size, per_root2, eps;

  struct Moments {
    vf p, g, m, divisor;
  };

  // Moves m and v; p and g are behind their decay. sqrt(c2) divides as a factor: of weights in the caches, divisions
  // and roots are what takes the time.
  template <class Load, class Store>
  EK_INLINE Moments move(const Adam& o, const ek_param& q, int64_t i, const Load& get, const Store& put) {
    const vf p = mul(set(o.keep), get(q.p + i)), g = fma(set(o.decay), p, get(q.g + i)), m0 = get(q.m + i);
    const vf m = fma(set(o.beta1), m0, mul(set(o.rest1), g));  // m + rest1 (g - m) would cancel for small beta1
    const vf v = fma(set(o.rest2), mul(g, g), mul(set(o.beta2), get(q.v + i)));
    put(q.m + i, m);
    put(q.v + i, v);
    return {p, g, m, fma(set(o.per_root2), sqrt(v), set(o.eps))};
  }

  template <class Load, class Store>
  EK_INLINE void step(const Adam& o, const ek_param& q, int64_t i, const Load& get, const Store& put) {
    const Moments r = move(o, q, i, get, put);
    put(q.p + i, sub(r.p, div(mul(set(o.step_size), r.m), r.divisor)));
  }
};

struct Nadam {
  Adam adam;
  float grad_step, moment_step;

  template <class Load, class Store>
  EK_INLINE void step(const Nadam& o, const ek_param& q, int64_t i, const Load& get, const Store& put) {
    const Adam::Moments r = Adam::move(o.adam, q, i, get, put);
    const vf d = fma(set(o.grad_step), r.g, mul(set(o.moment_step), r.m));
    put(q.p + i, sub(r.p, div(d, r.divisor)));
  }
};

struct Adagrad {
  float lr, eps, decay;

  template <class Load, class Store>
  EK_INLINE void step(const Adagrad& o, const ek_param& q, int64_t i, const Load& get, const Store& put) {
    const vf p = get(q.p + i), g = fma(set(o.decay), p, get(q.g + i)), s = fma(g, g, get(q.m + i));
    put(q.m + i, s);
    put(q.p + i, sub(p, mul(set(o.lr), div(g, add(sqrt(s), set(o.eps))))));
  }
};

struct Rmsprop {
  float lr, alpha, rest, eps, momentum, decay;
  bool centered;

  template <class Load, class Store>
  EK_INLINE void step(const Rmsprop& o, const ek_param& q, int64_t i, const Load& get, const Store& put) {
    const vf p = get(q.p + i), g = fma(set(o.decay), p, get(q.g + i));
    vf v = fma(set(o.rest), mul(g, g), mul(set(o.alpha), get(q.m + i)));
    put(q.m + i, v);
    if (o.centered) {
      float* mean = (o.momentum != 0 ? q.a : q.v) + i;
      const vf a = fma(set(o.rest), g, mul(set(o.alpha), get(mean)));
      put(mean, a);
      v = max(zero(), fnma(a, a, v));  // a variance, which rounding must not make negative
    }
    vf d = div(g, add(sqrt(v), set(o.eps)));
    if (o.momentum != 0) {
      d = fma(set(o.momentum), get(q.v + i), d);
      put(q.v + i, d);
    }
    put(q.p + i, fnma(set(o.lr), d, p));
  }
};

Adam adam_step(double lr, double beta1, double beta2, double eps, double decay, bool decoupled, int64_t t) {
  Adam o;
  o.decay = decoupled ? 0 : (float)decay;
  o.keep = decoupled ? (float)(1 - lr * decay) : 1;
  o.beta1 = (float)beta1;
  o.rest1 = (float)(1 - beta1);
  o.beta2 = (float)beta2;
  o.rest2 = (float)(1 - beta2);
  o.step_size = (float)(lr / (1 - ::pow(beta1, (double)t)));
  o.per_root2 = (float)(1 / ::sqrt(1 - ::pow(beta2, (double)t)));
  o.eps = (float)eps;
  return o;
}
}  // namespace

template <class O>
EK_INLINE void run(const O& o, const ek_param* params, int64_t count) {
  const int64_t all = total_size(params, count);
  parallel(all, even_grain(all), [=](int64_t first, int64_t last) EK_FLAT {
    each_stretch(params, first, last, [=](const ek_param& q, int64_t begin, int64_t end) {
      int64_t i = begin;
      for (; i + VF <= end; i += VF)
        O::step(
            o, q, i, [](const float* p) { return load(p); }, [](float* p, vf x) { store(p, x); });
      const int64_t n = end - i;
      if (n > 0)
        O::step(
            o, q, i, [=](const float* p) { return load_part(p, n); }, [=](float* p, vf x) { store_part(p, x, n); });
    });
  });
}

void sgd(const ek_param* params, int64_t count, double lr, double momentum, double dampening, bool nesterov,
         double decay, bool first) {
  run(Sgd{(float)lr, (float)momentum, (float)(1 - dampening), (float)decay, nesterov, first}, params, count);
}

// m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; p -= lr m / c1 / (sqrt(v) / sqrt(c2) + eps) with
// c = 1 - beta^t. Decay is added to g, or shrinks p first when decoupled.
void adam(const ek_param* params, int64_t count, double lr, double beta1, double beta2, double eps, double decay,
          bool decoupled, int64_t t) {
  run(adam_step(lr, beta1, beta2, eps, decay, decoupled, t), params, count);
}

void nadam(const ek_param* params, int64_t count, double lr, double beta1, double beta2, double eps, double decay,
           bool decoupled, double grad_step, double moment_step, int64_t t) {
  const Adam moments = adam_step(lr, beta1, beta2, eps, decay, decoupled, t);
  run(Nadam{moments, (float)grad_step, (float)moment_step}, params, count);
}

void adagrad(const ek_param* params, int64_t count, double lr, double eps, double decay) {
  run(Adagrad{(float)lr, (float)eps, (float)decay}, params, count);
}

void rmsprop(const ek_param* params, int64_t count, double lr, double alpha, double eps, double momentum, bool centered,
             double decay) {
  run(Rmsprop{(float)lr, (float)alpha, (float)(1 - alpha), (float)eps, (float)momentum, (float)decay, centered}, params,
      count);
}

double grad_norm(const ek_param* params, int64_t count) {
  const double squares = sum_chunks(total_size(params, count), kGrain, [=](int64_t first, int64_t last) EK_FLAT {
    double sum = 0;
    double* s = &sum;
    each_stretch(params, first, last, [=](const ek_param& q, int64_t begin, int64_t end) {
      *s += sum_here(q.g + begin, end - begin, [](vf g) { return mul(g, g); });
    });
    return sum;
  });
  return ::sqrt(squares);
}
}  // namespace ek::EK_ISA

#ifdef EK_BASE
extern "C" {
int ek_sgd(const ek_param* params, int64_t count, double lr, double momentum, double dampening, int nesterov,
           double decay, int first) {
  const ek::FlushDenormals flush;
  return ek::guarded([&] { EK_CALL(sgd, params, count, lr, momentum, dampening, nesterov != 0, decay, first != 0); });
}
int ek_adam(const ek_param* params, int64_t count, double lr, double beta1, double beta2, double eps, double decay,
            int decoupled, int64_t t) {
  const ek::FlushDenormals flush;
  return ek::guarded([&] { EK_CALL(adam, params, count, lr, beta1, beta2, eps, decay, decoupled != 0, t); });
}
int ek_nadam(const ek_param* params, int64_t count, double lr, double beta1, double beta2, double eps, double decay,
             int decoupled, double grad_step, double moment_step, int64_t t) {
  const ek::FlushDenormals flush;
  return ek::guarded(
      [&] { EK_CALL(nadam, params, count, lr, beta1, beta2, eps, decay, decoupled != 0, grad_step, moment_step, t); });
}
int ek_adagrad(const ek_param* params, int64_t count, double lr, double eps, double decay) {
  const ek::FlushDenormals flush;
  return ek::guarded([&] { EK_CALL(adagrad, params, count, lr, eps, decay); });
}
int ek_rmsprop(const ek_param* params, int64_t count, double lr, double alpha, double eps, double momentum,
               int centered, double decay) {
  const ek::FlushDenormals flush;
  return ek::guarded([&] { EK_CALL(rmsprop, params, count, lr, alpha, eps, momentum, centered != 0, decay); });
}
double ek_grad_norm(const ek_param* params, int64_t count) { return EK_CALL(grad_norm, params, count); }
}
#endif
