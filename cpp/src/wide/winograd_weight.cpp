// The weight gradient by Winograd: the adjoint of the convolution. gw = G^T [sum over tiles of (B^T x B) (A gy A^T)] G.
#include "transpose.h"
#include "wide/micro.h"
#include "wide/winograd_input.h"

namespace ek::EK_ISA {
// Y of one tile of gy, and its sum, of all outputs there are.
template <class P, int H, int W, int R>
static void grad_tile(const Winograd& p, const float* gy, const Tile& t, float* y, float* sum) {
  typedef FromOutput<P, H, R> Down;
  typedef FromOutput<P, W, R> Across;
  const int64_t row = p.ow * p.o, col = p.o, down = p.side * p.y_step;
  const float* from = gy + ((t.image * p.oh + t.y) * p.ow + t.x) * p.o;
  for (int i = 0; i < H; ++i)  // what the next tile reads
    for (int64_t k = 0; k < W * col; k += 16) __builtin_prefetch(from + i * row + W * col + k);
  for (int64_t o = 0; o < p.o; o += VF) {
    const Block block(p, o);
    const int64_t width = block.width;
    float* columns[Across::kOut];
    for (int j = 0; j < Across::kOut; ++j) {
      const int64_t point = P::in_set(j, Across::kOut);
      columns[j] = y + point * p.y_step + block.from * p.piece + t.row(p, point) * width + (o - block.from);
    }
    float* const* column = columns;
    const auto to = [=](int i, int j, vf v) EK_FLAT { store(column[j] + P::in_set(i, Down::kOut) * down, v); };
    const float* q = from + o;
    vf all = zero();
    const auto seen = [&](vf v) EK_FLAT { return all = add(all, v), v; };
    if (p.o - o >= VF)
      both_ways<Down, Across>([=](int i, int j) EK_FLAT { return seen(load(q + i * row + j * col)); }, to);
    else
      both_ways<Down, Across>([=](int i, int j) EK_FLAT { return seen(load_part(q + i * row + j * col, p.o - o)); },
                              to);
    if (sum) p.o - o >= VF ? store(sum + o, all) : store_part(sum + o, all, p.o - o);
  }
}

void winograd_grad_tile(const Winograd& p, const float* x, const float* gy, const float* zeros,
                        const WinogradPiece& piece, int64_t tile, float* v, float* y, float* sum) {
  typedef void (*Kernel)(const Winograd&, const float*, const Tile&, float*, float*);
  EK_TILE_KERNELS(Kernel, grad_tile)
  const Tile t = tile_at(p, piece, tile);
  transform_input(p, x, zeros, t, v);
  EK_TILE_KERNEL(p, t)(p, gy, t, y, sum);
}

void winograd_grad_products(const Winograd& p, int64_t point, const WinogradPiece& piece, const float* v,
                            const float* y, float* u, bool add_to) {
  const WinogradDepth depth = winograd_depth(p, point / p.side, point % p.side);
  const int64_t step = p.v_phase == p.c ? depth.end - depth.begin : p.c;  // phases together, or by themselves
  const int64_t channels = ceil_div(step, kRows / 3) * (kRows / 3);       // some rows of U may be of none
  v += point * p.v_step, y += point * p.y_step, u += point * p.u_step;
  const int64_t count = winograd_count(p, piece, point / p.side, point % p.side);
  if (count == 0 && add_to) return;
  for_blocks(0, p.lanes, [&](int64_t b, auto vectors) EK_FLAT {
    const int64_t width = vectors * VF;
    for (int64_t k = depth.begin; k < depth.end; k += step) {
      const float* of = v + k / p.c * p.v_phase;
      int64_t t = 0;
      do {  // once where there is no tile: then U is zero
        const int64_t n = smaller(kPart / width, count - t);
        micro<vectors, true>(channels, of + t * p.v_row, 1, p.v_row, y + b * p.piece + t * width, n,
                             u + b * p.u_rows + k * width, width, add_to || t > 0);
        t += n;
      } while (t < count);
    }
  });
}

// gw of one vector of output channels, from o on, and `count` input channels from c0 on. Those of an output are gw_row.
template <class P, int R, int N>
static void grad_weights(const Winograd& p, const float* u, int64_t o, int64_t c0, int64_t count, float* gw,
                         int64_t gw_row) {
  typedef Taps2d<R> Taps;
  float taps[kWeights * Taps::kArea * VF];
  const Block block(p, o);
  const int64_t width = block.width;
  for (int64_t phase = 0; phase < Taps::kPhases; ++phase) {
    const WinogradPhase f = winograd_phase(Taps::kPhases, phase);
    const float* q = u + block.from * p.u_rows + (o - block.from) + (phase * p.c + c0) * width;
    for (float* tap = taps; tap < taps + count * Taps::kArea * VF; tap += Taps::kArea * VF, q += width)
      both_ways<ToWeight<P, R, N>, ToWeight<P, R, N>>(
          [=, &p](int i, int j) EK_FLAT { return winograd_has(f, i, j) ? load(q + (i * N + j) * p.u_step) : zero(); },
          [=](int i, int j, vf w) EK_FLAT {
            const int t = Taps::at(f, i, j, false);
            if (t >= 0) store(tap + t * VF, w);
          });
  }
  transpose(taps, VF, gw + o * gw_row + c0 * Taps::kArea, gw_row, count * Taps::kArea, smaller(VF, p.o - o));
}

void winograd_grad_weights(const Winograd& p, const float* u, int64_t vector, float* gw, int64_t gw_row) {
  const auto run = EK_WINOGRAD(p, grad_weights);
  for (int64_t c = 0; c < p.c; c += kWeights) run(p, u, vector * VF, c, smaller(kWeights, p.c - c), gw, gw_row);
}

void winograd_grad_part(const Winograd& p, const WinogradPiece& piece, int64_t o, int64_t c, const float* v,
                        const float* y, float* u, float* gw, int64_t gw_row) {
  const Winograd part = winograd_part(p, o, smaller(o + kWinogradPart, p.lanes), c, smaller(c + kWinogradPart, p.c));
  gw += o * gw_row + c * (gw_row / p.c);
  for (int64_t q = 0; q < p.points; ++q) winograd_grad_products(part, q, piece, v + c, y + o * p.piece, u, false);
  for (int64_t b = 0; b < part.vectors; ++b) winograd_grad_weights(part, u, b, gw, gw_row);
}
}  // namespace ek::EK_ISA
