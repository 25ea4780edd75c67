// The transforms of F(m x m, r x r): y = A^T [(G w G^T) (B^T x B)] A for a tile, one-dimensional ones applied along
// columns and then rows. The interpolation points are 0, infinity, 1/sqrt(2), -1/sqrt(2), sqrt(2), -sqrt(2), in this
// order, and a side of m outputs has the first m + r - 1 of them: tiles of all sizes have their transformed weights in
// common. Of six points they have three to five times less error than 0, +-1, +-2 and infinity, at the same cost.
#pragma once
#include "simd.h"

namespace ek::EK_ISA {
// store(i, j, v) of Down load(i, j) Across^T; a transform T makes T::kOut vectors of T::kIn.
template <class Down, class Across, class Load, class Store>
EK_INLINE void both_ways(const Load& load, const Store& store) {
  vf t[Down::kOut * Across::kIn];
#pragma GCC unroll 6
  for (int j = 0; j < Across::kIn; ++j) {
    vf f[Down::kIn], u[Down::kOut];
#pragma GCC unroll 6
    for (int i = 0; i < Down::kIn; ++i) f[i] = load(i, j);
    Down::apply(f, u);
#pragma GCC unroll 6
    for (int i = 0; i < Down::kOut; ++i) t[i * Across::kIn + j] = u[i];
  }
#pragma GCC unroll 6
  for (int i = 0; i < Down::kOut; ++i) {
    vf u[Across::kOut];
    Across::apply(t + i * Across::kIn, u);
#pragma GCC unroll 6
    for (int j = 0; j < Across::kOut; ++j) store(i, j, u[j]);
  }
}

// The points are +-a and +-b with a^2 = 1/2 and b^2 = 2. Row i of G is scaled by 1 / product of (p_i - p_j) over the
// six points; what tiles of fewer points lack of it is in their B^T.
struct Points {
  static constexpr double a = 0.70710678118654752, b = 1.41421356237309505, a2 = 0.5, b2 = 2;
  static constexpr double ga = 1 / (2 * a2 * (a2 - b2)), gb = 1 / (2 * b2 * (b2 - a2));
  static constexpr double power(double p, int n) { return n == 0 ? 1 : p * power(p, n - 1); }
};

// The polynomial of K coefficients f at the first N points; at infinity it is its last coefficient.
template <int K, int N>
EK_INLINE void evaluate(const vf* f, vf* u) {
  u[0] = f[0], u[1] = f[K - 1];
#pragma GCC unroll 2
  for (int i = 2; i < N; i += 2) {
    const double p = i == 2 ? Points::a : Points::b;
    vf even = f[0], odd = zero();
    if (K > 1) odd = f[1];
    if (K > 2) even = fma(set(p * p), f[2], even);
    if (K > 3) odd = fma(set(p * p), f[3], odd);
    if (K > 4) even = fma(set(p * p * p * p), f[4], even);
    u[i] = K > 1 ? fma(set(p), odd, even) : even;
    if (i + 1 < N) u[i + 1] = K > 1 ? fnma(set(p), odd, even) : even;
  }
}

// The transpose of that: f of u.
template <int K, int N>
EK_INLINE void gather(const vf* u, vf* f) {
  vf even_a = zero(), odd_a = zero(), even_b = zero(), odd_b = zero();
  if (N > 2) even_a = N > 3 ? add(u[2], u[3]) : u[2], odd_a = N > 3 ? sub(u[2], u[3]) : u[2];
  if (N > 4) even_b = N > 5 ? add(u[4], u[5]) : u[4], odd_b = N > 5 ? sub(u[4], u[5]) : u[4];
#pragma GCC unroll 5
  for (int k = 0; k < K; ++k) {
    const vf of_a = k % 2 ? odd_a : even_a, of_b = k % 2 ? odd_b : even_b;
    vf rest = k == 0 ? u[0] : u[1];
    if (K == 1) rest = add(u[0], u[1]);
    const bool has_rest = k == 0 || k == K - 1;
    const vf pa = set(Points::power(Points::a, k)), pb = set(Points::power(Points::b, k));
    if (k == 0)
      f[k] = add(rest, N > 4 ? add(of_a, of_b) : of_a);
    else if (N > 4)
      f[k] = fma(pa, of_a, has_rest ? fma(pb, of_b, rest) : mul(pb, of_b));
    else
      f[k] = has_rest ? fma(pa, of_a, rest) : mul(pa, of_a);
  }
}

template <int M, int R>
struct FromOutput {  // A
  enum { kIn = M, kOut = M + R - 1 };
  EK_INLINE void apply(const vf* y, vf* u) { evaluate<M, kOut>(y, u); }
};
template <int M, int R>
struct ToOutput {  // A^T
  enum { kIn = M + R - 1, kOut = M };
  EK_INLINE void apply(const vf* m, vf* y) { gather<M, kIn>(m, y); }
};
template <int R, int N>
struct FromWeight {  // G
  enum { kIn = R, kOut = N };
  EK_INLINE void apply(const vf* g, vf* u) {
    evaluate<R, N>(g, u);
#pragma GCC unroll 4
    for (int i = 2; i < N; ++i) u[i] = mul(set(i < 4 ? Points::ga : Points::gb), u[i]);
  }
};
template <int R, int N>
struct ToWeight {  // G^T
  enum { kIn = N, kOut = R };
  EK_INLINE void apply(const vf* u, vf* g) {
    vf scaled[N];
#pragma GCC unroll 6
    for (int i = 0; i < N; ++i) scaled[i] = i < 2 ? u[i] : mul(set(i < 4 ? Points::ga : Points::gb), u[i]);
    gather<R, N>(scaled, g);
  }
};

// B^T of N points. Row i holds the coefficients of the product of (x - p_j) over the other points, divided by that
// product at p_i and by the scale of row i of G.
template <int N>
struct FromInput;

template <>
struct FromInput<2> {
  enum { kIn = 2, kOut = 2 };
  EK_INLINE void apply(const vf* d, vf* u) { u[0] = d[0], u[1] = d[1]; }
};
template <>
struct FromInput<3> : Points {
  enum { kIn = 3, kOut = 3 };
  EK_INLINE void apply(const vf* d, vf* u) {
    u[0] = fnma(set(1 / a), d[1], d[0]);
    u[1] = fnma(set(a), d[1], d[2]);
    u[2] = mul(set(2 * a * (a2 - b2)), d[1]);
  }
};
template <>
struct FromInput<4> : Points {
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
struct FromInput<5> : Points {
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
struct FromInput<6> : Points {
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
}  // namespace ek::EK_ISA
