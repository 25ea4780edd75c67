// The transforms of F(m x m, r x r): y = A^T [(G w G^T) (B^T x B)] A for a tile, one-dimensional ones applied along
// columns and then rows. The interpolation points of tiles of 6 x 6, which F(4x4, 3x3) and F(2x2, 5x5) share, are 0,
// +-1/sqrt(2), +-sqrt(2) and infinity: three to five times less error than 0, +-1, +-2 at the same cost.
#pragma once
#include "simd.h"

namespace ek::EK_ISA {
// u = T f, f of T::kIn elements and u of T::kOut, both ways: store(i, j, v) of T load(i, j) T^T.
template <class T, class Load, class Store>
EK_INLINE void both_ways(const Load& load, const Store& store) {
  vf t[T::kOut * T::kIn];
#pragma GCC unroll 6
  for (int j = 0; j < T::kIn; ++j) {
    vf f[T::kIn], u[T::kOut];
#pragma GCC unroll 6
    for (int i = 0; i < T::kIn; ++i) f[i] = load(i, j);
    T::apply(f, u);
#pragma GCC unroll 6
    for (int i = 0; i < T::kOut; ++i) t[i * T::kIn + j] = u[i];
  }
#pragma GCC unroll 6
  for (int i = 0; i < T::kOut; ++i) {
    vf u[T::kOut];
    T::apply(t + i * T::kIn, u);
#pragma GCC unroll 6
    for (int j = 0; j < T::kOut; ++j) store(i, j, u[j]);
  }
}

template <int A>
struct FromInput;  // B^T, for A = M + R - 1 points
template <int M, int R>
struct FromWeight;  // G
template <int M, int R>
struct ToOutput;  // A^T
template <int M, int R>
struct FromOutput;  // A
template <int M, int R>
struct ToWeight;  // G^T

template <>
struct FromInput<4> {
  enum { kIn = 4, kOut = 4 };
  EK_INLINE void apply(const vf* d, vf* u) {
    u[0] = sub(d[0], d[2]);
    u[1] = add(d[1], d[2]);
    u[2] = sub(d[2], d[1]);
    u[3] = sub(d[1], d[3]);
  }
};
template <>
struct FromWeight<2, 3> {
  enum { kIn = 3, kOut = 4 };
  EK_INLINE void apply(const vf* g, vf* u) {
    const vf half = set(0.5f), e = mul(half, add(g[0], g[2]));
    u[0] = g[0];
    u[1] = fma(half, g[1], e);
    u[2] = fnma(half, g[1], e);
    u[3] = g[2];
  }
};
template <>
struct ToOutput<2, 3> {
  enum { kIn = 4, kOut = 2 };
  EK_INLINE void apply(const vf* m, vf* y) {
    y[0] = add(m[0], add(m[1], m[2]));
    y[1] = sub(sub(m[1], m[2]), m[3]);
  }
};
template <>
struct FromOutput<2, 3> {
  enum { kIn = 2, kOut = 4 };
  EK_INLINE void apply(const vf* y, vf* u) {
    u[0] = y[0];
    u[1] = add(y[0], y[1]);
    u[2] = sub(y[0], y[1]);
    u[3] = sub(zero(), y[1]);
  }
};
template <>
struct ToWeight<2, 3> {
  enum { kIn = 4, kOut = 3 };
  EK_INLINE void apply(const vf* u, vf* g) {
    const vf half = set(0.5f), s = mul(half, add(u[1], u[2]));
    g[0] = add(u[0], s);
    g[1] = mul(half, sub(u[1], u[2]));
    g[2] = add(u[3], s);
  }
};

// Points +-a and +-b with a^2 = 1/2 and b^2 = 2, so that a^2 b^2 = 1.
struct Points {
  static constexpr double a = 0.70710678118654752, b = 1.41421356237309505, a2 = 0.5, b2 = 2;
  static constexpr double ga = 1 / (2 * a2 * (a2 - b2)), gb = 1 / (2 * b2 * (b2 - a2));  // rows of G are scaled by them
};

template <>
struct FromInput<6> : Points {
  enum { kIn = 6, kOut = 6 };
  EK_INLINE void apply(const vf* d, vf* u) {
    const vf va = set(a), vb = set(b), va2 = set(a2), vb2 = set(b2), s = set(a2 + b2);
    u[0] = add(d[0], fnma(s, d[2], d[4]));
    const vf ea = fnma(vb2, d[2], d[4]), oa = fnma(vb2, d[1], d[3]);
    u[1] = fma(va, oa, ea);
    u[2] = fnma(va, oa, ea);
    const vf eb = fnma(va2, d[2], d[4]), ob = fnma(va2, d[1], d[3]);
    u[3] = fma(vb, ob, eb);
    u[4] = fnma(vb, ob, eb);
    u[5] = add(d[1], fnma(s, d[3], d[5]));
  }
};
template <>
struct FromWeight<4, 3> : Points {
  enum { kIn = 3, kOut = 6 };
  EK_INLINE void apply(const vf* g, vf* u) {
    u[0] = g[0];
    const vf ea = mul(set(ga), fma(set(a2), g[2], g[0])), oa = mul(set(ga * a), g[1]);
    u[1] = add(ea, oa);
    u[2] = sub(ea, oa);
    const vf eb = mul(set(gb), fma(set(b2), g[2], g[0])), ob = mul(set(gb * b), g[1]);
    u[3] = add(eb, ob);
    u[4] = sub(eb, ob);
    u[5] = g[2];
  }
};
template <>
struct ToOutput<4, 3> : Points {
  enum { kIn = 6, kOut = 4 };
  EK_INLINE void apply(const vf* m, vf* y) {
    const vf sa = add(m[1], m[2]), da = sub(m[1], m[2]), sb = add(m[3], m[4]), db = sub(m[3], m[4]);
    y[0] = add(m[0], add(sa, sb));
    y[1] = fma(set(a), da, mul(set(b), db));
    y[2] = fma(set(a2), sa, mul(set(b2), sb));
    y[3] = fma(set(a2 * a), da, fma(set(b2 * b), db, m[5]));
  }
};
template <>
struct FromOutput<4, 3> : Points {
  enum { kIn = 4, kOut = 6 };
  EK_INLINE void apply(const vf* y, vf* u) {
    u[0] = y[0];
    const vf ea = fma(set(a2), y[2], y[0]), oa = fma(set(a2), y[3], y[1]);
    u[1] = fma(set(a), oa, ea);
    u[2] = fnma(set(a), oa, ea);
    const vf eb = fma(set(b2), y[2], y[0]), ob = fma(set(b2), y[3], y[1]);
    u[3] = fma(set(b), ob, eb);
    u[4] = fnma(set(b), ob, eb);
    u[5] = y[3];
  }
};
template <>
struct ToWeight<4, 3> : Points {
  enum { kIn = 6, kOut = 3 };
  EK_INLINE void apply(const vf* u, vf* g) {
    const vf sa = mul(set(ga), add(u[1], u[2])), sb = mul(set(gb), add(u[3], u[4]));
    g[0] = add(u[0], add(sa, sb));
    g[1] = fma(set(ga * a), sub(u[1], u[2]), mul(set(gb * b), sub(u[3], u[4])));
    g[2] = fma(set(a2), sa, fma(set(b2), sb, u[5]));
  }
};

template <>
struct FromWeight<2, 5> : Points {
  enum { kIn = 5, kOut = 6 };
  EK_INLINE void apply(const vf* g, vf* u) {
    u[0] = g[0];
    const vf ea = mul(set(ga), fma(set(a2 * a2), g[4], fma(set(a2), g[2], g[0])));
    const vf oa = mul(set(ga * a), fma(set(a2), g[3], g[1]));
    u[1] = add(ea, oa);
    u[2] = sub(ea, oa);
    const vf eb = mul(set(gb), fma(set(b2 * b2), g[4], fma(set(b2), g[2], g[0])));
    const vf ob = mul(set(gb * b), fma(set(b2), g[3], g[1]));
    u[3] = add(eb, ob);
    u[4] = sub(eb, ob);
    u[5] = g[4];
  }
};
template <>
struct ToOutput<2, 5> : Points {
  enum { kIn = 6, kOut = 2 };
  EK_INLINE void apply(const vf* m, vf* y) {
    y[0] = add(m[0], add(add(m[1], m[2]), add(m[3], m[4])));
    y[1] = fma(set(a), sub(m[1], m[2]), fma(set(b), sub(m[3], m[4]), m[5]));
  }
};
template <>
struct FromOutput<2, 5> : Points {
  enum { kIn = 2, kOut = 6 };
  EK_INLINE void apply(const vf* y, vf* u) {
    u[0] = y[0];
    u[1] = fma(set(a), y[1], y[0]);
    u[2] = fnma(set(a), y[1], y[0]);
    u[3] = fma(set(b), y[1], y[0]);
    u[4] = fnma(set(b), y[1], y[0]);
    u[5] = y[1];
  }
};
template <>
struct ToWeight<2, 5> : Points {
  enum { kIn = 6, kOut = 5 };
  EK_INLINE void apply(const vf* u, vf* g) {
    const vf sa = mul(set(ga), add(u[1], u[2])), sb = mul(set(gb), add(u[3], u[4]));
    const vf da = mul(set(ga * a), sub(u[1], u[2])), db = mul(set(gb * b), sub(u[3], u[4]));
    g[0] = add(u[0], add(sa, sb));
    g[1] = add(da, db);
    g[2] = fma(set(a2), sa, mul(set(b2), sb));
    g[3] = fma(set(a2), da, mul(set(b2), db));
    g[4] = fma(set(a2 * a2), sa, fma(set(b2 * b2), sb, u[5]));
  }
};
}  // namespace ek::EK_ISA
