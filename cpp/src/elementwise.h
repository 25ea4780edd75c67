// The loops that element-wise kernels and reductions share. f works on vf; the tail goes through f too, so that
// an element's result does not depend on its position.
#pragma once
#include "simd.h"
#include "threads.h"

// Everything called inside a function so marked is inlined into it.
#define EK_FLAT __attribute__((flatten))

namespace ek::EK_ISA {
enum { kGrain = 32768 };  // elements a chunk: about 10 us, worth a fork

EK_INLINE int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
EK_INLINE int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }
EK_INLINE int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }
// Of n elements, worth a fork, whose results do not depend on how they are cut: eighths, where kGrain would leave one
// thread half of another's work.
EK_INLINE int64_t even_grain(int64_t n) {
  constexpr int64_t most = kGrain, pieces = 8, whole = 64;  // lines, and groups of random numbers
  return n <= most || n >= pieces * most ? most : ceil_div(ceil_div(n, pieces), whole) * whole;
}

// y[i] = f(x[i]...), on the calling thread
template <class F, class... X>
EK_INLINE void map_here(float* y, int64_t n, const F& f, const X*... x) {
  int64_t i = 0;
  for (; i + VF <= n; i += VF) store(y + i, f(load(x + i)...));
  if (i < n) store_part(y + i, f(load_part(x + i, n - i)...), n - i);
}

// sum of f(x[i]...), on the calling thread: floats within blocks of 1024, doubles across them
template <class F, class... X>
EK_INLINE double sum_here(int64_t n, const F& f, const X*... x) {
  double sums = 0;
  for (int64_t i = 0; i < n;) {
    const int64_t stop = smaller(i + 1024, n);
    vf a = zero(), b = zero(), c = zero(), d = zero();
    for (; i + 4 * VF <= stop; i += 4 * VF) {
      a = add(a, f(load(x + i)...));
      b = add(b, f(load(x + i + VF)...));
      c = add(c, f(load(x + i + 2 * VF)...));
      d = add(d, f(load(x + i + 3 * VF)...));
    }
    for (; i + VF <= stop; i += VF) a = add(a, f(load(x + i)...));
    if (i < stop) b = add(b, bit_and(part(stop - i), f(load_part(x + i, stop - i)...)));
    i = stop;
    sums += sum(add(add(a, b), add(c, d)));
  }
  return sums;
}

// y[i] = f(x[i]...), in chunks
template <class F, class... X>
EK_INLINE void map(float* y, int64_t n, const F& f, const X*... x) {
  parallel(n, even_grain(n),
           [=](int64_t begin, int64_t end) EK_FLAT { map_here(y + begin, end - begin, f, x + begin...); });
}

// The same with the operands in their usual order.
template <class X, class F>
EK_INLINE void map(const X* x, float* y, int64_t n, const F& f) {
  map(y, n, f, x);
}
template <class F>
EK_INLINE void map(const float* a, const float* b, float* y, int64_t n, const F& f) {
  map(y, n, f, a, b);
}
template <class F>
EK_INLINE void map(const float* a, const float* b, const float* c, float* y, int64_t n, const F& f) {
  map(y, n, f, a, b, c);
}
template <class F>
EK_INLINE void map_here(const float* x, float* y, int64_t n, const F& f) {
  map_here(y, n, f, x);
}
template <class F>
EK_INLINE void map_here(const float* a, const float* b, float* y, int64_t n, const F& f) {
  map_here(y, n, f, a, b);
}
template <class F>
EK_INLINE double sum_here(const float* x, int64_t n, const F& f) {
  return sum_here(n, f, x);
}
template <class F>
EK_INLINE double sum_here(const float* a, const float* b, int64_t n, const F& f) {
  return sum_here(n, f, a, b);
}

// Sum of the doubles f(begin, end) over at most 64 chunks of 0..n, each at least `grain` long.
template <class F>
EK_INLINE double sum_chunks(int64_t n, int64_t grain, const F& f) {
  if (n <= grain) return n > 0 ? f(0, n) : 0;
  double parts[64], total = 0;
  double* part = parts;
  const int64_t length = larger(ceil_div(n, 64), grain), chunks = ceil_div(n, length);
  parallel(chunks, 1, [=](int64_t begin, int64_t end) {
    for (int64_t c = begin; c < end; ++c) part[c] = f(c * length, smaller(c * length + length, n));
  });
  for (int64_t c = 0; c < chunks; ++c) total += part[c];
  return total;
}
}  // namespace ek::EK_ISA
