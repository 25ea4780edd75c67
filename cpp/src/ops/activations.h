// The activations that operations apply to their output, by the names of the C interface.
#pragma once
#include "activation.h"
#include "einkorn.h"
#include "vmath.h"

namespace ek::EK_ISA {
struct Identity {
  static vf of(vf x) { return x; }
  static vf back(vf, vf gy) { return gy; }
};
struct Relu {
  static vf of(vf x) { return max(zero(), x); }
  static vf back(vf y, vf gy) { return relu_back(y, gy); }
};
struct Tanh {
  static vf of(vf x) { return tanh(x); }
  static vf back(vf y, vf gy) { return tanh_back(y, gy); }
};
struct Sigmoid {
  static vf of(vf x) { return sigmoid(x); }
  static vf back(vf y, vf gy) { return sigmoid_back(y, gy); }
};

// *a = F::of(*a), *b = F::of(*b)
template <class F>
EK_INLINE void activate(F, vf* a, vf* b) {
  *a = F::of(*a), *b = F::of(*b);
}
EK_INLINE void activate(Tanh, vf* a, vf* b) { tanh(a, b); }

// f(one of these)
template <class F>
EK_INLINE void with_activation(int activation, const F& f) {
  switch (activation) {
    case EK_RELU:
      return f(Relu{});
    case EK_TANH:
      return f(Tanh{});
    case EK_SIGMOID:
      return f(Sigmoid{});
    default:
      return f(Identity{});
  }
}
}  // namespace ek::EK_ISA
