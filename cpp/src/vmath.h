// exp, expm1, log, log1p, tanh, sigmoid, the normal distribution and sine on vf: within 2 ulp for exp and log, IEEE at
// zero, infinity and NaN. Polynomials are those of Moshier's Cephes library. The scalar build calls libm.
#pragma once
#include "simd.h"

namespace ek::EK_ISA {
#if defined(__AVX2__)
EK_INLINE vf pow2(vi n) {
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(n, _mm256_set1_epi32(127)), 23));
}

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
#else
EK_INLINE vf exp(vf x) { return ::expf(x); }
EK_INLINE vf expm1_negative(vf x) { return ::expm1f(min(zero(), x)); }
EK_INLINE vf log(vf x) { return ::logf(x); }
EK_INLINE vf log1p(vf x) { return ::log1pf(x); }
EK_INLINE vf tanh(vf x) { return ::tanhf(x); }
#endif

EK_INLINE vf sigmoid(vf x) { return div(set(1.0f), add(set(1.0f), exp(sub(zero(), x)))); }

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
}  // namespace ek::EK_ISA
