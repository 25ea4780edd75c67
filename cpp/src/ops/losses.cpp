// Losses and their gradients. A reduction sums doubles over chunks that depend on the shape alone.
#include "error.h"
#include "index.h"
#include "isa.h"
#include "softmax.h"

EK_KERNEL(void, cross_entropy,
          (int64_t rows, int64_t n, const float* x, const int64_t* label, int reduction, float* loss, float* p))
EK_KERNEL(void, cross_entropy_grad,
          (int64_t rows, int64_t n, const float* p, const int64_t* label, int reduction, const float* gloss, float* gx))
EK_KERNEL(void, nll, (int64_t rows, int64_t n, const float* x, const int64_t* label, int reduction, float* loss))
EK_KERNEL(void, nll_grad, (int64_t rows, int64_t n, const int64_t* label, int reduction, const float* gloss, float* gx))
EK_KERNEL(bool, all_in_unit, (const float* x, int64_t n))
EK_KERNEL(void, bce, (int64_t n, const float* x, const float* t, int reduction, float* loss))
EK_KERNEL(void, bce_grad, (int64_t n, const float* x, const float* t, int reduction, const float* gloss, float* gx))
EK_KERNEL(void, bce_with_logits, (int64_t n, const float* x, const float* t, int reduction, float* loss))
EK_KERNEL(void, bce_with_logits_grad,
          (int64_t n, const float* x, const float* t, int reduction, const float* gloss, float* gx))
EK_KERNEL(void, mse, (int64_t n, const float* x, const float* t, int reduction, float* loss))
EK_KERNEL(void, mse_grad, (int64_t n, const float* x, const float* t, int reduction, const float* gloss, float* gx))

