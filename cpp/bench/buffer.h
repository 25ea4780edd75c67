#pragma once
#include <memory>

#include "einkorn.h"

// Tensor memory, filled with small positive numbers; copies share it.
class Buffer {
 public:
  explicit Buffer(int64_t n) : p_(static_cast<float*>(ek_alloc(n * 4)), ek_free) {
    for (int64_t i = 0; i < n; ++i) p_.get()[i] = 0.001f * static_cast<float>(i % 997 + 1);
  }
  operator float*() const { return p_.get(); }
  float* given(bool given) const { return given ? p_.get() : nullptr; }
  template <class T>
  T* as() const {
    return reinterpret_cast<T*>(p_.get());
  }

 private:
  std::shared_ptr<float> p_;
};
