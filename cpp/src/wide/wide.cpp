#include "wide/wide.h"

#include "simd.h"

namespace ek::EK_ISA {
int64_t vector_floats() { return VF; }
}  // namespace ek::EK_ISA
