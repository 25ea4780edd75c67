// Philox 4x32-10 (Salmon et al., SC 2011): block b of four numbers is a function of seed and offset + b alone, so
// any chunk can be drawn by any thread.
#include "elementwise.h"
#include "error.h"
#include "isa.h"
#include "vmath.h"

EK_KERNEL(void, uniform, (uint64_t seed, uint64_t offset, float low, float high, float* y, int64_t n))
EK_KERNEL(void, normal, (uint64_t seed, uint64_t offset, float mean, float std, float* y, int64_t n))
EK_KERNEL(void, dropout, (uint64_t seed, uint64_t offset, double p, const float* x, float* y, int64_t n))

namespace ek::EK_ISA {
#if defined(__AVX2__)
// Low and high halves of the counters first .. first + 7: the high half grows where the low one wraps around.
EK_INLINE void counters(uint64_t first, vi* low, vi* high) {
  const vi start = _mm256_set1_epi32((int)(uint32_t)first), sign = _mm256_set1_epi32(INT32_MIN);
  *low = _mm256_add_epi32(start, _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  const vi wrapped = _mm256_cmpgt_epi32(_mm256_xor_si256(start, sign), _mm256_xor_si256(*low, sign));
  *high = _mm256_sub_epi32(_mm256_set1_epi32((int)(uint32_t)(first >> 32)), wrapped);
}
EK_INLINE void multiply(vi a, uint32_t m, vi* low, vi* high) {
  const vi k = _mm256_set1_epi32((int)m);
  const vi even = _mm256_mul_epu32(a, k), odd = _mm256_mul_epu32(_mm256_srli_epi64(a, 32), k);
  *low = _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xAA);
  *high = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA);
}
EK_INLINE vi xor3(vi a, vi b, uint32_t k) {
  return _mm256_xor_si256(_mm256_xor_si256(a, b), _mm256_set1_epi32((int)k));
}
EK_INLINE vf high24(vi a) { return _mm256_cvtepi32_ps(_mm256_srli_epi32(a, 8)); }
// From lanes that are blocks to the order of the elements.
EK_INLINE void interleave(vf* u) {
  const __m256d a = _mm256_castps_pd(_mm256_unpacklo_ps(u[0], u[1])),
                b = _mm256_castps_pd(_mm256_unpackhi_ps(u[0], u[1])),
                c = _mm256_castps_pd(_mm256_unpacklo_ps(u[2], u[3])),
                d = _mm256_castps_pd(_mm256_unpackhi_ps(u[2], u[3]));
  const vf r0 = _mm256_castpd_ps(_mm256_unpacklo_pd(a, c)), r1 = _mm256_castpd_ps(_mm256_unpackhi_pd(a, c)),
           r2 = _mm256_castpd_ps(_mm256_unpacklo_pd(b, d)), r3 = _mm256_castpd_ps(_mm256_unpackhi_pd(b, d));
  u[0] = _mm256_permute2f128_ps(r0, r1, 0x20);
  u[1] = _mm256_permute2f128_ps(r2, r3, 0x20);
  u[2] = _mm256_permute2f128_ps(r0, r1, 0x31);
  u[3] = _mm256_permute2f128_ps(r2, r3, 0x31);
}
#else
EK_INLINE void counters(uint64_t first, vi* low, vi* high) {
  *low = (vi)(uint32_t)first;
  *high = (vi)(uint32_t)(first >> 32);
}
EK_INLINE void multiply(vi a, uint32_t m, vi* low, vi* high) {
  const uint64_t product = (uint64_t)(uint32_t)a * m;
  *low = (vi)(uint32_t)product;
  *high = (vi)(uint32_t)(product >> 32);
}
EK_INLINE vi xor3(vi a, vi b, uint32_t k) { return (vi)((uint32_t)a ^ (uint32_t)b ^ k); }
EK_INLINE vf high24(vi a) { return (float)((uint32_t)a >> 8); }
EK_INLINE void interleave(vf*) {}
#endif

enum { kGroup = 4 * VF };  // elements of VF blocks

