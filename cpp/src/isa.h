// One source, several instruction sets.
//
// Every file of src/ops is compiled once per ISA with EK_ISA=scalar, avx2, …: its kernels live in namespace
// ek::EK_ISA. The baseline build (EK_BASE, which is the scalar one) also compiles the C entry points at the
// end of the file, and these pick a variant with EK_CALL. A kernel that entry points call is announced once:
//
//   EK_KERNEL(void, neg, (const float* x, float* y, int64_t n))   // declares ek::scalar::neg, ek::avx2::neg
//   namespace ek::EK_ISA { void neg(const float* x, float* y, int64_t n) { … } }
//   #ifdef EK_BASE
//   int ek_neg(…) { return ek::guarded([&] { EK_CALL(neg, x, y, n); }); }
//   #endif
//
// Files that AVX-512 makes faster are compiled for it too (CMakeLists.txt), and called by EK_CALL_ANY.
//
// Kernels use no std headers with inline code (only <stdint.h>, <math.h>, simd.h, threads.h): a weak symbol
// of theirs compiled with AVX2 could be the one the linker keeps for the baseline. test/symbols.sh checks it.
#pragma once
#include <stdint.h>

namespace ek {
enum class Isa { scalar, avx2, avx512 };
// The instruction set in use: the best of the CPU, or what EINKORN_ISA forces.
Isa isa();
// Whether the CPU computes vectors of AVX-512, which is in use, in two halves (Zen 4), so that they save instructions
// alone.
bool avx512_in_halves();
// Size of the last cache; 16 MB where it is not known.
int64_t cache_bytes();
// What an operation reads and writes at most, in bytes, for its results to be worth keeping in the caches.
int64_t kept_bytes();
}  // namespace ek

#define EK_KERNEL(type, name, params) \
  namespace ek::scalar {              \
  type name params;                   \
  }                                   \
  namespace ek::avx2 {                \
  type name params;                   \
  }                                   \
  namespace ek::avx512 {              \
  type name params;                   \
  }

#if defined(__x86_64__) || defined(_M_X64)
#define EK_CALL(name, ...) \
  (::ek::isa() != ::ek::Isa::scalar ? ::ek::avx2::name(__VA_ARGS__) : ::ek::scalar::name(__VA_ARGS__))
#define EK_CALL_ANY(name, ...) \
  (::ek::isa() == ::ek::Isa::avx512 ? ::ek::avx512::name(__VA_ARGS__) : EK_CALL(name, __VA_ARGS__))
#else
#define EK_CALL(name, ...) (::ek::scalar::name(__VA_ARGS__))
#define EK_CALL_ANY EK_CALL
#endif
