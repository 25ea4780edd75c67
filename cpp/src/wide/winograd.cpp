// Winograd convolution: transforms of weights, input and output, and the products between them. A vector holds
// channels.
#include "wide/winograd.h"

#include "ops/activation.h"
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

// U of one vector of output channels, from o on, and `count` input channels from c0 on.
template <class P, int R, int N>
static void weights(const Winograd& p, const WinogradWeights& w, int64_t o, int64_t c0, int64_t count, float* u) {
  typedef Taps2d<R> Taps;
  float taps[kWeights * Taps::kArea * VF];
  const Block block(p, o);
  const int64_t width = block.width;
  const int64_t next = p.c * (p.merge == 2 ? p.lanes : width);  // phases are neighbours in U as outputs, in K as inputs
  const bool past = VF == 16 && p.stream, flipped = w.flipped;  // a vector is a line
  gather_taps(w, o, smaller(VF, p.o - o), c0, count, Taps::kArea, taps);
  for (int64_t phase = 0; phase < Taps::kPhases; ++phase) {
    const WinogradPhase f = winograd_phase(Taps::kPhases, phase);
    float* q = u + block.from * p.u_rows + (o - block.from) + c0 * width + phase * next;
    for (const float* tap = taps; tap < taps + count * Taps::kArea * VF; tap += Taps::kArea * VF, q += width)
      both_ways<FromWeight<P, R, N>, FromWeight<P, R, N>>(
          [=](int i, int j) EK_FLAT {
            const int t = Taps::at(f, i, j, flipped);
            return t < 0 ? zero() : load(tap + t * VF);
          },
          [=, &p](int i, int j, vf v) EK_FLAT {
            if (!winograd_has(f, i, j)) return;
            float* to = q + (i * N + j) * p.u_step;
            past ? stream(to, v) : store(to, v);
          });
  }
}

void winograd_weights(const Winograd& p, const WinogradWeights& w, int64_t vector, float* u) {
  const auto run = EK_WINOGRAD(p, weights);
  for (int64_t c = 0; c < p.c; c += kWeights) run(p, w, vector * VF, c, smaller(kWeights, p.c - c), u);
  end_stream();
}

// ---- output ----

// y of one tile for the output channels of M, which begin at o. Rows and columns of phases may fall out of y.
template <class P, int H, int W, int R>
static void output_tile(const Winograd& p, const float* m, const float* bias, float* y, const Tile& t, WinogradPhase f,
                        int64_t o) {
  typedef ToOutput<P, H, R> Down;
  typedef ToOutput<P, W, R> Across;
  const int64_t col = p.merge * p.o, row = col * p.to_w, down = p.side * p.m_step, count = smaller(p.span, p.o - o);
  const float ceiling = p.ceiling;
  const bool past = VF == 16 && p.stream_y, add_to = p.add_to;
  const float* columns[Across::kIn];
  for (int j = 0; j < Across::kIn; ++j) {
    const int64_t point = P::in_set(j, Across::kIn);
    columns[j] = m + point * p.m_step + t.row(p, point) * p.span;
  }
  const float* const* column = columns;
  const int64_t top = p.merge * t.y + p.from_y - f.dy, left = p.merge * t.x + p.from_x - f.dx;
  float* to = y + ((t.image * p.to_h + top) * p.to_w + left) * p.o + o;
  const auto inside = [=](int i, int j) EK_FLAT {
    if (!Taps2d<R>::kPhased) return true;
    const int64_t h = top + p.merge * i, w = left + p.merge * j;
    return h >= 0 && h < p.to_h && w >= 0 && w < p.to_w;
  };
  for (int64_t c = 0; c < count; c += VF) {
    const int64_t lanes = count - c;
    const vf b = load(bias + o + c);
    const auto from = [=](int i, int j) EK_FLAT { return load(column[j] + P::in_set(i, Down::kIn) * down + c); };
    const auto out = [=](vf v) EK_FLAT { return activated(add(v, b), ceiling); };
    float* q = to + c;
    if (lanes >= VF)
      both_ways<Down, Across>(from, [=](int i, int j, vf v) EK_FLAT {
        if (!inside(i, j)) return;
        float* at = q + i * row + j * col;
        past ? stream(at, out(v)) : store(at, add_to ? add(load(at), out(v)) : out(v));
      });
    else
      both_ways<Down, Across>(from, [=](int i, int j, vf v) EK_FLAT {
        if (!inside(i, j)) return;
        float* at = q + i * row + j * col;
        store_part(at, add_to ? add(load_part(at, lanes), out(v)) : out(v), lanes);
      });
  }
}

static void transform_output(const Winograd& p, const float* m, const float* bias, float* y, const Tile& t,
                             WinogradPhase f, int64_t o) {
  typedef void (*Kernel)(const Winograd&, const float*, const float*, float*, const Tile&, WinogradPhase, int64_t);
  EK_TILE_KERNELS(Kernel, output_tile)
  EK_TILE_KERNEL(p, t)(p, m, bias, y, t, f, o);
}

