// Winograd in one dimension, F(m, k) with m + k = 9 at eight points: 0, infinity, 1/2, -1/2, 1, -1, 2, -2, in this
// order. m outputs y = A^T [(G w) (B^T x)] of a row of k weights cost 8 products for m k; so do the gradients, by the
// transposes.
#pragma once
#include "simd.h"

namespace ek {
constexpr int kRowPoints = 8;

#ifdef EK_BASE
// The points in pairs +-p. G is scaled by 1 / product of (p - q) over the other points q, B^T is not.
struct RowPoints {
  static constexpr double p[] = {0.5, 1, 2}, scale[] = {32.0 / 45, -2.0 / 9, 1.0 / 90};

  // G w for 3, 5 or 7 taps
  static void of_weights(const float* w, int64_t taps, double* u) {
    taps == 3 ? of_weights<3>(w, u) : taps == 5 ? of_weights<5>(w, u) : of_weights<7>(w, u);
  }
  // G^T u
  static void to_weights(const double* u, int64_t taps, float* w) {
    taps == 3 ? to_weights<3>(u, w) : taps == 5 ? to_weights<5>(u, w) : to_weights<7>(u, w);
  }

 private:
  template <int Taps>
  static void of_weights(const float* w, double* u) {
    u[0] = w[0], u[1] = w[Taps - 1];
    for (int i = 0; i < 3; ++i) {
      double even = 0, odd = 0, power = 1;
      for (int j = 0; j < Taps; ++j, power *= p[i]) (j % 2 ? odd : even) += power * w[j];
      u[2 * i + 2] = scale[i] * (even + odd), u[2 * i + 3] = scale[i] * (even - odd);
    }
  }

