// The transforms of F(m x m, r x r): y = A^T [(G w G^T) (B^T x B)] A for a tile, one-dimensional ones applied along
// columns and then rows. A side of m outputs has m + r - 1 of the points of a set: tiles of all sizes have their
// transformed weights in common.
#pragma once
#include "wide/winograd_points.h"

namespace ek::EK_ISA {
// put(i, j, v) of Down get(i, j) Across^T; a transform T makes T::kOut vectors of T::kIn. What is between them lies in
// memory, and only one-dimensional transforms are unrolled: of both ways at once a compiler makes a fifth more code,
// which moves values to and from registers that there are not.
template <class Down, class Across, class Get, class Put>
EK_INLINE void both_ways(const Get& get, const Put& put) {
  alignas(64) float between[Down::kOut * Across::kIn * VF];
#pragma GCC unroll 1
  for (int j = 0; j < Across::kIn; ++j) {
    vf f[Down::kIn], u[Down::kOut];
#pragma GCC unroll 7
    for (int i = 0; i < Down::kIn; ++i) f[i] = get(i, j);
    Down::apply(f, u);
#pragma GCC unroll 7
    for (int i = 0; i < Down::kOut; ++i) store(between + (i * Across::kIn + j) * VF, u[i]);
  }
#pragma GCC unroll 1
  for (int i = 0; i < Down::kOut; ++i) {
    vf f[Across::kIn], u[Across::kOut];
#pragma GCC unroll 7
    for (int j = 0; j < Across::kIn; ++j) f[j] = load(between + (i * Across::kIn + j) * VF);
    Across::apply(f, u);
#pragma GCC unroll 7
    for (int j = 0; j < Across::kOut; ++j) put(i, j, u[j]);
  }
}

template <class P, int M, int R>
struct FromOutput {  // A
  enum { kIn = M, kOut = M + R - 1 };
  EK_INLINE void apply(const vf* y, vf* u) { evaluate<P, M, kOut>(y, u); }
};
template <class P, int M, int R>
struct ToOutput {  // A^T
  enum { kIn = M + R - 1, kOut = M };
  EK_INLINE void apply(const vf* m, vf* y) { gather<P, M, kIn>(m, y); }
};
template <class P, int R, int N>
struct FromWeight {  // G
  enum { kIn = R, kOut = N };
  EK_INLINE void apply(const vf* g, vf* u) {
    evaluate<P, R, N>(g, u);
#pragma GCC unroll 7
    for (int i = 0; i < N; ++i) u[i] = scaled<P>(i, u[i]);
  }
};
template <class P, int R, int N>
struct ToWeight {  // G^T
  enum { kIn = N, kOut = R };
  EK_INLINE void apply(const vf* u, vf* g) {
    vf all[N];
#pragma GCC unroll 7
    for (int i = 0; i < N; ++i) all[i] = scaled<P>(i, u[i]);
    gather<P, R, N>(all, g);
  }
};

// B^T of N points. Row i holds the coefficients of the product of (x - p_j) over the other points, divided by that
// product at p_i and by the scale of row i of G.
template <class P, int N>
struct FromInput;

template <>
struct FromInput<SixPoints, 2> {
  enum { kIn = 2, kOut = 2 };
  EK_INLINE void apply(const vf* d, vf* u) { u[0] = d[0], u[1] = d[1]; }
};
template <>
struct FromInput<SixPoints, 3> : SixPoints {
  enum { kIn = 3, kOut = 3 };
  EK_INLINE void apply(const vf* d, vf* u) {
    u[0] = fnma(set(1 / a), d[1], d[0]);
    u[1] = fnma(set(a), d[1], d[2]);
    u[2] = mul(set(2 * a * (a2 - b2)), d[1]);
  }
};
template <>
struct FromInput<SixPoints, 4> : SixPoints {
  enum { kIn = 4, kOut = 4 };
  EK_INLINE void apply(const vf* d, vf* u) {
    u[0] = fnma(set(1 / a2), d[2], d[0]);
    u[1] = fnma(set(a2), d[1], d[3]);
    const vf even = mul(set(a2 - b2), d[2]), va = set((a2 - b2) * a);
    u[2] = fma(va, d[1], even);
    u[3] = fnma(va, d[1], even);
  }
};
template <>
struct FromInput<SixPoints, 5> : SixPoints {
  enum { kIn = 5, kOut = 5 };
  EK_INLINE void apply(const vf* d, vf* u) {
    u[0] = fma(set(1 / (a2 * b)), d[3], fnma(set(1 / b), d[1], fnma(set(1 / a2), d[2], d[0])));
    u[1] = fma(set(a2 * b), d[1], fnma(set(a2), d[2], fnma(set(b), d[3], d[4])));
    u[2] = mul(set(b + a), fma(set(a - b), d[2], fnma(set(a * b), d[1], d[3])));
    u[3] = mul(set(b - a), fnma(set(a + b), d[2], fma(set(a * b), d[1], d[3])));
    u[4] = mul(set(2 * b), fnma(set(a2), d[1], d[3]));
  }
};
template <>
struct FromInput<SixPoints, 6> : SixPoints {
  enum { kIn = 6, kOut = 6 };
  EK_INLINE void apply(const vf* d, vf* u) {
    const vf va = set(a), vb = set(b), va2 = set(a2), vb2 = set(b2), s = set(a2 + b2);
    u[0] = add(d[0], fnma(s, d[2], d[4]));
    u[1] = add(d[1], fnma(s, d[3], d[5]));
    const vf ea = fnma(vb2, d[2], d[4]), oa = fnma(vb2, d[1], d[3]);
    u[2] = fma(va, oa, ea);
    u[3] = fnma(va, oa, ea);
    const vf eb = fnma(va2, d[2], d[4]), ob = fnma(va2, d[1], d[3]);
    u[4] = fma(vb, ob, eb);
    u[5] = fnma(vb, ob, eb);
  }
};

template <int N>
struct FromInput<SevenPoints, N> : SevenPoints {
  enum { kIn = N, kOut = N, kCount = N / 2 };
  EK_INLINE void apply(const vf* d, vf* u) {
#pragma GCC unroll 3
    for (int q = 0; q < kCount; ++q) {
      const vf even = others(q, d), odd = others(q, d + 1), p = set(pair(q));
      u[2 * q] = fma(p, even, odd), u[2 * q + 1] = fnma(p, even, odd);
    }
    if constexpr (N == 7)
      u[6] = fnma(set(square(0) * square(1) * square(2)), d[0],
                  fma(set(square(0) * square(1) + square(1) * square(2) + square(2) * square(0)), d[2],
                      fnma(set(square(0) + square(1) + square(2)), d[4], d[6])));
    if constexpr (N == 5) u[4] = fma(set(square(0) * square(1)), d[0], fnma(set(square(0) + square(1)), d[2], d[4]));
    if constexpr (N == 3) u[2] = fnma(set(square(0)), d[0], d[2]);
  }
  // The product of (x^2 - p^2) over the tile's other pairs, with coefficients from every second d.
  EK_INLINE vf others(int q, const vf* d) {
    if constexpr (kCount == 3) {
      const double r = square((q + 1) % 3), s = square((q + 2) % 3);
      return fma(set(r * s), d[0], fnma(set(r + s), d[2], d[4]));
    } else if constexpr (kCount == 2) {
      const double lack = square(q) - square(2);
      return fnma(set(lack * square(1 - q)), d[0], mul(set(lack), d[2]));
    } else {
      return mul(set((square(0) - square(1)) * (square(0) - square(2))), d[0]);
    }
  }
};
}  // namespace ek::EK_ISA
