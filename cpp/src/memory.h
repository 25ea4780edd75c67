// The caching allocator behind ek_alloc, and scratch memory for kernels that need it.
#pragma once
#include <stdint.h>

namespace ek {
// As ek_alloc, but throws a Failure (EK_OUT_OF_MEMORY).
void* allocate(int64_t bytes);
void release(void* block) noexcept;

// `drop` is called when an allocation would exceed the limit: it releases what can be made again.
void on_pressure(void (*drop)());

// Scratch floats for the length of a call; null for none.
class Scratch {
 public:
  explicit Scratch(int64_t floats) : p_(floats ? static_cast<float*>(allocate(floats * 4)) : nullptr) {}
  ~Scratch() { release(p_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  operator float*() const { return p_; }
  float* get() const { return p_; }

 private:
  float* p_;
};
}  // namespace ek
