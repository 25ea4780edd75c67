#pragma once
#include "einkorn.h"

// Tensor memory for the length of a benchmark, filled with small positive numbers.
class Buffer {
 public:
  explicit Buffer(int64_t n) : p_(static_cast<float*>(ek_alloc(n * 4))) {
    for (int64_t i = 0; i < n; ++i) p_[i] = 0.001f * static_cast<float>(i % 997 + 1);
  }
  ~Buffer() { ek_free(p_); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  operator float*() const { return p_; }

 private:
  float* p_;
};
