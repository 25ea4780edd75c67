// vf: a vector of floats, sixteen wide with AVX-512, eight with AVX2 and one in the scalar build, with the same names.
// Masks are vf too (all bits or none). Included by kernels only, inside a build for one ISA. With EK_NARROW a vector
// has eight with AVX-512 too, of whose instructions some are worth it where 16 are too wide.
#pragma once
#include <math.h>
#include <stdint.h>
#include <string.h>
#if defined(__AVX2__)
#include <immintrin.h>
#endif

#define EK_INLINE static inline __attribute__((always_inline))
#if defined(__AVX512F__) && !defined(EK_NARROW)
#define EK_VF16
#endif

namespace ek::EK_ISA {
#if defined(EK_VF16)  // what kernels compiled for it use
typedef __m512 vf;
typedef __mmask16 vm;
enum { VF = 16 };  // floats in a vf

EK_INLINE vf load(const float* p) { return _mm512_loadu_ps(p); }
EK_INLINE void store(float* p, vf x) { _mm512_storeu_ps(p, x); }
EK_INLINE void stream(float* p, vf x) { _mm512_stream_ps(p, x); }
EK_INLINE void end_stream() { _mm_sfence(); }
EK_INLINE vf set(float x) { return _mm512_set1_ps(x); }
EK_INLINE vf zero() { return _mm512_setzero_ps(); }
EK_INLINE vf broadcast(const float* p) { return _mm512_set1_ps(*p); }
EK_INLINE vf add(vf a, vf b) { return _mm512_add_ps(a, b); }
EK_INLINE vf sub(vf a, vf b) { return _mm512_sub_ps(a, b); }
EK_INLINE vf mul(vf a, vf b) { return _mm512_mul_ps(a, b); }
EK_INLINE vf div(vf a, vf b) { return _mm512_div_ps(a, b); }
EK_INLINE vf fma(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }
EK_INLINE vf fnma(vf a, vf b, vf c) { return _mm512_fnmadd_ps(a, b, c); }
EK_INLINE vf max(vf a, vf b) { return _mm512_max_ps(a, b); }
EK_INLINE vf min(vf a, vf b) { return _mm512_min_ps(a, b); }
EK_INLINE vf nearest(vf a) { return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
EK_INLINE vf bit_and(vf a, vf b) { return _mm512_and_ps(a, b); }
EK_INLINE vm eq(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ); }
EK_INLINE vm ne(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_NEQ_UQ); }
EK_INLINE vm le(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_LE_OQ); }
EK_INLINE vm gt(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ); }
EK_INLINE vm either(vm a, vm b) { return a | b; }
EK_INLINE vf select(vm mask, vf a, vf b) { return _mm512_mask_blend_ps(mask, b, a); }
EK_INLINE vf keep(vm mask, vf a) { return _mm512_maskz_mov_ps(mask, a); }
EK_INLINE bool any(vm mask) { return mask != 0; }
EK_INLINE float sum(vf a) { return _mm512_reduce_add_ps(a); }
EK_INLINE __mmask16 lanes(int64_t n) { return (__mmask16)((1u << n) - 1); }  // the first n <= VF
EK_INLINE vf part(int64_t n) { return _mm512_castsi512_ps(_mm512_movm_epi32(lanes(n))); }
EK_INLINE vf load_part(const float* p, int64_t n) { return _mm512_maskz_loadu_ps(lanes(n), p); }
EK_INLINE void store_part(float* p, vf x, int64_t n) { _mm512_mask_storeu_ps(p, lanes(n), x); }
EK_INLINE vf load(const int32_t* p) { return _mm512_cvtepi32_ps(_mm512_loadu_si512(p)); }
EK_INLINE vf load_part(const int32_t* p, int64_t n) {
  return _mm512_cvtepi32_ps(_mm512_maskz_loadu_epi32(lanes(n), p));
}
EK_INLINE vf load(const uint8_t* p) {
  return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i*)p)));
}
EK_INLINE vf load_part(const uint8_t* p, int64_t n) {
  return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(lanes(n), p)));
}
#elif defined(__AVX2__)
typedef __m256 vf;
typedef vf vm;  // a mask: all bits of a lane or none
typedef __m256i vi;
enum { VF = 8 };  // floats in a vf

