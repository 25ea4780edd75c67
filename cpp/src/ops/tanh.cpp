// tanh: forward beside gradient.
#include "activation.h"
#include "elementwise.h"
#include "error.h"
#include "isa.h"
#include "vmath.h"

namespace ek::EK_ISA {
void tanh(const float* x, float* y, int64_t n) {
  parallel(n, even_grain(n), [=](int64_t i, int64_t end) EK_FLAT {
    for (; i + 2 * VF <= end; i += 2 * VF) {
      vf a = load(x + i), b = load(x + i + VF);
      tanh(&a, &b);
      store(y + i, a), store(y + i + VF, b);
    }
    map_here(
        y + i, end - i, [](vf x) { return tanh(x); }, x + i);
  });
}

void tanh_grad(const float* y, const float* gy, float* gx, int64_t n) {
  map(y, gy, gx, n, [](vf y, vf gy) { return tanh_back(y, gy); });
}
}  // namespace ek::EK_ISA

#ifdef EK_BASE
extern "C" {
int ek_tanh(const float* x, float* y, int64_t n) {
  return ek::guarded([&] { EK_CALL_ANY(tanh, x, y, n); });
}
int ek_tanh_grad(const float* y, const float* gy, float* gx, int64_t n) {
  return ek::guarded([&] { EK_CALL(tanh_grad, y, gy, gx, n); });
}
}
#endif
