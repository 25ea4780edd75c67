// Winograd convolution: transforms of weights, input and output, and the products between them. A vector holds
// channels.
#include "wide/winograd.h"

#include "transpose.h"
#include "wide/micro.h"
#include "wide/winograd_input.h"

namespace ek::EK_ISA {
// ---- weights ----

// taps[(c - c0) area + tap][lane] for VF output channels (`lanes` of them exist) and `count` input channels from c0 on
static void gather_taps(const WinogradWeights& w, int64_t o, int64_t lanes, int64_t c0, int64_t count, int64_t area,
                        float* taps) {
  const float* from = w.from + o * w.of + c0 * w.cf;
  if (lanes < VF) memset(taps, 0, count * area * VF * sizeof(float));
  if (w.cf == area) return transpose(from, w.of, taps, VF, lanes, count * area);
  for (int64_t i = 0; i < count; ++i) transpose(from + i * w.cf, w.of, taps + i * area * VF, VF, lanes, area);
}

template <int M, int R>
static void weights(const Winograd& p, const WinogradWeights& w, int64_t vector, float* u) {
  enum { BATCH = 16, AREA = R * R };
  float taps[BATCH * AREA * VF];
  const int64_t o = vector * VF, lanes = smaller(VF, p.o - o);
  const int64_t block = o / kBlock * kBlock, width = smaller(kBlock, p.lanes - block);
  float* to = u + block * p.u_rows + (o - block);
  for (int64_t c0 = 0; c0 < p.c; c0 += BATCH) {
    const int64_t count = smaller(BATCH, p.c - c0);
    gather_taps(w, o, lanes, c0, count, AREA, taps);
    for (int64_t c = 0; c < count; ++c) {
      const float* tap = taps + c * AREA * VF;
      float* q = to + (c0 + c) * width;
      both_ways<FromWeight<M, R>>(
          [=](int i, int j) EK_FLAT { return load(tap + (w.flipped ? AREA - 1 - R * i - j : R * i + j) * VF); },
          [=](int i, int j, vf v) EK_FLAT { store(q + (i * (M + R - 1) + j) * p.u_step, v); });
    }
  }
}

void winograd_weights(const Winograd& p, const WinogradWeights& w, int64_t vector, float* u) {
  EK_WINOGRAD(p, weights)(p, w, vector, u);
}

// ---- output ----

// y of one tile for the output channels of M, which begin at o; those beyond the image are left out.
template <int M, int R>
static void transform_output(const Winograd& p, const float* m, const float* bias, float* y, Tile t, int64_t o) {
  enum { A = M + R - 1 };
  const int64_t row = p.ow * p.o, col = p.o, step = p.m_step;
  const bool relu = p.relu;
  float* to = y + ((t.image * p.oh + t.y) * p.ow + t.x) * p.o + o;
  const int64_t high = smaller(M, p.oh - t.y), wide = smaller(M, p.ow - t.x), count = smaller(p.span, p.o - o);
  for (int64_t c = 0; c < count; c += VF) {
    const int64_t lanes = count - c;
    const vf b = load(bias + o + c);
    const auto from = [=](int i, int j) EK_FLAT { return load(m + (i * A + j) * step + c); };
    const auto out = [=](vf v) EK_FLAT { return relu ? max(zero(), add(v, b)) : add(v, b); };
    float* q = to + c;
    if (high == M && wide == M && lanes >= VF)
      both_ways<ToOutput<M, R>>(from, [=](int i, int j, vf v) EK_FLAT { store(q + i * row + j * col, out(v)); });
    else
      both_ways<ToOutput<M, R>>(from, [=](int i, int j, vf v) EK_FLAT {
        if (i >= high || j >= wide) return;
        v = out(v);
        lanes >= VF ? store(q + i * row + j * col, v) : store_part(q + i * row + j * col, v, lanes);
      });
  }
}

template <int M, int R>
static void tiles(const Winograd& p, const float* x, const float* u, const float* zeros, const float* bias, float* y,
                  int64_t first, int64_t count, int64_t from, int64_t to, float* scratch) {
  float *v = scratch, *m = scratch + p.points * p.v_step;
  const int64_t rows = ceil_div(count, kRows / 3) * (kRows / 3);
  for (int64_t t = 0; t < count; ++t) transform_input<M + R - 1>(p, x, zeros, tile_at(p, first + t), v + t * p.v_row);
  for (int64_t t = count; t < rows; ++t)
    for (int64_t q = 0; q < p.points; ++q) memset(v + q * p.v_step + t * p.v_row, 0, p.c * sizeof(float));
  for (int64_t o = from; o < to; o += p.span) {
    const int64_t stop = smaller(o + p.span, to);
    for (int64_t q = 0; q < p.points; ++q)
      for (int64_t b = o; b < stop; b += kBlock) {
        const float *a = v + q * p.v_step, *w = u + q * p.u_step + b * p.u_rows;
        float* c = m + q * p.m_step + (b - o);
        if (stop - b >= kBlock)
          micro<2>(rows, a, p.v_row, 1, w, p.c, c, p.span, false);
        else
          micro<1>(rows, a, p.v_row, 1, w, p.c, c, p.span, false);
      }
    for (int64_t t = 0; t < count; ++t) transform_output<M, R>(p, m + t * p.span, bias, y, tile_at(p, first + t), o);
  }
}

void winograd_tiles(const Winograd& p, const float* x, const float* u, const float* zeros, const float* bias, float* y,
                    int64_t first, int64_t count, int64_t from, int64_t to, float* scratch) {
  EK_WINOGRAD(p, tiles)(p, x, u, zeros, bias, y, first, count, from, to, scratch);
}
}  // namespace ek::EK_ISA
