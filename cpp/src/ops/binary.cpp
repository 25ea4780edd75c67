// Arithmetic of two tensors with broadcasting: z[i] = x[i . xs] (op) y[i . ys].
#include "error.h"
#include "isa.h"
#include "strides.h"

#define EK_BINARY(name) \
  EK_KERNEL(            \
      void, name,       \
      (int ndim, const int64_t* dims, const int64_t* xs, const int64_t* ys, const float* x, const float* y, float* z))

EK_BINARY(add)
EK_BINARY(sub)
EK_BINARY(mul)
EK_BINARY(div)
EK_BINARY(maximum)
EK_BINARY(minimum)

namespace ek::EK_ISA {
template <class F>
EK_INLINE void binary(const Strides& s, const float* x, const float* y, float* z, const F& f) {
  broadcast(s, x, y, z, [=](const float* x, int64_t xs, const float* y, int64_t ys, float* z, int64_t n) EK_FLAT {
    if (xs == 0) {
      const vf a = broadcast(x);
      map_here(y, z, n, [=](vf b) { return f(a, b); });
    } else if (ys == 0) {
      const vf b = broadcast(y);
      map_here(x, z, n, [=](vf a) { return f(a, b); });
    } else {
      map_here(x, y, z, n, f);
    }
  });
}

// NaN where either is NaN
EK_INLINE vf maximum(vf a, vf b) { return select(ne(a, a), a, max(a, b)); }
EK_INLINE vf minimum(vf a, vf b) { return select(ne(a, a), a, min(a, b)); }

#define EK_DEFINE(name)                                                                                          \
  void name(int ndim, const int64_t* dims, const int64_t* xs, const int64_t* ys, const float* x, const float* y, \
            float* z) {                                                                                          \
    binary(collapse(ndim, dims, xs, ys), x, y, z, [](vf a, vf b) { return name(a, b); });                        \
  }
EK_DEFINE(add)
EK_DEFINE(sub)
EK_DEFINE(mul)
EK_DEFINE(div)
EK_DEFINE(maximum)
EK_DEFINE(minimum)
}  // namespace ek::EK_ISA

#ifdef EK_BASE
extern "C" {
#define EK_ENTRY(name)                                                                                            \
  int ek_##name(int ndim, const ek_dim* dims, const ek_dim* xs, const ek_dim* ys, const float* x, const float* y, \
                float* z) {                                                                                       \
    return ek::guarded([&] { EK_CALL(name, ndim, dims, xs, ys, x, y, z); });                                      \
  }
EK_ENTRY(add)
EK_ENTRY(sub)
EK_ENTRY(mul)
EK_ENTRY(div)
EK_ENTRY(maximum)
EK_ENTRY(minimum)
}
#endif
