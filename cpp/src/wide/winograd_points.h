// The interpolation points of tiles, and polynomials at them.
#pragma once
#include "simd.h"

namespace ek::EK_ISA {
// Sets of interpolation points, in pairs +-p behind or before 0 and infinity. Row i of G is scaled by 1 / product of
// (p_i - p_j) over all points of the set but infinity; what tiles of fewer points lack of it is in their B^T.

// 0, infinity, +-1/sqrt(2), +-sqrt(2): a tile has the first of them. Three to five times less error than 0, infinity,
// +-1 and +-2 at the same cost.
struct SixPoints {
  enum { kZero = true, kPairs = 2 };
  static constexpr double a = 0.70710678118654752, b = 1.41421356237309505, a2 = 0.5, b2 = 2;
  static constexpr double pair(int q) { return q == 0 ? a : b; }
  static constexpr int first(int q) { return 2 + 2 * q; }  // of a pair
  static constexpr int infinity(int) { return 1; }
  static constexpr int in_set(int i, int) { return i; }  // which of the set is point i of n
  static constexpr double scale(int i) {
    return i < 2 ? 1 : i < 4 ? 1 / (2 * a2 * (a2 - b2)) : 1 / (2 * b2 * (b2 - a2));
  }
};

// +-0.3, +-1.6, +-0.9, infinity: a tile has the first pairs, and infinity where its points are odd in number. Twice the
// error of six; of those tried in steps of 0.1 (0.05 below 0.5) these err least, and a seventh point beside the six ten
// times as much.
struct SevenPoints {
  enum { kZero = false, kPairs = 3, kSide = 7 };
  static constexpr double pair(int q) { return q == 0 ? 0.3 : q == 1 ? 1.6 : 0.9; }
  static constexpr double square(int q) { return pair(q) * pair(q); }
  static constexpr int first(int q) { return 2 * q; }
  static constexpr int infinity(int n) { return n % 2 ? n - 1 : -1; }
  static constexpr int in_set(int i, int n) { return i == infinity(n) ? kSide - 1 : i; }
  static constexpr double scale(int i) {
    if (i == kSide - 1) return 1;
    const int q = i / 2, r = (q + 1) % 3, s = (q + 2) % 3;
    const double all = 2 * pair(q) * (square(q) - square(r)) * (square(q) - square(s));
    return i % 2 ? -1 / all : 1 / all;
  }
};

constexpr double power(double p, int n) { return n == 0 ? 1 : p * power(p, n - 1); }

// The polynomial of K coefficients f at N points of P; at infinity it is its last coefficient.
template <class P, int K, int N>
EK_INLINE void evaluate(const vf* f, vf* u) {
  constexpr int infinity = P::infinity(N);
  if (P::kZero) u[0] = f[0];
  if (infinity >= 0) u[infinity] = f[K - 1];
#pragma GCC unroll 3
  for (int q = 0; q < P::kPairs; ++q) {
    const int i = P::first(q);
    if (i >= N || i == infinity) continue;
    const double p = P::pair(q);
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
template <class P, int K, int N>
EK_INLINE void gather(const vf* u, vf* f) {
  constexpr int infinity = P::infinity(N);
  vf even[P::kPairs], odd[P::kPairs];
#pragma GCC unroll 3
  for (int q = 0; q < P::kPairs; ++q) {
    const int i = P::first(q);
    if (i >= N || i == infinity) continue;
    even[q] = i + 1 < N ? add(u[i], u[i + 1]) : u[i], odd[q] = i + 1 < N ? sub(u[i], u[i + 1]) : u[i];
  }
#pragma GCC unroll 5
  for (int k = 0; k < K; ++k) {
    vf all = zero();
    bool some = false;
    if (P::kZero && k == 0) all = u[0], some = true;
    if (infinity >= 0 && k == K - 1) all = some ? add(all, u[infinity]) : u[infinity], some = true;
#pragma GCC unroll 3
    for (int q = P::kPairs - 1; q >= 0; --q) {
      const int i = P::first(q);
      if (i >= N || i == infinity) continue;
      const vf p = set(power(P::pair(q), k)), of = k % 2 ? odd[q] : even[q];
      if (k == 0)
        all = some ? add(all, of) : of;
      else
        all = some ? fma(p, of, all) : mul(p, of);
      some = true;
    }
    f[k] = all;
  }
}

// By the scale of row i of G. Weights have all points of a set, or the first ones of six.
template <class P>
EK_INLINE vf scaled(int i, vf u) {
  return P::scale(i) == 1 ? u : mul(set(P::scale(i)), u);
}
}  // namespace ek::EK_ISA
