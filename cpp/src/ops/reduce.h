// The sum, for other files.
#pragma once
#include "isa.h"

// y (outer, inner) = scale * the sum of x (outer, n, inner) over n
EK_KERNEL(void, sum, (int64_t outer, int64_t n, int64_t inner, const float* x, float scale, float* y))
