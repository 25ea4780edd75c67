// Whether a thread computes with denormal numbers, below 2^-126. A processor takes a hundred times as long for them as
// for others, and training makes them: the moments of a weight without a gradient halve every seven steps, and never
// reach zero, since the smallest denormal rounds to itself.
#pragma once
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace ek {
#if defined(__x86_64__)
constexpr unsigned kFlush = 0x8040;  // MXCSR: results and operands that are denormal count as zero
static inline unsigned float_mode() { return _mm_getcsr(); }
static inline void set_float_mode(unsigned mode) { _mm_setcsr(mode); }
#else
constexpr unsigned kFlush = 0;
static inline unsigned float_mode() { return 0; }
static inline void set_float_mode(unsigned) {}
#endif

// The calling thread's mode until it ends: a thread of Java's has to be left as it was.
class FloatMode {
 public:
  explicit FloatMode(unsigned mode) : before_(float_mode()) { set_float_mode(mode); }
  FloatMode(const FloatMode&) = delete;
  FloatMode& operator=(const FloatMode&) = delete;
  ~FloatMode() { set_float_mode(before_); }

 private:
  unsigned before_;
};

// For sums of products, to which denormals add nothing; run_chunks passes it on to the threads that share the work.
struct FlushDenormals : FloatMode {
  FlushDenormals() : FloatMode(float_mode() | kFlush) {}
};
// For oneDNN, whose threads would not know.
struct KeepDenormals : FloatMode {
  KeepDenormals() : FloatMode(float_mode() & ~kFlush) {}
};
}  // namespace ek