// `rows` of M (+)=, V vectors wide, from weights w, a part of the input channels after the other. Behind w comes next.
template <int V>
EK_INLINE void block_products(const Winograd& p, int64_t rows, const float* v, const float* w, int64_t channels,
                              float* m, bool add_to, const float* next) {
  constexpr int64_t width = V * VF, most = kPart / width;
  for (int64_t c = 0; c < channels; c += most, w += most * width) {
    const float* then = c + most < channels ? w + most * width : next;
    asking_for<V>(then, ceil_div(rows, rows_of(V)), [&](auto ahead) EK_FLAT {
      micro<V>(rows, v + c, p.v_row, 1, w, smaller(most, channels - c), m, p.span, add_to || c > 0, ahead);
    });
  }
}

// M (+)= V U at the point of row i and column j, of the output channels o..end-1 of a phase. Where channels are in
// phases, so many of each are added, one phase after the other: so many have a U of their own where it is made.
static void point_products(const Winograd& p, int64_t rows, int64_t i, int64_t j, int64_t phase, int64_t o, int64_t end,
                           const float* v, const float* u, float* m, bool add_to) {
  const int64_t q = i * p.side + j;
  const WinogradDepth depth = winograd_depth(p, i, j);
  const bool whole = p.split == 1 || p.v_phase <= kWinogradPart;  // those of all phases lie one behind the other
  const int64_t all = depth.end - depth.begin, most = whole ? all : kWinogradPart, step = whole ? all : p.c;
  const auto block = [&](int64_t point, int64_t from) {
    return u + point * p.u_step + (phase * p.lanes + from) * p.u_rows;
  };
  for_blocks(o, end, [&](int64_t b, auto vectors) EK_FLAT {
    const int64_t width = vectors * VF;
    const float* behind = b + width < end ? block(q, b + width) : block(q + 1, o);
    const auto weights = [&](int64_t c, int64_t k) { return block(q, b) + (k + c) * width; };
    for (int64_t c = 0; c < step; c += most)
      for (int64_t k = depth.begin; k < depth.end; k += step) {
        const float* next = k + step < depth.end ? weights(c, k + step)
                            : c + most < step    ? weights(c + most, depth.begin)
                                                 : behind;
        block_products<vectors>(p, rows, v + q * p.v_step + k / p.c * p.v_phase + c, weights(c, k),
                                smaller(most, step - c), m + q * p.m_step + (b - o), add_to || c > 0 || k > depth.begin,
                                next);
      }
  });
}

enum { kStep = kRows / 3 };  // rows of V that products are made of: some more than there are, of zeros

void winograd_input(const Winograd& p, const float* x, const float* zeros, const WinogradPiece& piece, int64_t from,
                    int64_t to, float* v) {
  for (int64_t t = from; t < to; ++t) transform_input(p, x, zeros, tile_at(p, piece, t), v);
  if (to < piece.first + piece.count) return;
  for (int64_t q = 0; q < p.points; ++q)
    for (int64_t r = winograd_count(p, piece, q / p.side, q % p.side); r % kStep != 0; ++r)
      memset(v + q * p.v_step + r * p.v_row, 0, p.u_rows * sizeof(float));
}

// M (+)= V U of the output channels o..end-1 of a phase, at all points.
static void products(const Winograd& p, const WinogradPiece& piece, int64_t phase, int64_t o, int64_t end,
                     const float* v, const float* u, float* m, bool add_to) {
  const WinogradPhase f = winograd_phase(p.merge, phase);
  for (int64_t q = 0; q < p.points; ++q) {
    const int64_t i = q / p.side, j = q % p.side, rows = ceil_div(winograd_count(p, piece, i, j), kStep) * kStep;
    if (!winograd_has(f, i, j))
      memset(m + q * p.m_step, 0, rows * p.span * sizeof(float));
    else if (rows > 0)
      point_products(p, rows, i, j, phase, o, end, v, u, m, add_to);
  }
}

void winograd_output(const Winograd& p, const float* v, const float* u, const WinogradWeights& w, const float* bias,
                     float* y, const WinogradPiece& piece, int64_t s, float* m) {
  const int64_t spans = p.spans / (p.merge * p.merge);
  const int64_t phase = s / spans, o = s % spans * p.span, end = smaller(o + p.span, p.lanes);
  if (u) products(p, piece, phase, o, end, v, u, m, false);
  for (int64_t c = 0; !u && c < p.c; c += kWinogradPart) {
    const Winograd part = winograd_part(p, o, end, c, smaller(c + kWinogradPart, p.c));
    const WinogradWeights taps = {w.from + o * w.of + c * w.cf, w.of, w.cf, w.flipped};
    float* made = m + p.points * p.m_step;
    for (int64_t b = 0; b < part.vectors; ++b) winograd_weights(part, taps, b, made);
    products(part, piece, 0, 0, part.lanes, v + c, made, m, c > 0);
  }
  const WinogradPhase f = winograd_phase(p.merge, phase);
  for (int64_t t = piece.first; t < piece.first + piece.count; ++t)
    transform_output(p, m, bias, y, tile_at(p, piece, t), f, o);
  end_stream();
}
}  // namespace ek::EK_ISA
