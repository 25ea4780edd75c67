// The weight gradient by Winograd: the adjoint of the convolution. gw = G^T [sum over tiles of (B^T x B) (A gy A^T)] G.
#include "transpose.h"
#include "wide/micro.h"
#include "wide/winograd_input.h"

namespace ek::EK_ISA {
// Y of one tile of gy; its outputs beyond the image are zero.
template <int M, int R>
static void transform_grad(const Winograd& p, const float* gy, const float* zeros, Tile t, int64_t at, float* y) {
  enum { A = M + R - 1 };
  const float* image = gy + t.image * p.oh * p.ow * p.o;
  const float* from[M * M];
  for (int i = 0; i < M; ++i)
    for (int j = 0; j < M; ++j) {
      const int64_t h = t.y + i, w = t.x + j;
      from[i * M + j] = h < p.oh && w < p.ow ? image + (h * p.ow + w) * p.o : zeros;
    }
  const float* const* tap = from;
  const int64_t step = p.y_step;
  for (int64_t o = 0; o < p.o; o += VF) {
    const int64_t block = o / kBlock * kBlock, width = smaller(kBlock, p.lanes - block);
    float* q = y + block * p.piece + at * width + (o - block);
    const auto to = [=](int i, int j, vf v) EK_FLAT { store(q + (i * A + j) * step, v); };
    if (p.o - o >= VF)
      both_ways<FromOutput<M, R>>([=](int i, int j) EK_FLAT { return load(tap[i * M + j] + o); }, to);
    else
      both_ways<FromOutput<M, R>>([=](int i, int j) EK_FLAT { return load_part(tap[i * M + j] + o, p.o - o); }, to);
  }
}

template <int M, int R>
static void grad_tile(const Winograd& p, const float* x, const float* gy, const float* zeros, int64_t first,
                      int64_t tile, float* v, float* y) {
  const Tile t = tile_at(p, first + tile);
  transform_input<M + R - 1>(p, x, zeros, t, v + tile * p.v_row);
  transform_grad<M, R>(p, gy, zeros, t, tile, y);
}

void winograd_grad_tiles(const Winograd& p, const float* x, const float* gy, const float* zeros, int64_t first,
                         int64_t tile, float* v, float* y) {
  EK_WINOGRAD(p, grad_tile)(p, x, gy, zeros, first, tile, v, y);
}

void winograd_grad_products(const Winograd& p, int64_t point, int64_t count, const float* v, const float* y, float* u,
                            bool add_to) {
  enum { kTiles = 128 };  // of Y a block stays in L1: 128 tiles by two vectors
  v += point * p.v_step, y += point * p.y_step, u += point * p.u_step;
  for (int64_t t = 0; t < count; t += kTiles, add_to = true) {
    const int64_t n = smaller(kTiles, count - t);
    const float* a = v + t * p.v_row;
    for (int64_t b = 0; b < p.lanes; b += kBlock) {
      const int64_t width = smaller(kBlock, p.lanes - b);
      const float* q = y + b * p.piece + t * width;
      float* c = u + b * p.u_rows;
      if (width == kBlock)
        micro<2>(p.u_rows, a, 1, p.v_row, q, n, c, width, add_to);
      else
        micro<1>(p.u_rows, a, 1, p.v_row, q, n, c, width, add_to);
    }
  }
}

template <int M, int R>
static void grad_weights(const Winograd& p, const float* u, int64_t vector, float* gw) {
  enum { BATCH = 16, AREA = R * R };
  float taps[BATCH * AREA * VF];
  const int64_t o = vector * VF, lanes = smaller(VF, p.o - o);
  const int64_t block = o / kBlock * kBlock, width = smaller(kBlock, p.lanes - block);
  const float* from = u + block * p.u_rows + (o - block);
  for (int64_t c0 = 0; c0 < p.c; c0 += BATCH) {
    const int64_t count = smaller(BATCH, p.c - c0);
    for (int64_t c = 0; c < count; ++c) {
      const float* q = from + (c0 + c) * width;
      float* tap = taps + c * AREA * VF;
      both_ways<ToWeight<M, R>>([=](int i, int j) EK_FLAT { return load(q + (i * (M + R - 1) + j) * p.u_step); },
                                [=](int i, int j, vf w) EK_FLAT { store(tap + (R * i + j) * VF, w); });
    }
    transpose(taps, VF, gw + (o * p.c + c0) * AREA, p.c * AREA, count * AREA, lanes);
  }
}

void winograd_grad_weights(const Winograd& p, const float* u, int64_t vector, float* gw) {
  EK_WINOGRAD(p, grad_weights)(p, u, vector, gw);
}
}  // namespace ek::EK_ISA
