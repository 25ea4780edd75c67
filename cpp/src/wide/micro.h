// The heart of a matrix product: C (rows x V vectors) from rank-one updates that stay in registers.
#pragma once
#include "simd.h"

namespace ek::EK_ISA {
#if defined(__AVX512F__)
enum { kRows = 12 };
#else
enum { kRows = 6 };
#endif
enum { kAhead = 64 * VF };  // floats

// s[r][v] += sum over k of a[r row + k step] b[k][v], b packed: V vectors for each k. FAR: b comes from memory, and
// is asked for kAhead before it is read, also across pages, at which the processor's own prefetching ends.
template <int R, int V, bool FAR = false>
EK_INLINE void micro_sums(const float* a, int64_t row, int64_t step, const float* b, int64_t n, vf (&s)[R][V]) {
#pragma GCC unroll 2
  for (int64_t k = 0; k < n; ++k, a += step, b += V * VF) {
    for (int v = 0; FAR && v < V * VF; v += 16) __builtin_prefetch(b + kAhead + v);
    vf q[V];
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) q[v] = load(b + v * VF);
#pragma GCC unroll 12
    for (int r = 0; r < R; ++r) {
      const vf u = broadcast(a + r * row);
#pragma GCC unroll 2
      for (int v = 0; v < V; ++v) s[r][v] = fma(u, q[v], s[r][v]);
    }
  }
}

// c[r][v] (+)= those. APART: what is added to c was summed from zero, not from c on; over many calls that errs less.
template <int R, int V, bool FAR = false, bool APART = false>
EK_INLINE void micro_rows(const float* a, int64_t row, int64_t step, const float* b, int64_t n, float* c, int64_t c_row,
                          bool add_to) {
  vf s[R][V];
#pragma GCC unroll 12
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) s[r][v] = add_to && !APART ? load(c + r * c_row + v * VF) : zero();
  micro_sums<R, V, FAR>(a, row, step, b, n, s);
#pragma GCC unroll 12
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) {
      float* to = c + r * c_row + v * VF;
      store(to, add_to && APART ? add(load(to), s[r][v]) : s[r][v]);
    }
}

// The same for any multiple of kRows / 3 rows, of which the first ones fetch b.
template <int V, bool FAR = false, bool APART = false>
EK_INLINE void micro(int64_t rows, const float* a, int64_t row, int64_t step, const float* b, int64_t n, float* c,
                     int64_t c_row, bool add_to) {
  if (FAR && rows >= kRows) {
    micro_rows<kRows, V, FAR, APART>(a, row, step, b, n, c, c_row, add_to);
    rows -= kRows, a += kRows * row, c += kRows * c_row;
  }
  for (; rows >= kRows; rows -= kRows, a += kRows * row, c += kRows * c_row)
    micro_rows<kRows, V, false, APART>(a, row, step, b, n, c, c_row, add_to);
  if (rows > kRows / 3)
    micro_rows<kRows / 3 * 2, V, false, APART>(a, row, step, b, n, c, c_row, add_to);
  else if (rows > 0)
    micro_rows<kRows / 3, V, false, APART>(a, row, step, b, n, c, c_row, add_to);
}
}  // namespace ek::EK_ISA
