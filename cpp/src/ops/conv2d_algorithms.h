// The ways to compute a convolution, in the order in which they are tried.
#pragma once
#include "conv2d.h"

#ifdef EK_BASE
#include <vector>

namespace ek {
// What a pass reads and writes; null where it has none.
struct Conv2dOperands {
  const float *x, *gy, *w;
  int64_t w_stamp;
  const float* b;
  bool relu;  // behind the forward
  float* out;
};

struct Conv2dAlgorithm {
  const char* name;
  bool (*takes)(const ek_conv2d_shape& s, Conv2dPass pass);  // whether it can compute a pass of a shape
  bool (*wins)(const ek_conv2d_shape& s, Conv2dPass pass);   // and was measured to beat those behind it
  void (*run)(const ek_conv2d_shape& s, Conv2dPass pass, const Conv2dOperands& d);
};

// Those that take a pass of a shape: the one that wins, then the others.
std::vector<const Conv2dAlgorithm*> conv2d_candidates(const ek_conv2d_shape& s, Conv2dPass pass);

// Throws EK_INVALID unless a shape could be one and there is such a pass.
Conv2dPass conv2d_check(const ek_conv2d_shape& s, int pass);
}  // namespace ek
#endif