  template <int Taps>
  static void to_weights(const double* u, float* w) {
    double sum[3], difference[3];
    for (int i = 0; i < 3; ++i) {
      sum[i] = scale[i] * (u[2 * i + 2] + u[2 * i + 3]), difference[i] = scale[i] * (u[2 * i + 2] - u[2 * i + 3]);
    }
    for (int j = 0; j < Taps; ++j) {
      const double* of = j % 2 ? difference : sum;
      w[j] = static_cast<float>(of[0] + of[1] + of[2] + (j == 0 ? u[0] : j == Taps - 1 ? u[1] : 0));
      for (int i = 0; i < 3; ++i) sum[i] *= p[i], difference[i] *= p[i];
    }
  }
};
#endif

namespace EK_ISA {
// B^T, by columns: row p holds the coefficients of the product of (x - q) over the other points q.
alignas(32) constexpr float kInputColumns[kRowPoints][kRowPoints] = {
    {1, 0, 0, 0, 0, 0, 0, 0},
    {0, -1, 2, -2, 1, -1, 0.5f, -0.5f},
    {-5.25f, 0, 4, 4, 1, 1, 0.25f, 0.25f},
    {0, 5.25f, -2.5f, 2.5f, -4.25f, 4.25f, -2.5f, 2.5f},
    {5.25f, 0, -5, -5, -4.25f, -4.25f, -1.25f, -1.25f},
    {0, -5.25f, 0.5f, -0.5f, 1, -1, 2, -2},
    {-1, 0, 1, 1, 1, 1, 1, 1},
    {0, 1, 0, 0, 0, 0, 0, 0}};

// v = B^T x for vectors of x. Of the other points q: (x^2 - q^2)(x^2 - r^2) = x^4 - (q^2 + r^2) x^2 + q^2 r^2.
EK_INLINE void row_of_input(const vf* x, vf* v) {
  v[0] = fma(set(5.25f), sub(x[4], x[2]), sub(x[0], x[6]));
  v[1] = fma(set(5.25f), sub(x[3], x[5]), sub(x[7], x[1]));
#pragma GCC unroll 3
  for (int i = 0; i < 3; ++i) {
    const float p = i == 0 ? 0.5f : static_cast<float>(i);
    const float sum = i == 0 ? 5 : i == 1 ? 4.25f : 1.25f, product = i == 0 ? 4 : i == 1 ? 1 : 0.25f;
    const vf even = fnma(set(sum), x[4], fma(set(product), x[2], x[6]));
    const vf odd = fnma(set(sum), x[3], fma(set(product), x[1], x[5]));
    v[2 * i + 2] = fma(set(p), odd, even), v[2 * i + 3] = fnma(set(p), odd, even);
  }
}

// x = B v.
EK_INLINE void row_to_input(const vf* v, vf* x) {
  x[0] = v[0], x[1] = sub(zero(), v[1]), x[2] = mul(set(-5.25f), v[0]), x[3] = mul(set(5.25f), v[1]);
  x[4] = mul(set(5.25f), v[0]), x[5] = mul(set(-5.25f), v[1]), x[6] = sub(zero(), v[0]), x[7] = v[1];
#pragma GCC unroll 3
  for (int i = 0; i < 3; ++i) {
    const float p = i == 0 ? 0.5f : static_cast<float>(i);
    const float sum = i == 0 ? 5 : i == 1 ? 4.25f : 1.25f, product = i == 0 ? 4 : i == 1 ? 1 : 0.25f;
    const vf even = add(v[2 * i + 2], v[2 * i + 3]), odd = mul(set(p), sub(v[2 * i + 2], v[2 * i + 3]));
    x[2] = fma(set(product), even, x[2]), x[4] = fnma(set(sum), even, x[4]), x[6] = add(x[6], even);
    x[1] = fma(set(product), odd, x[1]), x[3] = fnma(set(sum), odd, x[3]), x[5] = add(x[5], odd);
  }
}

// A^T of m outputs by columns: powers of the points. At infinity there is the last output alone.
alignas(32) constexpr float kOutputPowers[6][kRowPoints] = {{1, 0, 1, 1, 1, 1, 1, 1},
                                                            {0, 0, 0.5f, -0.5f, 1, -1, 2, -2},
                                                            {0, 0, 0.25f, 0.25f, 1, 1, 4, 4},
                                                            {0, 0, 0.125f, -0.125f, 1, -1, 8, -8},
                                                            {0, 0, 0.0625f, 0.0625f, 1, 1, 16, 16},
                                                            {0, 0, 0.03125f, -0.03125f, 1, -1, 32, -32}};

// y = A^T m: M outputs.
template <int M>
EK_INLINE void row_to_output(const vf* m, vf* y) {
  const vf sums[] = {add(m[2], m[3]), add(m[4], m[5]), add(m[6], m[7])};
  const vf differences[] = {sub(m[2], m[3]), sub(m[4], m[5]), sub(m[6], m[7])};
#pragma GCC unroll 6
  for (int k = 0; k < M; ++k) {
    const vf* of = k % 2 ? differences : sums;
    vf rest = of[1];
    if (k == 0) rest = add(rest, m[0]);
    if (k == M - 1) rest = add(rest, m[1]);
    const float two = static_cast<float>(1 << k);
    y[k] = k == 0 ? add(add(of[0], of[2]), rest) : fma(set(1 / two), of[0], fma(set(two), of[2], rest));
  }
}

// m = A y.
template <int M>
EK_INLINE void row_of_output(const vf* y, vf* m) {
  m[0] = y[0], m[1] = y[M - 1];
#pragma GCC unroll 3
  for (int i = 0; i < 3; ++i) {
    const float p = i == 0 ? 0.5f : static_cast<float>(i), p2 = p * p;
    vf even = y[0], odd = y[1];
    if (M > 2) even = fma(set(p2), y[2], even), odd = fma(set(p2), y[3], odd);
    if (M > 4) even = fma(set(p2 * p2), y[4], even), odd = fma(set(p2 * p2), y[5], odd);
    m[2 * i + 2] = fma(set(p), odd, even), m[2 * i + 3] = fnma(set(p), odd, even);
  }
}
}  // namespace EK_ISA
}  // namespace ek
