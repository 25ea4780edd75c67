// The heart of a matrix product: C (rows x V vectors) from rank-one updates that stay in registers.
#pragma once
#include "elementwise.h"

namespace ek::EK_ISA {
// Registers hold the sums of kRows by up to two vectors; or of half as many by four, which need the fewest loads.
#if defined(__AVX512F__)
enum { kRows = 12, kVectors = 4 };
#else
enum { kRows = 6, kVectors = 2 };
#endif
constexpr int rows_of(int vectors) { return vectors > 2 ? kRows / 2 : kRows; }
constexpr int kLine = 16;    // floats in a line of the caches
constexpr int kPart = 4096;  // floats of a part of b, which stays in the first cache beside what it meets

// What is asked for while sums are made: memory from `at` on, `step` floats for each k, LINES of the caches at a time.
template <int LINES>
struct Ahead {
  enum { kLines = LINES };
  const float* at;
  int64_t step;
};
// pass(ahead), which makes sums several times over a panel b of V vectors, and so asks for what is as large as b: for
// some of it in each pass, so that memory some way off gives it at an even pace.
template <int V, class Pass>
EK_INLINE void asking_for(const float* next, int64_t passes, const Pass& pass) {
  constexpr int lines = V * VF > kLine ? V * VF / kLine : 1;
  const int64_t step = V * VF / passes;
  if (passes >= lines)
    pass(Ahead<1>{next, step});
  else if (passes > 1)
    pass(Ahead<lines / 2>{next, step});
  else
    pass(Ahead<lines>{next, step});
}

// s[r][v] += sum over k of a[r row + k step] b[k][v], b packed: V vectors for each k.
template <int R, int V, class Next = Ahead<0>>
EK_INLINE void micro_sums(const float* a, int64_t row, int64_t step, const float* b, int64_t n, vf (&s)[R][V],
                          Next ahead = {}) {
#pragma GCC unroll 2
  for (int64_t k = 0; k < n; ++k, a += step, b += V * VF, ahead.at += ahead.step) {
    for (int l = 0; l < Next::kLines; ++l) __builtin_prefetch(ahead.at + l * kLine);
    vf q[V];
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) q[v] = load(b + v * VF);
#pragma GCC unroll 12
    for (int r = 0; r < R; ++r) {
      const vf u = broadcast(a + r * row);
#pragma GCC unroll 4
      for (int v = 0; v < V; ++v) s[r][v] = fma(u, q[v], s[r][v]);
    }
  }
}

// c[r][v] (+)= those. APART: what is added to c was summed from zero, not from c on; over many calls that errs less.
template <int R, int V, bool APART = false, class Next = Ahead<0>>
EK_INLINE void micro_rows(const float* a, int64_t row, int64_t step, const float* b, int64_t n, float* c, int64_t c_row,
                          bool add_to, Next ahead = {}) {
  vf s[R][V];
#pragma GCC unroll 12
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) {
      if (APART && add_to && v * VF % kLine == 0) __builtin_prefetch(c + r * c_row + v * VF, 1);
      s[r][v] = add_to && !APART ? load(c + r * c_row + v * VF) : zero();
    }
  micro_sums<R, V>(a, row, step, b, n, s, ahead);
#pragma GCC unroll 12
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) {
      float* to = c + r * c_row + v * VF;
      store(to, add_to && APART ? add(load(to), s[r][v]) : s[r][v]);
    }
}

// The same for any multiple of kRows / 3 rows.
template <int V, bool APART = false, class Next = Ahead<0>>
EK_INLINE void micro(int64_t rows, const float* a, int64_t row, int64_t step, const float* b, int64_t n, float* c,
                     int64_t c_row, bool add_to, Next ahead = {}) {
  constexpr int R = rows_of(V);
  for (; rows >= R; rows -= R, a += R * row, c += R * c_row, ahead.at += n * ahead.step)
    micro_rows<R, V, APART>(a, row, step, b, n, c, c_row, add_to, ahead);
  if (rows > R / 3)
    micro_rows<R / 3 * 2, V, APART>(a, row, step, b, n, c, c_row, add_to, ahead);
  else if (rows > 0)
    micro_rows<R / 3, V, APART>(a, row, step, b, n, c, c_row, add_to, ahead);
}

// kernel(lanes) for blocks of as many vectors as these lanes are, whole ones.
template <int N>
struct Vectors {
  constexpr operator int() const { return N; }
};
template <class Kernel>
EK_INLINE void for_width(int64_t width, const Kernel& kernel) {
  if constexpr (kVectors == 4)
    if (width == 4 * VF) return kernel(Vectors<4>());
  width == 2 * VF ? kernel(Vectors<2>()) : kernel(Vectors<1>());
}
// The widest block of `left` lanes, whole vectors.
EK_INLINE int64_t block_width(int64_t left) {
  return left >= kVectors * VF ? kVectors * VF : left >= 2 * VF ? 2 * VF : VF;
}
// f(first lane, Vectors) for the blocks of from..to - 1, whole vectors.
template <class F>
EK_INLINE void for_blocks(int64_t from, int64_t to, const F& f) {
  for (; from < to; from += block_width(to - from))
    for_width(block_width(to - from), [&](auto vectors) EK_FLAT { f(from, vectors); });
}
// The widest block for columns, of which the last ones may not fill a vector.
EK_INLINE int64_t panel_width(int64_t columns) { return block_width(ceil_div(columns, VF) * VF); }
}  // namespace ek::EK_ISA
