// What was run and for how long: every convolution, and all other operations while ek_set_profiling(1) is in force.
#pragma once
#include <stdint.h>

namespace ek {
// A call of an operation. `numbers` tell its cases apart: a convolution's shape, a product's extents.
struct Work {
  const char* op;
  const int32_t* numbers = nullptr;
  int count = 0;  // of them, at most 16
  double flops = 0;
  bool always = false;              // counted without profiling too
  const char* algorithm = nullptr;  // may be said while it runs
};

// Counts a call under what `work` says at its end.
class Stopwatch {
 public:
  explicit Stopwatch(const Work& work);
  ~Stopwatch();
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  const Work& work_;
  int64_t start_;  // 0: not counted
};

int64_t nanoseconds();  // of a clock that never goes back
}  // namespace ek