namespace ek::EK_ISA {
EK_INLINE float reduced(double total, int64_t n, int reduction) {
  return (float)(reduction == EK_MEAN ? total / (double)n : total);
}

// d loss / d element k, where the reduction gives one number
EK_INLINE float weight(const float* gloss, int64_t n, int reduction) {
  return reduction == EK_MEAN ? *gloss / (float)n : *gloss;
}

// loss = reduction of of(row)
template <class F>
EK_INLINE void reduce_rows(int64_t rows, int64_t grain, int reduction, float* loss, const F& of) {
  const double total = sum_chunks(rows, grain, [=](int64_t begin, int64_t end) EK_FLAT {
    double s = 0;
    for (int64_t r = begin; r < end; ++r) {
      const float l = of(r);
      if (reduction == EK_NONE) loss[r] = l;
      s += l;
    }
    return s;
  });
  if (reduction != EK_NONE) *loss = reduced(total, rows, reduction);
}

// -log softmax(x)[label] = max + log sum e^(x - max) - x[label]; p = softmax(x)
void cross_entropy(int64_t rows, int64_t n, const float* x, const int64_t* label, int reduction, float* loss,
                   float* p) {
  reduce_rows(rows, row_grain(n), reduction, loss, [=](int64_t r) {
    const float *px = x + r * n, top = row_max(px, n);
    float* pp = p + r * n;
    const float total = (float)row_exp(px, top, pp, n), scale = 1 / total;
    map_here(pp, pp, n, [=](vf y) { return mul(y, set(scale)); });
    return ::logf(total) - (px[pinned(label + r, n)] - top);
  });
}

// gx = (p - onehot(label)) gloss
void cross_entropy_grad(int64_t rows, int64_t n, const float* p, const int64_t* label, int reduction,
                        const float* gloss, float* gx) {
  parallel(rows, 1 + kGrain / (n + 1), [=](int64_t begin, int64_t end) EK_FLAT {
    for (int64_t r = begin; r < end; ++r) {
      const float g = reduction == EK_NONE ? gloss[r] : weight(gloss, rows, reduction);
      const int64_t k = pinned(label + r, n), at = r * n;
      const float q = p[at + k];
      map_here(p + at, gx + at, n, [=](vf p) { return mul(p, set(g)); });
      gx[at + k] = (q - 1) * g;
    }
  });
}

// -x[label]
void nll(int64_t rows, int64_t n, const float* x, const int64_t* label, int reduction, float* loss) {
  reduce_rows(rows, kGrain, reduction, loss, [=](int64_t r) { return -x[r * n + pinned(label + r, n)]; });
}

void nll_grad(int64_t rows, int64_t n, const int64_t* label, int reduction, const float* gloss, float* gx) {
  parallel(rows, 1 + kGrain / (n + 1), [=](int64_t begin, int64_t end) {
    memset(gx + begin * n, 0, (size_t)((end - begin) * n) * sizeof(float));
    for (int64_t r = begin; r < end; ++r)
      gx[r * n + pinned(label + r, n)] = -(reduction == EK_NONE ? gloss[r] : weight(gloss, rows, reduction));
  });
}

// loss = reduction of f(x, t)
template <class F>
EK_INLINE void reduce_pairs(int64_t n, const float* x, const float* t, int reduction, float* loss, const F& f) {
  if (reduction == EK_NONE) return map(x, t, loss, n, f);
  const double total = sum_chunks(
      n, kGrain, [=](int64_t begin, int64_t end) EK_FLAT { return sum_here(x + begin, t + begin, end - begin, f); });
  *loss = reduced(total, n, reduction);
}

// gx = gloss f(x, t)
template <class F>
EK_INLINE void pairs_grad(int64_t n, const float* x, const float* t, int reduction, const float* gloss, float* gx,
                          const F& f) {
  if (reduction == EK_NONE) return map(x, t, gloss, gx, n, [=](vf x, vf t, vf g) { return mul(g, f(x, t)); });
  const float g = weight(gloss, n, reduction);
  map(x, t, gx, n, [=](vf x, vf t) { return mul(set(g), f(x, t)); });
}

// Whether all of x lie in [0, 1], which no NaN does
bool all_in_unit(const float* x, int64_t n) {
  return sum_chunks(n, kGrain, [=](int64_t begin, int64_t end) EK_FLAT {
           return sum_here(x + begin, end - begin,
                           [](vf x) { return select(le(zero(), x), select(le(x, set(1)), zero(), set(1)), set(1)); });
         }) == 0;
}

// -(t log x + (1 - t) log(1 - x))
void bce(int64_t n, const float* x, const float* t, int reduction, float* loss) {
  reduce_pairs(n, x, t, reduction, loss, [](vf x, vf t) {
    const vf least = set(-100.0f), a = max(least, log(x)), b = max(least, log1p(sub(zero(), x)));
    return sub(mul(sub(t, set(1)), b), mul(t, a));
  });
}

// (x - t) / (x (1 - x))
void bce_grad(int64_t n, const float* x, const float* t, int reduction, const float* gloss, float* gx) {
  pairs_grad(n, x, t, reduction, gloss, gx,
             [](vf x, vf t) { return div(sub(x, t), max(set(1e-12f), mul(sub(set(1), x), x))); });
}

// max(x, 0) - x t + log(1 + e^-|x|)
void bce_with_logits(int64_t n, const float* x, const float* t, int reduction, float* loss) {
  reduce_pairs(n, x, t, reduction, loss,
               [](vf x, vf t) { return add(fnma(x, t, max(zero(), x)), log1p(exp(sub(zero(), abs(x))))); });
}

// (1 - t) sigmoid(x) - t sigmoid(-x): sigmoid(x) - t would cancel where the prediction is good
void bce_with_logits_grad(int64_t n, const float* x, const float* t, int reduction, const float* gloss, float* gx) {
  pairs_grad(n, x, t, reduction, gloss, gx, [](vf x, vf t) {
    const vf e = exp(sub(zero(), abs(x))), large = div(set(1), add(set(1), e)), small = mul(e, large);
    const vf up = ge(x, zero());
    return sub(mul(sub(set(1), t), select(up, large, small)), mul(t, select(up, small, large)));
  });
}

// (x - t)^2
void mse(int64_t n, const float* x, const float* t, int reduction, float* loss) {
  reduce_pairs(n, x, t, reduction, loss, [](vf x, vf t) { return mul(sub(x, t), sub(x, t)); });
}

// 2 (x - t)
void mse_grad(int64_t n, const float* x, const float* t, int reduction, const float* gloss, float* gx) {
  pairs_grad(n, x, t, reduction, gloss, gx, [](vf x, vf t) { return mul(set(2), sub(x, t)); });
}
}  // namespace ek::EK_ISA