// Word w of the VF blocks that start at `counter`, as u[w] uniform on multiples of 2^-24 in [0, 1).
EK_INLINE void philox(uint64_t seed, uint64_t counter, vf* u) {
  vi c0, c1, c2 = vi{}, c3 = vi{};
  counters(counter, &c0, &c1);
  uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
#pragma GCC unroll 10
  for (int round = 0; round < 10; ++round) {
    vi low0, high0, low1, high1;
    multiply(c0, 0xD2511F53u, &low0, &high0);
    multiply(c2, 0xCD9E8D57u, &low1, &high1);
    c0 = xor3(high1, c1, k0);
    c1 = low1;
    c2 = xor3(high0, c3, k1);
    c3 = low0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  const vf unit = set(5.9604644775390625e-8f);
  u[0] = mul(high24(c0), unit);
  u[1] = mul(high24(c1), unit);
  u[2] = mul(high24(c2), unit);
  u[3] = mul(high24(c3), unit);
}

// group(counter, x, y) makes y[0..kGroup) from the VF blocks at `counter` and x[0..kGroup).
template <class F>
EK_INLINE void draw(uint64_t offset, const float* x, float* y, int64_t n, const F& group) {
  parallel(n, even_grain(n), [=](int64_t begin, int64_t end) EK_FLAT {
    int64_t i = begin;
    for (; i + kGroup <= end; i += kGroup) group(offset + (uint64_t)i / 4, x + i, y + i);
    if (i < end) {
      float tail[kGroup] = {0};
      memcpy(tail, x + i, (size_t)(end - i) * sizeof(float));
      group(offset + (uint64_t)i / 4, tail, tail);
      memcpy(y + i, tail, (size_t)(end - i) * sizeof(float));
    }
  });
}

// y = low + u (high - low), kept below high where that rounds up
void uniform(uint64_t seed, uint64_t offset, float low, float high, float* y, int64_t n) {
  const float below = ::nextafterf(high, low), range = high - low;
  draw(offset, y, y, n, [=](uint64_t counter, const float*, float* y) {
    vf u[4];
    philox(seed, counter, u);
    interleave(u);
    for (int w = 0; w < 4; ++w) store(y + w * VF, min(add(mul(u[w], set(range)), set(low)), set(below)));
  });
}

// Box-Muller: sqrt(-2 log u) (cos, sin)(2 pi v) with u in (0, 1]
void normal(uint64_t seed, uint64_t offset, float mean, float std, float* y, int64_t n) {
  draw(offset, y, y, n, [=](uint64_t counter, const float*, float* y) {
    vf u[4];
    philox(seed, counter, u);
    for (int w = 0; w < 4; w += 2) {
      vf sine, cosine;
      sincos_turns(u[w + 1], &sine, &cosine);
      const vf r = mul(sqrt(mul(set(-2), log(add(u[w], set(5.9604644775390625e-8f))))), set(std));
      u[w] = fma(r, cosine, set(mean));
      u[w + 1] = fma(r, sine, set(mean));
    }
    interleave(u);
    for (int w = 0; w < 4; ++w) store(y + w * VF, u[w]);
  });
}

// y = u >= p ? x / (1 - p) : 0
void dropout(uint64_t seed, uint64_t offset, double p, const float* x, float* y, int64_t n) {
  const float scale = static_cast<float>(1 / (1 - p)), least = static_cast<float>(p);
  draw(offset, x, y, n, [=](uint64_t counter, const float* x, float* y) {
    vf u[4];
    philox(seed, counter, u);
    interleave(u);
    for (int w = 0; w < 4; ++w) store(y + w * VF, bit_and(ge(u[w], set(least)), mul(load(x + w * VF), set(scale))));
  });
}
}  // namespace ek::EK_ISA

#ifdef EK_BASE
extern "C" {
int ek_uniform(uint64_t seed, uint64_t offset, float low, float high, float* y, int64_t n) {
  return ek::guarded([&] { EK_CALL(uniform, seed, offset, low, high, y, n); });
}
int ek_normal(uint64_t seed, uint64_t offset, float mean, float std, float* y, int64_t n) {
  return ek::guarded([&] { EK_CALL(normal, seed, offset, mean, std, y, n); });
}
int ek_dropout(uint64_t seed, uint64_t offset, double p, const float* x, float* y, int64_t n) {
  return ek::guarded([&] { EK_CALL(dropout, seed, offset, p, x, y, n); });
}
}
#endif
