// Max pooling, channels-last, and the ReLU behind it: forward beside gradient. A position is the tap of the maximum, or
// the number of taps where ReLU cut it off; held as a float in registers and as a byte (int32_t where the window has
// more than 255 taps) in memory.
#include "max_pool2d.h"

#include "error.h"
#include "pool2d.h"

namespace ek::EK_ISA {
// Stands for positions that nobody wants.
struct Nothing {
  Nothing operator+(int64_t) const { return *this; }
};
EK_INLINE void put(Nothing, vf, int64_t) {}

// Of the taps of a window that lie inside the input.
template <class Lanes>
EK_INLINE Best best_of(const Window& n, int kw, const float* p, Lanes lanes) {
  Best b = {set(-INFINITY), set(static_cast<float>(n.v.begin * kw + n.u.begin))};
  for_taps<0>(n, p, [&](const float* q, int i, int j) { b = met(b, lanes.get(q), static_cast<float>(i * kw + j)); });
  return b;
}
template <int K, class Lanes>
EK_INLINE Best best_of_full(const Window& n, const float* p, Lanes lanes) {
  vf x[K * K];
  for_taps<K>(n, p, [&](const float* q, int i, int j) { x[i * K + j] = lanes.get(q); });
  return best_of(x);
}

template <int K, bool TILED, class P>
static void forward(const ek_pool2d_shape& s, bool relu, const float* x, float* y, P position) {
  const float none = static_cast<float>(s.kh * s.kw);
  for_windows<TILED>(s, x, [=, &s](const Window& n, const float* p, int64_t out) {
    const auto keep = [=](int64_t c, Best b, auto lanes) {
      if (relu) b = rectified(b, none);
      lanes.put(y + out + c, b.value);
      put(position + (out + c), b.tap, lanes.count());
    };
    if (K > 0 && n.v.count() == K && n.u.count() == K)
      for_written(s.c, n.room,
                  [=](int64_t c, auto lanes) { keep(c, best_of_full<(K > 0 ? K : 1)>(n, p + c, lanes), lanes); });
    else
      for_written(s.c, n.room, [=](int64_t c, auto lanes) { keep(c, best_of(n, s.kw, p + c, lanes), lanes); });
  });
}

template <class P>
static void forward_any(const ek_pool2d_shape& s, bool relu, const float* x, float* y, P position) {
  if (s.kh == 2 && s.kw == 2)
    tiled(s) ? forward<2, true>(s, relu, x, y, position) : forward<2, false>(s, relu, x, y, position);
  else if (s.kh == 3 && s.kw == 3)
    forward<3, false>(s, relu, x, y, position);
  else
    forward<0, false>(s, relu, x, y, position);
}

// gx = sum of gy over the windows whose maximum the pixel is; i is the row of the window's taps
template <int K, bool TILED, class P>
EK_INLINE void route(const ek_pool2d_shape& s, const Window& n, int i, const float* gy, const P* position, float* gx) {
  const vf first = set(static_cast<float>(i * s.kw));
  const auto vector = [=](int64_t c, auto lanes) {
    const vf g = lanes.get(gy + c), column = sub(lanes.get(position + c), first);
    for_columns<K>(n, gx + c, [=](int j, float* q) {
      const vf passed = keep(eq(column, set(static_cast<float>(j))), g);
      lanes.put(q, TILED ? passed : add(lanes.get(q), passed));
    });
  };
  TILED ? for_written(s.c, n.room, vector) : for_vectors(s.c, vector);
}

template <int K, bool TILED, class P>
static void gradient(const ek_pool2d_shape& s, const float* gy, const P* position, float* gx) {
  for_windows_grad<TILED>(s, gx, [=, &s](const Window& n, int i, float* p, int64_t out) {
    if (K > 0 && n.u.count() == K)
      route<K, TILED>(s, n, i, gy + out, position + out, p);
    else
      route<0, TILED>(s, n, i, gy + out, position + out, p);
  });
}

template <class P>
static void gradient_any(const ek_pool2d_shape& s, const float* gy, const P* position, float* gx) {
  if (s.kw == 2 && tiled(s))
    gradient<2, true>(s, gy, position, gx);
  else if (s.kw == 3)
    gradient<3, false>(s, gy, position, gx);
  else
    gradient<0, false>(s, gy, position, gx);
}

void max_pool2d(const ek_pool2d_shape& s, bool relu, const float* x, float* y, void* position) {
  if (!position)
    forward_any(s, relu, x, y, Nothing());
  else if (position_bytes(s) > 1)
    forward_any(s, relu, x, y, static_cast<int32_t*>(position));
  else
    forward_any(s, relu, x, y, static_cast<uint8_t*>(position));
}

void max_pool2d_grad(const ek_pool2d_shape& s, const float* gy, const void* position, float* gx) {
  if (position_bytes(s) > 1)
    gradient_any(s, gy, static_cast<const int32_t*>(position), gx);
  else
    gradient_any(s, gy, static_cast<const uint8_t*>(position), gx);
}
}  // namespace ek::EK_ISA

#ifdef EK_BASE
extern "C" {
int ek_max_pool2d(const ek_pool2d_shape* shape, int relu, const float* x, float* y, void* position) {
  return ek::guarded([&] { EK_CALL_ANY(max_pool2d, *shape, relu != 0, x, y, position); });
}
int ek_max_pool2d_grad(const ek_pool2d_shape* shape, const float* gy, const void* position, float* gx) {
  return ek::guarded([&] { EK_CALL_ANY(max_pool2d_grad, *shape, gy, position, gx); });
}
}
#endif