EK_INLINE vf load(const float* p) { return _mm256_loadu_ps(p); }
EK_INLINE void store(float* p, vf x) { _mm256_storeu_ps(p, x); }
// To an aligned place in memory past the caches; others see it after end_stream.
EK_INLINE void stream(float* p, vf x) { _mm256_stream_ps(p, x); }
EK_INLINE void end_stream() { _mm_sfence(); }
EK_INLINE vf set(float x) { return _mm256_set1_ps(x); }
EK_INLINE vf zero() { return _mm256_setzero_ps(); }
EK_INLINE vf broadcast(const float* p) { return _mm256_broadcast_ss(p); }
EK_INLINE vf add(vf a, vf b) { return _mm256_add_ps(a, b); }
EK_INLINE vf sub(vf a, vf b) { return _mm256_sub_ps(a, b); }
EK_INLINE vf mul(vf a, vf b) { return _mm256_mul_ps(a, b); }
EK_INLINE vf div(vf a, vf b) { return _mm256_div_ps(a, b); }
EK_INLINE vf fma(vf a, vf b, vf c) { return _mm256_fmadd_ps(a, b, c); }    // a b + c
EK_INLINE vf fnma(vf a, vf b, vf c) { return _mm256_fnmadd_ps(a, b, c); }  // c - a b
EK_INLINE vf max(vf a, vf b) { return _mm256_max_ps(a, b); }               // b where either is NaN
EK_INLINE vf min(vf a, vf b) { return _mm256_min_ps(a, b); }
EK_INLINE vf sqrt(vf a) { return _mm256_sqrt_ps(a); }
EK_INLINE vf abs(vf a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }
EK_INLINE vf bit_and(vf a, vf b) { return _mm256_and_ps(a, b); }
EK_INLINE vf bit_or(vf a, vf b) { return _mm256_or_ps(a, b); }
EK_INLINE vf bit_xor(vf a, vf b) { return _mm256_xor_ps(a, b); }
EK_INLINE vf eq(vf a, vf b) { return _mm256_cmp_ps(a, b, _CMP_EQ_OQ); }
EK_INLINE vf ne(vf a, vf b) { return _mm256_cmp_ps(a, b, _CMP_NEQ_UQ); }
EK_INLINE vf lt(vf a, vf b) { return _mm256_cmp_ps(a, b, _CMP_LT_OQ); }
EK_INLINE vf le(vf a, vf b) { return _mm256_cmp_ps(a, b, _CMP_LE_OQ); }
EK_INLINE vf gt(vf a, vf b) { return _mm256_cmp_ps(a, b, _CMP_GT_OQ); }
EK_INLINE vf ge(vf a, vf b) { return _mm256_cmp_ps(a, b, _CMP_GE_OQ); }
// mask ? a : b
EK_INLINE vf select(vf mask, vf a, vf b) { return _mm256_blendv_ps(b, a, mask); }
EK_INLINE vf keep(vf mask, vf a) { return bit_and(mask, a); }  // 0 elsewhere
EK_INLINE vf either(vf a, vf b) { return bit_or(a, b); }
EK_INLINE bool any(vf mask) { return _mm256_movemask_ps(mask) != 0; }
// Sum of the lanes, in a fixed order.
EK_INLINE float sum(vf a) {
  const __m128 s = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
  const __m128 t = _mm_add_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_add_ss(t, _mm_shuffle_ps(t, t, 1)));
}
// The first n lanes of memory (the others are zero), to memory, and as a mask; n < VF.
EK_INLINE vf part(int64_t n) {
  const vi lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_castsi256_ps(_mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), lane));
}
EK_INLINE vf load_part(const float* p, int64_t n) { return _mm256_maskload_ps(p, _mm256_castps_si256(part(n))); }
EK_INLINE void store_part(float* p, vf x, int64_t n) {  // measured faster than a masked store on Zen 4
  __m128 four = _mm256_castps256_ps128(x);
  if (n & 4) _mm_storeu_ps(p, four), four = _mm256_extractf128_ps(x, 1), p += 4;
  if (n & 2) _mm_storel_pi((__m64*)p, four), four = _mm_movehl_ps(four, four), p += 2;
  if (n & 1) _mm_store_ss(p, four);
}
EK_INLINE vf nearest(vf a) { return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
// The bit pattern of an integer in every lane.
EK_INLINE vf bits(int32_t i) { return _mm256_castsi256_ps(_mm256_set1_epi32(i)); }
// Bytes and integers as floats.
EK_INLINE vf load(const int32_t* p) { return _mm256_cvtepi32_ps(_mm256_loadu_si256((const __m256i*)p)); }
EK_INLINE vf load_part(const int32_t* p, int64_t n) {
  return _mm256_cvtepi32_ps(_mm256_maskload_epi32(p, _mm256_castps_si256(part(n))));
}
EK_INLINE vf load(const uint8_t* p) {
  return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i*)p)));
}
EK_INLINE vf load_part(const uint8_t* p, int64_t n) {
  uint64_t q = 0;
  if (n & 1) q = p[n - 1];
  if (n & 2) q = q << 16 | uint64_t{p[(n & 4) + 1]} << 8 | p[n & 4];
  if (n & 4) q = q << 32 | uint64_t{p[3]} << 24 | uint64_t{p[2]} << 16 | uint64_t{p[1]} << 8 | p[0];
  return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_cvtsi64_si128((int64_t)q)));
}
#else
typedef float vf;
typedef vf vm;
typedef int32_t vi;
enum { VF = 1 };

