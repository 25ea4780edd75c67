// Matrix transposes of small tiles: y[j ys + i] = x[i xs + j] for i < m, j < n.
#pragma once
#include "elementwise.h"

namespace ek::EK_ISA {
// The shorter side is the inner loop, so that the long one streams.
template <class T>
EK_INLINE void transpose_plain(const T* x, int64_t xs, T* y, int64_t ys, int64_t m, int64_t n) {
  if (m < n) {
    for (int64_t j = 0; j < n; ++j)
      for (int64_t i = 0; i < m; ++i) y[j * ys + i] = x[i * xs + j];
  } else {
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; ++j) y[j * ys + i] = x[i * xs + j];
  }
}

template <class T>
EK_INLINE void transpose(const T* x, int64_t xs, T* y, int64_t ys, int64_t m, int64_t n) {
  transpose_plain(x, xs, y, ys, m, n);
}

#if defined(__AVX2__)
// Rows 0..7 of x, of which those from `rows` on stand for the last, to columns 0..columns-1 of y.
EK_INLINE void transpose_8x8(const float* x, int64_t xs, float* y, int64_t ys, int64_t rows = 8, int64_t columns = 8) {
  // Halves of rows i and i + 4 share a register, so that only in-lane shuffles follow.
  const auto pair = [=](int64_t i, int64_t j) {
    const float *low = x + smaller(i, rows - 1) * xs + j, *high = x + smaller(i + 4, rows - 1) * xs + j;
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(low)), _mm_loadu_ps(high), 1);
  };
  for (int64_t j = 0; j < columns; j += 4) {
    const __m256 r0 = pair(0, j), r1 = pair(1, j), r2 = pair(2, j), r3 = pair(3, j);
    const __m256 a = _mm256_unpacklo_ps(r0, r1), b = _mm256_unpackhi_ps(r0, r1);
    const __m256 c = _mm256_unpacklo_ps(r2, r3), d = _mm256_unpackhi_ps(r2, r3);
    float* q = y + j * ys;
    _mm256_storeu_ps(q, _mm256_shuffle_ps(a, c, 0x44));
    if (columns > j + 1) _mm256_storeu_ps(q + ys, _mm256_shuffle_ps(a, c, 0xEE));
    if (columns > j + 2) _mm256_storeu_ps(q + 2 * ys, _mm256_shuffle_ps(b, d, 0x44));
    if (columns > j + 3) _mm256_storeu_ps(q + 3 * ys, _mm256_shuffle_ps(b, d, 0xEE));
  }
}

// 4 to 7 columns, one row behind the other: vectors of x reach into the row that follows, and the last rows are plain.
EK_INLINE void transpose_narrow(const float* x, float* y, int64_t ys, int64_t m, int64_t n) {
  int64_t i = 0;
  for (; i + 10 <= m; i += 8) transpose_8x8(x + i * n, n, y + i, ys, 8, n);
  transpose_plain(x + i * n, n, y + i, ys, m - i, n);
}

// 4 to 7 rows to as many columns, one row behind the other: vectors of y reach into the row that is written next.
EK_INLINE void transpose_low(const float* x, int64_t xs, float* y, int64_t m, int64_t n) {
  int64_t j = 0;
  for (; j + 10 <= n; j += 8) transpose_8x8(x + j, xs, y + j * m, m, m, 8);
  transpose_plain(x + j, xs, y + j * m, m, m, n - j);
}

// Blocks at the edges are moved back over their neighbours rather than cut short. Pairs of blocks side by side use up
// the cache lines of x before its rows, which may share sets, evict them.
EK_INLINE void transpose(const float* x, int64_t xs, float* y, int64_t ys, int64_t m, int64_t n) {
  if (m >= 8 && n >= 4 && n < 8 && xs == n) return transpose_narrow(x, y, ys, m, n);
  if (n >= 8 && m >= 4 && m < 8 && ys == m) return transpose_low(x, xs, y, m, n);
  if (m < 8 || n < 8) return transpose_plain(x, xs, y, ys, m, n);
  const int64_t single = n % 8 == 1;  // a last column, as of 3 x 3 taps, does not need a block
  if (single) transpose_plain(x + n - 1, xs, y + (n - 1) * ys, ys, m, 1);
  for (int64_t j = 0; j < n - single; j += 16)
    for (int64_t i = 0; i < m; i += 8)
      for (int64_t k = j; k < smaller(j + 16, n - single); k += 8) {
        const int64_t r = smaller(i, m - 8), c = smaller(k, n - 8);
        transpose_8x8(x + r * xs + c, xs, y + c * ys + r, ys);
      }
}
#endif
}  // namespace ek::EK_ISA
