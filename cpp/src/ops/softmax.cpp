// Softmax and log-softmax over the last dimension: x is (rows, n).
#include "softmax.h"

#include "error.h"
#include "isa.h"

EK_KERNEL(void, softmax, (int64_t rows, int64_t n, const float* x, float* y))
EK_KERNEL(void, softmax_grad, (int64_t rows, int64_t n, const float* y, const float* gy, float* gx))
EK_KERNEL(void, log_softmax, (int64_t rows, int64_t n, const float* x, float* y))
EK_KERNEL(void, log_softmax_grad, (int64_t rows, int64_t n, const float* y, const float* gy, float* gx))

namespace ek::EK_ISA {
// f(offset of the row)
template <class F>
EK_INLINE void each_row(int64_t rows, int64_t n, const F& f) {
  parallel(rows, row_grain(n), [=](int64_t begin, int64_t end) EK_FLAT {
    for (int64_t r = begin; r < end; ++r) f(r * n);
  });
}

// y = e^(x - max) / sum e^(x - max)
void softmax(int64_t rows, int64_t n, const float* x, float* y) {
  each_row(rows, n, [=](int64_t at) {
    const float scale = (float)(1 / row_exp(x + at, row_max(x + at, n), y + at, n));
    map_here(y + at, y + at, n, [=](vf y) { return mul(y, set(scale)); });
  });
}

// gx = y (gy - sum y gy)
void softmax_grad(int64_t rows, int64_t n, const float* y, const float* gy, float* gx) {
  each_row(rows, n, [=](int64_t at) {
    const float dot = (float)sum_here(y + at, gy + at, n, [](vf y, vf gy) { return mul(y, gy); });
    map_here(y + at, gy + at, gx + at, n, [=](vf y, vf gy) { return mul(y, sub(gy, set(dot))); });
  });
}

// y = x - max - log sum e^(x - max)
void log_softmax(int64_t rows, int64_t n, const float* x, float* y) {
  each_row(rows, n, [=](int64_t at) {
    const float top = row_max(x + at, n), rest = ::logf((float)row_exp(x + at, top, nullptr, n));
    map_here(x + at, y + at, n, [=](vf x) { return sub(sub(x, set(top)), set(rest)); });
  });
}

// gx = gy - e^y sum gy
void log_softmax_grad(int64_t rows, int64_t n, const float* y, const float* gy, float* gx) {
  each_row(rows, n, [=](int64_t at) {
    const float total = (float)sum_here(gy + at, n, [](vf gy) { return gy; });
    map_here(y + at, gy + at, gx + at, n, [=](vf y, vf gy) { return fnma(exp(y), set(total), gy); });
  });
}
}  // namespace ek::EK_ISA

#ifdef EK_BASE
extern "C" {
int ek_softmax(int64_t rows, int64_t n, const float* x, float* y) {
  return ek::guarded([&] { EK_CALL(softmax, rows, n, x, y); });
}
int ek_softmax_grad(int64_t rows, int64_t n, const float* y, const float* gy, float* gx) {
  return ek::guarded([&] { EK_CALL(softmax_grad, rows, n, y, gy, gx); });
}
int ek_log_softmax(int64_t rows, int64_t n, const float* x, float* y) {
  return ek::guarded([&] { EK_CALL(log_softmax, rows, n, x, y); });
}
int ek_log_softmax_grad(int64_t rows, int64_t n, const float* y, const float* gy, float* gx) {
  return ek::guarded([&] { EK_CALL(log_softmax_grad, rows, n, y, gy, gx); });
}
}
#endif