EK_INLINE float from_bits(uint32_t u) {
  float f;
  memcpy(&f, &u, sizeof f);
  return f;
}
EK_INLINE uint32_t to_bits(float f) {
  uint32_t u;
  memcpy(&u, &f, sizeof u);
  return u;
}
EK_INLINE vf load(const float* p) { return *p; }
EK_INLINE void store(float* p, vf x) { *p = x; }
EK_INLINE void stream(float* p, vf x) { *p = x; }
EK_INLINE void end_stream() {}
EK_INLINE vf set(float x) { return x; }
EK_INLINE vf zero() { return 0; }
EK_INLINE vf broadcast(const float* p) { return *p; }
EK_INLINE vf add(vf a, vf b) { return a + b; }
EK_INLINE vf sub(vf a, vf b) { return a - b; }
EK_INLINE vf mul(vf a, vf b) { return a * b; }
EK_INLINE vf div(vf a, vf b) { return a / b; }
EK_INLINE vf fma(vf a, vf b, vf c) { return a * b + c; }
EK_INLINE vf fnma(vf a, vf b, vf c) { return c - a * b; }
EK_INLINE vf max(vf a, vf b) { return a > b ? a : b; }
EK_INLINE vf min(vf a, vf b) { return a < b ? a : b; }
EK_INLINE vf sqrt(vf a) { return ::sqrtf(a); }
EK_INLINE vf abs(vf a) { return ::fabsf(a); }
EK_INLINE vf bit_and(vf a, vf b) { return from_bits(to_bits(a) & to_bits(b)); }
EK_INLINE vf bit_or(vf a, vf b) { return from_bits(to_bits(a) | to_bits(b)); }
EK_INLINE vf bit_xor(vf a, vf b) { return from_bits(to_bits(a) ^ to_bits(b)); }
EK_INLINE vf mask(bool m) { return from_bits(m ? 0xFFFFFFFFu : 0u); }
EK_INLINE vf eq(vf a, vf b) { return mask(a == b); }
EK_INLINE vf ne(vf a, vf b) { return mask(a != b); }
EK_INLINE vf lt(vf a, vf b) { return mask(a < b); }
EK_INLINE vf le(vf a, vf b) { return mask(a <= b); }
EK_INLINE vf gt(vf a, vf b) { return mask(a > b); }
EK_INLINE vf ge(vf a, vf b) { return mask(a >= b); }
EK_INLINE vf select(vf m, vf a, vf b) { return to_bits(m) ? a : b; }
EK_INLINE vf keep(vf mask, vf a) { return bit_and(mask, a); }
EK_INLINE vf either(vf a, vf b) { return bit_or(a, b); }
EK_INLINE bool any(vf mask) { return to_bits(mask) != 0; }
EK_INLINE float sum(vf a) { return a; }
EK_INLINE vf part(int64_t n) { return mask(n > 0); }
EK_INLINE vf load_part(const float* p, int64_t) { return *p; }
EK_INLINE void store_part(float* p, vf x, int64_t) { *p = x; }
EK_INLINE vf nearest(vf a) { return ::rintf(a); }
EK_INLINE vf bits(int32_t i) { return from_bits((uint32_t)i); }
EK_INLINE vf load(const int32_t* p) { return (vf)*p; }
EK_INLINE vf load_part(const int32_t* p, int64_t) { return (vf)*p; }
EK_INLINE vf load(const uint8_t* p) { return *p; }
EK_INLINE vf load_part(const uint8_t* p, int64_t) { return *p; }
#endif
}  // namespace ek::EK_ISA
