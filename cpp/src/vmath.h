// exp, expm1, log, log1p, tanh, sigmoid, the normal distribution and sine on vf: within 2 ulp for exp and log, IEEE at
// zero, infinity and NaN. Polynomials are those of Moshier's Cephes library. The scalar build calls libm.
#pragma once
#include "simd.h"

namespace ek::EK_ISA {
#if defined(__AVX2__)
// e^r - 1 where x = k log 2 + r with |r| <= log(2) / 2
EK_INLINE vf reduced_expm1(vf x, vf* k) {
  *k = nearest(mul(x, set(1.44269504088896341f)));
  const vf r = fnma(*k, set(-1.90465430e-9f), fnma(*k, set(0.693147182f), x));
  vf p = set(1.9875691500e-4f);
  p = fma(p, r, set(1.3981999507e-3f));
  p = fma(p, r, set(8.3334519073e-3f));
  p = fma(p, r, set(4.1665795894e-2f));
  p = fma(p, r, set(1.6666665459e-1f));
  p = fma(p, r, set(5.0000001201e-1f));
  return fma(p, mul(r, r), r);
}

#if defined(EK_VF16)
EK_INLINE vf exp(vf x) {
  vf k;
  const vf p = add(reduced_expm1(max(set(-104.0f), min(set(89.0f), x)), &k), set(1.0f));
  return _mm512_scalef_ps(p, k);
}
#else
EK_INLINE vf pow2(vi n) {
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(n, _mm256_set1_epi32(127)), 23));
}

// e^x = 2^k e^r. 2^k in two factors reaches infinity and denormals.
EK_INLINE vf exp(vf x) {
  vf k;
  const vf p = add(reduced_expm1(max(set(-104.0f), min(set(89.0f), x)), &k), set(1.0f));
  const vi n = _mm256_cvtps_epi32(k), half = _mm256_srai_epi32(n, 1);
  return mul(mul(p, pow2(half)), pow2(_mm256_sub_epi32(n, half)));
}

// e^x - 1 where e^x does not overflow, without cancellation: 2^k (e^r - 1) + (2^k - 1)
EK_INLINE vf expm1_inside(vf x) {
  vf k;
  const vf p = reduced_expm1(x, &k), scale = pow2(_mm256_cvtps_epi32(k));
  return fma(scale, p, sub(scale, set(1.0f)));
}
EK_INLINE vf expm1_negative(vf x) { return expm1_inside(max(set(-88.0f), min(zero(), x))); }

// x = 2^e m with sqrt(1/2) <= m < sqrt(2); log x = e log 2 + log(1 + f), f = m - 1.
EK_INLINE vf log(vf x) {
  const vf tiny = lt(x, set(1.17549435e-38f));
  const vi u = _mm256_castps_si256(select(tiny, mul(x, set(33554432.0f)), x));
  vf e = sub(_mm256_cvtepi32_ps(_mm256_srli_epi32(u, 23)), select(tiny, set(151.0f), set(126.0f)));
  const vf m = bit_or(bit_and(_mm256_castsi256_ps(u), bits(0x007FFFFF)), set(0.5f));
  const vf low = lt(m, set(0.707106781186547524f));
  e = sub(e, bit_and(low, set(1.0f)));
  const vf f = sub(add(m, bit_and(low, m)), set(1.0f)), f2 = mul(f, f);
  vf p = set(7.0376836292e-2f);
  p = fma(p, f, set(-1.1514610310e-1f));
  p = fma(p, f, set(1.1676998740e-1f));
  p = fma(p, f, set(-1.2420140846e-1f));
  p = fma(p, f, set(1.4249322787e-1f));
  p = fma(p, f, set(-1.6668057665e-1f));
  p = fma(p, f, set(2.0000714765e-1f));
  p = fma(p, f, set(-2.4999993993e-1f));
  p = fma(p, f, set(3.3333331174e-1f));
  p = fma(e, set(-2.12194440e-4f), mul(mul(p, f), f2));
  const vf y = fma(e, set(0.693359375f), add(f, fnma(f2, set(0.5f), p)));
  const vf special = select(eq(x, zero()), set(-INFINITY), select(lt(x, zero()), set(NAN), x));
  return select(bit_and(gt(x, zero()), lt(x, set(INFINITY))), y, special);
}

// log(1 + x) = log(u) x / (u - 1) with u = 1 + x rounded (Kahan)
EK_INLINE vf log1p(vf x) {
  const vf u = add(set(1.0f), x), d = sub(u, set(1.0f));
  const vf y = select(eq(d, zero()), x, div(mul(log(u), x), d));
  return select(lt(abs(u), set(INFINITY)), select(eq(u, zero()), set(-INFINITY), y), log(u));
}

