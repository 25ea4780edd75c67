// Times the algorithms that take a convolution.
#pragma once
#include "conv2d_algorithms.h"

#ifdef EK_BASE
namespace ek {
// The medians of five or more rounds over the candidates, in nanoseconds; packed: with weights that do not change.
void conv2d_time(const ek_conv2d_shape& s, Conv2dPass pass, const Conv2dAlgorithms& candidates, bool packed,
                 ek_dim* nanoseconds);
}  // namespace ek
#endif
