// Average pooling, channels-last: forward beside gradient.
#include "error.h"
#include "isa.h"
#include "pool2d.h"

EK_KERNEL(void, avg_pool2d, (const ek_pool2d_shape& s, const float* x, float* y))
EK_KERNEL(void, avg_pool2d_grad, (const ek_pool2d_shape& s, const float* gy, float* gx))

namespace ek::EK_ISA {
// The taps that the divisor counts: those inside the input, or inside the padded input.
EK_INLINE float divisor(const ek_pool2d_shape& s, const Window& n) {
  Taps v = n.v, u = n.u;
  if (s.count_pad && (v.count() < s.kh || u.count() < s.kw)) {
    v = taps_inside(n.h0 + s.pad_top, s.kh, s.dilation_h, s.h + s.pad_top + s.pad_bottom);
    u = taps_inside(n.w0 + s.pad_left, s.kw, s.dilation_w, s.w + s.pad_left + s.pad_right);
  }
  const int64_t count = int64_t{v.count()} * u.count();
  return count > 0 ? static_cast<float>(count) : 1;
}

// y = sum of the taps inside / divisor
template <int K>
EK_INLINE void average(const ek_pool2d_shape& s, const Window& n, const float* x, float* y) {
  const vf d = set(divisor(s, n));
  for_written(s.c, n.room, [=](int64_t c, auto lanes) {
    vf sum = zero();
    for_taps<K>(n, x + c, [&](const float* p, int, int) { sum = add(sum, lanes.get(p)); });
    lanes.put(y + c, K == 2 ? mul(sum, set(0.25f)) : div(sum, d));
  });
}

template <int K, bool TILED>
static void forward(const ek_pool2d_shape& s, const float* x, float* y) {
  for_windows<TILED>(s, x, [=, &s](const Window& n, const float* p, int64_t out) {
    if (K > 0 && n.v.count() == K && n.u.count() == K)
      average<K>(s, n, p, y + out);
    else
      average<0>(s, n, p, y + out);
  });
}

void avg_pool2d(const ek_pool2d_shape& s, const float* x, float* y) {
  if (s.kh == 2 && s.kw == 2)
    tiled(s) ? forward<2, true>(s, x, y) : forward<2, false>(s, x, y);
  else if (s.kh == 3 && s.kw == 3)
    forward<3, false>(s, x, y);
  else
    forward<0, false>(s, x, y);
}

// gx = sum of gy / divisor over the windows that hold the pixel
template <int K, bool TILED>
EK_INLINE void spread(const ek_pool2d_shape& s, const Window& n, const float* gy, float* gx) {
  const vf share = set(1 / divisor(s, n));
  const auto vector = [=](int64_t c, auto lanes) {
    const vf g = mul(lanes.get(gy + c), share);
    for_columns<K>(n, gx + c, [=](int, float* q) { lanes.put(q, TILED ? g : add(lanes.get(q), g)); });
  };
  TILED ? for_written(s.c, n.room, vector) : for_vectors(s.c, vector);
}

template <int K, bool TILED>
static void gradient(const ek_pool2d_shape& s, const float* gy, float* gx) {
  for_windows_grad<TILED>(s, gx, [=, &s](const Window& n, int, float* p, int64_t out) {
    if (K > 0 && n.u.count() == K)
      spread<K, TILED>(s, n, gy + out, p);
    else
      spread<0, TILED>(s, n, gy + out, p);
  });
}

void avg_pool2d_grad(const ek_pool2d_shape& s, const float* gy, float* gx) {
  if (s.kw == 2 && tiled(s))
    gradient<2, true>(s, gy, gx);
  else if (s.kw == 3)
    gradient<3, false>(s, gy, gx);
  else
    gradient<0, false>(s, gy, gx);
}
}  // namespace ek::EK_ISA

#ifdef EK_BASE
extern "C" {
int ek_avg_pool2d(const ek_pool2d_shape* shape, const float* x, float* y) {
  return ek::guarded([&] { EK_CALL(avg_pool2d, *shape, x, y); });
}
int ek_avg_pool2d_grad(const ek_pool2d_shape* shape, const float* gy, float* gx) {
  return ek::guarded([&] { EK_CALL(avg_pool2d_grad, *shape, gy, gx); });
}
}
#endif
