// Kernels for vector units alone, which multiplications bound: declared for AVX2 and AVX-512, and called for the widest
// there is (isa() is not scalar).
#pragma once
#include <stdint.h>

#include "isa.h"

#define EK_WIDE_KERNEL(type, name, params) \
  namespace ek::avx2 {                     \
  type name params;                        \
  }                                        \
  namespace ek::avx512 {                   \
  type name params;                        \
  }
#define EK_WIDEST(name) (::ek::isa() == ::ek::Isa::avx512 ? ::ek::avx512::name : ::ek::avx2::name)
#define EK_CALL_WIDE(name, ...) (EK_WIDEST(name)(__VA_ARGS__))

namespace ek {
// First of n channels in block b. The last block is moved back over the one before it rather than cut short, so that
// its vectors are full; only where there are fewer channels than a block holds are lanes masked.
static inline int64_t block_start(int64_t n, int64_t block, int64_t b) {
  const int64_t last = n > block ? n - block : 0;
  return b * block < last ? b * block : last;
}
}  // namespace ek

EK_WIDE_KERNEL(int64_t, vector_floats, ())
