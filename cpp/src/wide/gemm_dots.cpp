// Matrix product of few rows by the transposed: an element is the dot product of a row of A and one of B, both read
// where they lie. B, from memory as a rule, is read once and in order.
#include "elementwise.h"
#include "wide/gemm.h"
#include "wide/micro.h"

namespace ek::EK_ISA {
namespace {
#if defined(__AVX512F__)
enum { kMost = 8, kFour = 5 };  // rows of A at once, and of which there are registers for four rows of B
EK_INLINE __m256 eight(vf a) { return _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1)); }
#else
enum { kMost = 6, kFour = 2 };
EK_INLINE __m256 eight(vf a) { return a; }
#endif

// The sums of four vectors' lanes.
EK_INLINE __m128 sums_of(vf a, vf b, vf c, vf d) {
  const __m256 ab = _mm256_hadd_ps(eight(a), eight(b)), cd = _mm256_hadd_ps(eight(c), eight(d));
  const __m256 all = _mm256_hadd_ps(ab, cd);
  return _mm_add_ps(_mm256_castps256_ps128(all), _mm256_extractf128_ps(all, 1));
}

// M rows of A by R of B. Each sum stays in the lanes of one vector: no result depends on M, R or what is beside it.
template <int M, int R>
void dots(const Gemm& p, int64_t j) {
  constexpr int count = M * R, filled = (count + 3) / 4 * 4;
  vf s[filled];
#pragma GCC unroll 16
  for (int t = 0; t < filled; ++t) s[t] = zero();
  const float* b = p.b + j * p.b_step;
  const auto add = [&](int64_t l, auto get) EK_FLAT {
    vf q[R];
#pragma GCC unroll 4
    for (int r = 0; r < R; ++r) q[r] = get(b + r * p.b_step + l);
#pragma GCC unroll 8
    for (int m = 0; m < M; ++m) {
      const vf x = get(p.a + m * p.a_row + l);
#pragma GCC unroll 4
      for (int r = 0; r < R; ++r) s[m * R + r] = fma(x, q[r], s[m * R + r]);
    }
  };
  const auto whole = [](const float* q) { return load(q); };
  int64_t l = 0;
  for (; l + kLine <= p.k; l += kLine) {
#pragma GCC unroll 4
    for (int r = 0; r < R; ++r) __builtin_prefetch(b + (R + r) * p.b_step + l, 0, 2);  // what follows these rows
#pragma GCC unroll 2
    for (int64_t at = l; at < l + kLine; at += VF) add(at, whole);
  }
  if (VF < kLine && l + VF <= p.k) add(l, whole), l += VF;
  if (l < p.k) add(l, [&](const float* q) { return load_part(q, p.k - l); });
  float sums[filled];
#pragma GCC unroll 4
  for (int t = 0; t < count; t += 4) _mm_storeu_ps(sums + t, sums_of(s[t], s[t + 1], s[t + 2], s[t + 3]));
  for (int m = 0; m < M; ++m)
    for (int r = 0; r < R; ++r) p.c[m * p.c_row + j + r] = sums[m * R + r] + (p.bias ? p.bias[j + r] : 0);
}

template <int M>
void all_dots(const Gemm& p) {
  if constexpr (M > 1)
    if (p.m < M) return all_dots<M - 1>(p);
  constexpr int R = M <= kFour ? 4 : 2;
  int64_t j = 0;
  for (; j + R <= p.n; j += R) dots<M, R>(p, j);
  for (; j < p.n; ++j) dots<M, 1>(p, j);
}
}  // namespace

int64_t gemm_dots_most() { return kMost; }
void gemm_dots(const Gemm& p) { all_dots<kMost>(p); }
}  // namespace ek::EK_ISA
