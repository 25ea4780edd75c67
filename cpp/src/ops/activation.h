// What other operations apply to their output.
#pragma once
#include "isa.h"

EK_KERNEL(void, relu, (const float* x, float* y, int64_t n))