#ifdef EK_BASE
namespace ek {
static void check_probabilities(const float* x, int64_t n) {
  if (EK_CALL(all_in_unit, x, n)) return;
  for (int64_t i = 0; i < n; ++i)
    if (!(x[i] >= 0 && x[i] <= 1))
      fail(EK_INVALID, "predictions must lie in [0, 1], as a sigmoid gives; got %g at position %lld",
           static_cast<double>(x[i]), static_cast<long long>(i));
}
}  // namespace ek

extern "C" {
int ek_cross_entropy(int64_t rows, int64_t n, const float* x, const int64_t* label, int reduction, float* loss,
                     float* p) {
  return ek::guarded([&] {
    ek::check_range(label, rows, n, "label", "row");
    EK_CALL(cross_entropy, rows, n, x, label, reduction, loss, p);
  });
}
int ek_cross_entropy_grad(int64_t rows, int64_t n, const float* p, const int64_t* label, int reduction,
                          const float* gloss, float* gx) {
  return ek::guarded([&] {
    ek::check_range(label, rows, n, "label", "row");
    EK_CALL(cross_entropy_grad, rows, n, p, label, reduction, gloss, gx);
  });
}
int ek_nll(int64_t rows, int64_t n, const float* x, const int64_t* label, int reduction, float* loss) {
  return ek::guarded([&] {
    ek::check_range(label, rows, n, "label", "row");
    EK_CALL(nll, rows, n, x, label, reduction, loss);
  });
}
int ek_nll_grad(int64_t rows, int64_t n, const int64_t* label, int reduction, const float* gloss, float* gx) {
  return ek::guarded([&] {
    ek::check_range(label, rows, n, "label", "row");
    EK_CALL(nll_grad, rows, n, label, reduction, gloss, gx);
  });
}
int ek_bce(int64_t n, const float* x, const float* t, int reduction, float* loss) {
  return ek::guarded([&] {
    ek::check_probabilities(x, n);
    EK_CALL(bce, n, x, t, reduction, loss);
  });
}
int ek_bce_grad(int64_t n, const float* x, const float* t, int reduction, const float* gloss, float* gx) {
  return ek::guarded([&] { EK_CALL(bce_grad, n, x, t, reduction, gloss, gx); });
}
int ek_bce_with_logits(int64_t n, const float* x, const float* t, int reduction, float* loss) {
  return ek::guarded([&] { EK_CALL(bce_with_logits, n, x, t, reduction, loss); });
}
int ek_bce_with_logits_grad(int64_t n, const float* x, const float* t, int reduction, const float* gloss, float* gx) {
  return ek::guarded([&] { EK_CALL(bce_with_logits_grad, n, x, t, reduction, gloss, gx); });
}
int ek_mse(int64_t n, const float* x, const float* t, int reduction, float* loss) {
  return ek::guarded([&] { EK_CALL(mse, n, x, t, reduction, loss); });
}
int ek_mse_grad(int64_t n, const float* x, const float* t, int reduction, const float* gloss, float* gx) {
  return ek::guarded([&] { EK_CALL(mse_grad, n, x, t, reduction, gloss, gx); });
}
}
#endif