#endif

#if defined(__AVX512F__)
// For 16 intervals: a, near the middle, such that tanh a is nearly a float; that float, c0; c1 to c5, which make the
// relative error of c0 + c1 s + ... + c5 s^5, s = |x| - a, the smallest.
alignas(64) constexpr float kTanh[7][16] = {
    {2.33349276f, 3.00066781f, 3.66707516f, 4.33490753f, 5.33340073f, 6.66857338f, 8, 9.19999981f, 0, 0.250070333f,
     0.41673407f, 0.583481908f, 0.833438337f, 1.16685641f, 1.50033629f, 1.83376944f},
    {0.981373966f, 0.995061338f, 0.998695135f, 0.999656677f, 0.999953389f, 0.999996781f, 0.999999762f, 1, 0,
     0.244984776f, 0.3941755f, 0.525191545f, 0.682317913f, 0.823261797f, 0.905209005f, 0.950193524f},
    {0.0369051434f, 0.00985295419f, 0.0026080336f, 0.000686529849f, 9.32352777e-05f, 6.4537021e-06f, 4.5014059e-07f,
     1.95078383e-06f, 1, 0.939982474f, 0.844625711f, 0.724173844f, 0.534442306f, 0.322239965f, 0.180596635f,
     0.0971322581f},
    {-0.0362137556f, -0.00980228186f, -0.00260402611f, -0.000686129788f, -9.28458539e-05f, -6.56263774e-06f,
     -2.08310794e-07f, 2.85950773e-05f, 1.8498223e-06f, -0.230279967f, -0.332929403f, -0.380329311f, -0.364662558f,
     -0.265293717f, -0.163480088f, -0.0922947973f},
    {0.023241438f, 0.00647020014f, 0.00173144566f, 0.000457069458f, 6.18748454e-05f, 4.29125657e-06f, 2.99510191e-07f,
     0.000150335065f, -0.333415002f, -0.256919891f, -0.150314271f, -0.0416483767f, 0.0706579909f, 0.110994898f,
     0.08778698f, 0.0553214699f},
    {-0.0108526526f, -0.00322933355f, -0.000878760125f, -0.000233001352f, -3.37162564e-05f, -2.04119215e-06f,
     -7.03111596e-07f, 0.000322037988f, 0.00120528473f, 0.139033079f, 0.169599876f, 0.148332328f, 0.0736930966f,
     -0.00226299837f, -0.0246938076f, -0.021760365f},
    {0.00360707077f, 0.00123806065f, 0.000347808964f, 9.32009061e-05f, 1.3469944e-05f, 9.26175403e-07f, 6.39352251e-08f,
     0.00024152793f, 0.127177268f, 0.073142305f, 0.00258551305f, -0.0474843495f, -0.061052233f, -0.0277244728f,
     -0.00289338455f, 0.00435243174f}};

