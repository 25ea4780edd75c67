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

template <int R, int N>
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
      both_ways<FromWeight<R, N>, FromWeight<R, N>>(
          [=](int i, int j) EK_FLAT { return load(tap + (w.flipped ? AREA - 1 - R * i - j : R * i + j) * VF); },
          [=](int i, int j, vf v) EK_FLAT { store(q + (i * N + j) * p.u_step, v); });
    }
  }
}

void winograd_weights(const Winograd& p, const WinogradWeights& w, int64_t vector, float* u) {
  EK_WINOGRAD(p, weights)(p, w, vector, u);
}

// ---- output ----

// y of one tile for the output channels of M, which begin at o.
template <int H, int W, int R>
static void output_tile(const Winograd& p, const float* m, const float* bias, float* y, const Tile& t, int64_t o) {
  typedef ToOutput<H, R> Down;
  typedef ToOutput<W, R> Across;
  const int64_t row = p.ow * p.o, col = p.o, down = p.side * p.m_step, count = smaller(p.span, p.o - o);
  const bool relu = p.relu;
  const float* columns[Across::kIn];
  for (int j = 0; j < Across::kIn; ++j) columns[j] = m + j * p.m_step + t.row(p, j) * p.span;
  const float* const* column = columns;
  float* to = y + ((t.image * p.oh + t.y) * p.ow + t.x) * p.o + o;
  for (int64_t c = 0; c < count; c += VF) {
    const int64_t lanes = count - c;
    const vf b = load(bias + o + c);
    const auto from = [=](int i, int j) EK_FLAT { return load(column[j] + i * down + c); };
    const auto out = [=](vf v) EK_FLAT { return relu ? max(zero(), add(v, b)) : add(v, b); };
    float* q = to + c;
    if (lanes >= VF)
      both_ways<Down, Across>(from, [=](int i, int j, vf v) EK_FLAT { store(q + i * row + j * col, out(v)); });
    else
      both_ways<Down, Across>(from,
                              [=](int i, int j, vf v) EK_FLAT { store_part(q + i * row + j * col, out(v), lanes); });
  }
}

static void transform_output(const Winograd& p, const float* m, const float* bias, float* y, const Tile& t, int64_t o) {
  typedef void (*Kernel)(const Winograd&, const float*, const float*, float*, const Tile&, int64_t);
  EK_TILE_KERNELS(Kernel, output_tile)
  EK_TILE_KERNEL(p, t)(p, m, bias, y, t, o);
}

void winograd_tiles(const Winograd& p, const float* x, const float* u, const float* zeros, const float* bias, float* y,
                    const WinogradPiece& piece, int64_t from, int64_t to, float* scratch) {
  enum { kStep = kRows / 3 };  // rows of V that products are made of: some more than there are, of zeros
  float *v = scratch, *m = scratch + p.points * p.v_step;
  const int64_t stop = piece.first + piece.count;
  const auto rows_at = [&](int64_t q) { return winograd_count(p, piece, q / p.side, q % p.side); };
  for (int64_t t = piece.first; t < stop; ++t) transform_input(p, x, zeros, tile_at(p, piece, t), v);
  for (int64_t q = 0; q < p.points; ++q) {
    const int64_t rows = rows_at(q);
    for (int64_t r = rows; r % kStep != 0; ++r) memset(v + q * p.v_step + r * p.v_row, 0, p.c * sizeof(float));
  }
  for (int64_t o = from; o < to; o += p.span) {
    const int64_t end = smaller(o + p.span, to);
    for (int64_t q = 0; q < p.points; ++q) {
      const int64_t rows = ceil_div(rows_at(q), kStep) * kStep;
      for (int64_t b = o; b < end; b += kBlock) {
        const float *a = v + q * p.v_step, *w = u + q * p.u_step + b * p.u_rows;
        float* c = m + q * p.m_step + (b - o);
        if (end - b >= kBlock)
          micro<2>(rows, a, p.v_row, 1, w, p.c, c, p.span, false);
        else
          micro<1>(rows, a, p.v_row, 1, w, p.c, c, p.span, false);
      }
    }
    for (int64_t t = piece.first; t < stop; ++t) transform_output(p, m, bias, y, tile_at(p, piece, t), o);
  }
}
}  // namespace ek::EK_ISA
