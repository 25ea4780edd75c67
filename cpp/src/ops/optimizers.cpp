// SGD and Adam over all parameters in one pass: the chunks cut the parameters laid end to end, so that many small
// ones and a single large one keep every thread equally busy.
#include "elementwise.h"
#include "error.h"
#include "isa.h"

EK_KERNEL(void, sgd,
          (const ek_param* params, int64_t count, double lr, double momentum, double dampening, bool nesterov,
           double decay, bool first))
EK_KERNEL(void, adam,
          (const ek_param* params, int64_t count, double lr, double beta1, double beta2, double eps, double decay,
           bool decoupled, int64_t t))

namespace ek::EK_ISA {
// f(param, begin, end) for stretches of the parameters
template <class F>
EK_INLINE void each_param(const ek_param* params, int64_t count, const F& f) {
  int64_t total = 0;
  for (int64_t k = 0; k < count; ++k) total += params[k].n;
  parallel(total, kGrain, [=](int64_t begin, int64_t end) EK_FLAT {
    int64_t at = 0;
    for (const ek_param* q = params; at < end; at += q++->n) {
      const int64_t from = larger(begin - at, 0), to = smaller(end - at, q->n);
      if (from < to) f(*q, from, to);
    }
  });
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
  float decay, keep, beta1, rest1, beta2, rest2, step_size, root2, eps;

  template <class Load, class Store>
  EK_INLINE void step(const Adam& o, const ek_param& q, int64_t i, const Load& get, const Store& put) {
    const vf p = mul(set(o.keep), get(q.p + i)), g = fma(set(o.decay), p, get(q.g + i)), m0 = get(q.m + i);
    const vf m = fma(set(o.beta1), m0, mul(set(o.rest1), g));  // m + rest1 (g - m) would cancel for small beta1
    const vf v = fma(set(o.rest2), mul(g, g), mul(set(o.beta2), get(q.v + i)));
    put(q.m + i, m);
    put(q.v + i, v);
    put(q.p + i, sub(p, div(mul(set(o.step_size), m), add(div(sqrt(v), set(o.root2)), set(o.eps)))));
  }
};

}  // namespace

template <class O>
EK_INLINE void run(const O& o, const ek_param* params, int64_t count) {
  each_param(params, count, [=](const ek_param& q, int64_t begin, int64_t end) {
    int64_t i = begin;
    for (; i + VF <= end; i += VF)
      O::step(
          o, q, i, [](const float* p) { return load(p); }, [](float* p, vf x) { store(p, x); });
    const int64_t n = end - i;
    if (n > 0)
      O::step(
          o, q, i, [=](const float* p) { return load_part(p, n); }, [=](float* p, vf x) { store_part(p, x, n); });
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
  const double c1 = 1 - ::pow(beta1, (double)t), c2 = 1 - ::pow(beta2, (double)t);
  Adam o;
  o.decay = decoupled ? 0 : (float)decay;
  o.keep = decoupled ? (float)(1 - lr * decay) : 1;
  o.beta1 = (float)beta1;
  o.rest1 = (float)(1 - beta1);
  o.beta2 = (float)beta2;
  o.rest2 = (float)(1 - beta2);
  o.step_size = (float)(lr / c1);
  o.root2 = (float)::sqrt(c2);
  o.eps = (float)eps;
  run(o, params, count);
}
}  // namespace ek::EK_ISA

#ifdef EK_BASE
extern "C" {
int ek_sgd(const ek_param* params, int64_t count, double lr, double momentum, double dampening, int nesterov,
           double decay, int first) {
  return ek::guarded([&] { EK_CALL(sgd, params, count, lr, momentum, dampening, nesterov != 0, decay, first != 0); });
}
int ek_adam(const ek_param* params, int64_t count, double lr, double beta1, double beta2, double eps, double decay,
            int decoupled, int64_t t) {
  return ek::guarded([&] { EK_CALL(adam, params, count, lr, beta1, beta2, eps, decay, decoupled != 0, t); });
}
}
#endif