// Within 1.2 ulp, and 1 from 9.2 on. The last bit of the exponent and two more of u = 3/4 |x| + 1/2 are the interval.
EK_INLINE __m512 tanh(__m512 x) {
  const __m512 sign = _mm512_set1_ps(-0.0f), a = _mm512_min_ps(_mm512_set1_ps(9.2f), _mm512_andnot_ps(sign, x));
  const __m512 u = _mm512_fmadd_ps(a, _mm512_set1_ps(0.75f), _mm512_set1_ps(0.5f));
  const __m512i i = _mm512_srli_epi32(_mm512_castps_si512(u), 21);
  const auto of = [i](int k) { return _mm512_permutexvar_ps(i, _mm512_load_ps(kTanh[k])); };
  const __m512 s = _mm512_sub_ps(a, of(0));
  __m512 p = of(6);
#pragma GCC unroll 5
  for (int k = 5; k > 0; --k) p = _mm512_fmadd_ps(p, s, of(k));
  return _mm512_or_ps(p, _mm512_and_ps(sign, x));
}
#if !defined(EK_VF16)
EK_INLINE vf tanh(vf x) { return _mm512_castps512_ps256(tanh(_mm512_castps256_ps512(x))); }
EK_INLINE void tanh(vf* a, vf* b) {
  const __m512 y = tanh(_mm512_insertf32x8(_mm512_castps256_ps512(*a), *b, 1));
  *a = _mm512_castps512_ps256(y), *b = _mm512_extractf32x8_ps(y, 1);
}
#endif
#else
// t / (t + 1) with t = (e^2|x| - 1) / 2, and the sign of x; 1 from 9.02 on. As reduced_expm1 for |x| = k log(2) / 2 +
// r; at this size of k one constant will do, and rounded by adding `round`, k is an exponent as it stands.
EK_INLINE vf tanh(vf x) {
  const vf a = min(set(9.02f), abs(x)), round = set(12582912.0f + 127), n = fma(a, set(2.88539008177792681f), round);
  const vf r = fnma(sub(n, round), set(0.346573590f), a);
  const vf scale = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(n), 23));
  vf p = set(1.2720442560e-02f);
  p = fma(p, r, set(4.4742398422e-02f));
  p = fma(p, r, set(1.3333523052e-01f));
  p = fma(p, r, set(3.3332636715e-01f));
  p = fma(p, r, set(6.6666661836e-01f));
  p = fma(p, r, set(1.0000000240e+00f));
  const vf t = fma(scale, fma(p, mul(r, r), r), fma(scale, set(0.5f), set(-0.5f)));
  return bit_or(div(t, add(t, set(1.0f))), bit_and(x, set(-0.0f)));
}
#endif
#else
EK_INLINE vf exp(vf x) { return ::expf(x); }
EK_INLINE vf expm1_negative(vf x) { return ::expm1f(min(zero(), x)); }
EK_INLINE vf log(vf x) { return ::logf(x); }
EK_INLINE vf log1p(vf x) { return ::log1pf(x); }
EK_INLINE vf tanh(vf x) { return ::tanhf(x); }
#endif
#if !defined(__AVX512F__) || defined(EK_VF16)
EK_INLINE void tanh(vf* a, vf* b) { *a = tanh(*a), *b = tanh(*b); }
#endif

EK_INLINE vf sigmoid(vf x) { return div(set(1.0f), add(set(1.0f), exp(sub(zero(), x)))); }

#if !defined(EK_VF16)
// Phi(x), the share of N(0, 1) below x, and *density = e^(-x^2/2) / sqrt(2 pi). The tail is Phi(-a) = e^(-a^2/2) t p(t)
// with t = 1 / (1 + 0.3 a) and a least-squares polynomial p, within 4e-9 for 0 <= a <= 14.5, where floats end.
EK_INLINE vf normal_cdf(vf x, vf* density) {
  const vf a = abs(x), t = div(set(1.0f), fma(set(0.3f), a, set(1.0f))), e = exp(mul(mul(a, a), set(-0.5f)));
  vf p = set(-2.062306670e-2f);
  p = fma(p, t, set(1.124335356e-1f));
  p = fma(p, t, set(-2.282089172e-1f));
  p = fma(p, t, set(1.917784857e-1f));
  p = fma(p, t, set(-7.941855590e-2f));
  p = fma(p, t, set(9.615419696e-2f));
  p = fma(p, t, set(7.839056926e-2f));
  p = fma(p, t, set(1.102352231e-1f));
  p = fma(p, t, set(1.195718390e-1f));
  p = fma(p, t, set(1.196866885e-1f));
  *density = mul(e, set(0.398942280401432678f));
  const vf tail = mul(e, mul(t, p));
  return select(lt(x, zero()), tail, sub(set(1.0f), tail));
}

// Sine and cosine of 2 pi u for 0 <= u <= 1: u = q/4 + r, |r| <= 1/8.
EK_INLINE void sincos_turns(vf u, vf* sine, vf* cosine) {
  const vf q = nearest(mul(u, set(4.0f)));
  const vf t = mul(sub(u, mul(q, set(0.25f))), set(6.28318530717958648f)), t2 = mul(t, t);
  vf s = fma(set(-1.9515295891e-4f), t2, set(8.3321608736e-3f));
  s = fma(mul(fma(s, t2, set(-1.6666654611e-1f)), t2), t, t);
  vf c = fma(set(2.443315711809948e-5f), t2, set(-1.388731625493765e-3f));
  c = fma(c, t2, set(4.166664568298827e-2f));
  c = fma(mul(c, t2), t2, fnma(t2, set(0.5f), set(1.0f)));
  const vf q1 = eq(q, set(1.0f)), q2 = eq(q, set(2.0f)), q3 = eq(q, set(3.0f)), odd = bit_or(q1, q3);
  *sine = bit_xor(select(odd, c, s), bit_and(bit_or(q2, q3), set(-0.0f)));
  *cosine = bit_xor(select(odd, s, c), bit_and(bit_or(q1, q2), set(-0.0f)));
}
#endif
}  // namespace ek::EK_ISA
