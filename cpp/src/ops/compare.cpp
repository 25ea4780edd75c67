// Comparisons: z is 0 or 1. Comparing with NaN is false, except that NaN != everything.
#include "error.h"
#include "isa.h"
#include "strides.h"

EK_KERNEL(void, compare,
          (int comparison, int dtype, int ndim, const int64_t* dims, const int64_t* xs, const int64_t* ys,
           const void* x, const void* y, uint8_t* z))
EK_KERNEL(void, compare_scalar, (int comparison, int dtype, const void* x, double value, uint8_t* z, int64_t n))

namespace ek::EK_ISA {
// Calls f(test), test(a, b) being the comparison; a > b is b < a.
template <class F>
EK_INLINE void with_less(int comparison, const F& f) {
  switch (comparison) {
    case EK_EQ:
      return f([](auto a, auto b) { return a == b; });
    case EK_NE:
      return f([](auto a, auto b) { return a != b; });
    case EK_LT:
      return f([](auto a, auto b) { return a < b; });
    case EK_LE:
      return f([](auto a, auto b) { return a <= b; });
    default:
      fail(EK_INVALID, "unknown comparison %d", comparison);
  }
}

template <class F>
EK_INLINE void with_any(int comparison, const F& f) {
  if (comparison == EK_GT) return f([](auto a, auto b) { return a > b; });
  if (comparison == EK_GE) return f([](auto a, auto b) { return a >= b; });
  with_less(comparison, f);
}

template <class T>
EK_INLINE void compare(int comparison, const Strides& s, const T* x, const T* y, uint8_t* z) {
  with_less(comparison, [=, &s](auto test) {
    broadcast(s, x, y, z, [=](const T* x, int64_t xs, const T* y, int64_t ys, uint8_t* z, int64_t n) {
      if (xs == 0) {
        for (int64_t i = 0; i < n; ++i) z[i] = test(*x, y[i]);
      } else if (ys == 0) {
        for (int64_t i = 0; i < n; ++i) z[i] = test(x[i], *y);
      } else {
        for (int64_t i = 0; i < n; ++i) z[i] = test(x[i], y[i]);
      }
    });
  });
}

void compare(int comparison, int dtype, int ndim, const int64_t* dims, const int64_t* xs, const int64_t* ys,
             const void* x, const void* y, uint8_t* z) {
  if (comparison == EK_GT) return compare(EK_LT, dtype, ndim, dims, ys, xs, y, x, z);
  if (comparison == EK_GE) return compare(EK_LE, dtype, ndim, dims, ys, xs, y, x, z);
  const Strides s = collapse(ndim, dims, xs, ys);
  if (dtype == EK_FLOAT32) return compare(comparison, s, (const float*)x, (const float*)y, z);
  if (dtype == EK_INT64) return compare(comparison, s, (const int64_t*)x, (const int64_t*)y, z);
  compare(comparison, s, (const uint8_t*)x, (const uint8_t*)y, z);
}

// The number is converted to V first, and so is each x.
template <class T, class V>
EK_INLINE void compare_number(int comparison, const T* x, V value, uint8_t* z, int64_t n) {
  with_any(comparison, [=](auto test) {
    parallel(n, even_grain(n), [=](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) z[i] = test((V)x[i], value);
    });
  });
}

// Floats compare as floats, so that x == 0.1 holds for the float 0.1; whole numbers exactly.
void compare_scalar(int comparison, int dtype, const void* x, double value, uint8_t* z, int64_t n) {
  const bool whole = value == ::floor(value) && ::fabs(value) < 9e18;
  if (dtype == EK_FLOAT32) return compare_number(comparison, (const float*)x, (float)value, z, n);
  if (dtype != EK_INT64) return compare_number(comparison, (const uint8_t*)x, value, z, n);
  if (whole) return compare_number(comparison, (const int64_t*)x, (int64_t)value, z, n);
  compare_number(comparison, (const int64_t*)x, value, z, n);
}
}  // namespace ek::EK_ISA

#ifdef EK_BASE
extern "C" {
int ek_compare(int comparison, int dtype, int ndim, const ek_dim* dims, const ek_dim* xs, const ek_dim* ys,
               const void* x, const void* y, uint8_t* z) {
  return ek::guarded([&] { EK_CALL(compare, comparison, dtype, ndim, dims, xs, ys, x, y, z); });
}
int ek_compare_scalar(int comparison, int dtype, const void* x, double value, uint8_t* z, int64_t n) {
  return ek::guarded([&] { EK_CALL(compare_scalar, comparison, dtype, x, value, z, n); });
}
}
#endif
