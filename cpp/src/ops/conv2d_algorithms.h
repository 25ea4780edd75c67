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
  float ceiling;  // of the ReLU behind the forward; 0 where there is none
  float* out;
  float* gb;    // with the weight gradient
  bool add_to;  // out, the input gradient, is added to what is there
};

inline constexpr char kFew[] = "few", kFewWinograd[] = "few-winograd";  // of those of few channels

struct Conv2dAlgorithm {
  const char* name;
  bool (*takes)(const ek_conv2d_shape& s, Conv2dPass pass);  // whether it can compute a pass of a shape
  bool (*wins)(const ek_conv2d_shape& s, Conv2dPass pass);   // and was measured to beat those behind it
  void (*run)(const ek_conv2d_shape& s, Conv2dPass pass, const Conv2dOperands& d);
  DnnlOpPtr (*primitive)(const ek_conv2d_shape& s, Conv2dPass pass) = nullptr;  // oneDNN's, where it is one
  bool sums = false;  // its weight gradient gives the bias's too
  bool adds = false;  // its input gradient adds itself to what is there
  bool far = false;   // it may have windows far out (conv2d_far)
};
typedef std::vector<const Conv2dAlgorithm*> Conv2dAlgorithms;

// The table: the first that takes a shape and wins is taken.
const Conv2dAlgorithms& conv2d_algorithms();
// Those that take it: the one that is first in this sense, then the others.
Conv2dAlgorithms conv2d_candidates(const ek_conv2d_shape& s, Conv2dPass pass);
// The one that is taken: the first, or what was chosen in its place.
const Conv2dAlgorithm& conv2d_algorithm(const ek_conv2d_shape& s, Conv2dPass pass);
// Runs one, and sums the bias gradient, or adds the input gradient, if it does not.
void conv2d_run(const Conv2dAlgorithm& a, const ek_conv2d_shape& s, Conv2dPass pass, const Conv2dOperands& d);
}  // namespace ek
#endif
