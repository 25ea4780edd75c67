// The sum of two tensors in place, for other files.
#pragma once
#include "isa.h"

// y += a x
EK_KERNEL(void, axpy, (float a, const float* x, float* y, int64_t n))
