// A convolution of one-channel images, its activation and 2 x 2 average pooling, in planes: two rows at a time forward,
// so that the convolution's output is never in memory, and kPlanes planes at a time on the way back; 5x5 by Winograd.
#include "conv2d_planar.h"

#ifdef EK_BASE
#include <algorithm>
#include <numeric>

#include "conv2d_pool2d.h"
#include "conv2d_whole.h"
#include "memory.h"
#include "threads.h"
#include "winograd_row.h"

namespace ek {
namespace {
constexpr int64_t kVector = 8;  // those of AVX-512 cross a cache line at almost every tap

struct Planar {
  Planar(const ConvPool& op, bool points) : op(op), points(points) {
    const int64_t filled = points ? 4 * kVector : kVector;
    p.s = op.conv;
    p.rows = 2 * int64_t{op.pool.oh}, p.columns = 2 * int64_t{op.pool.ow};
    p.width = (p.columns + filled - 1) / filled * filled;
    const int64_t down = int64_t{p.s.kh - 1} * p.s.dilation_h, right = int64_t{p.s.kw - 1} * p.s.dilation_w;
    p.pitch = p.width + right;
    p.image = (p.rows + down) * p.pitch;
    const int64_t vectors = p.width / kVector, strips = (vectors + 3) / 4, longest = (vectors + strips - 1) / strips;
    p.block = longest == 4 ? 3 : longest == 3 ? 4 : 6;
    p.blocks = (p.s.o + p.block - 1) / p.block;
    p.taps = int64_t{p.s.kh} * p.s.kw;
  }

  PlanarRows rows_of(int64_t planes, int64_t pairs, int64_t plane) const {
    return {planes, pairs, p.width, plane, op.pool.ow, op.y_plane()};
  }
  int64_t kept_plane() const { return p.rows * p.width; }
  int64_t kept_image() const { return op.activation == EK_IDENTITY ? 0 : kept_plane() * p.s.o; }
  // Of a sum of gradients, by vectors: the weights', or their points', and the bias's.
  int64_t sum_row() const { return (1 + (points ? p.s.kh * kRowPoints : p.taps)) * kVector; }
  int64_t sum_floats() const { return (p.s.o + kPlanes - 1) / kPlanes * kPlanes * sum_row(); }
  int64_t points_of(int64_t rows) const { return points ? rows * p.width / 4 * kRowPoints : 0; }
  int64_t image_points() const { return points_of(p.rows + p.s.kh - 1); }

  int64_t group() const {  // images worth a thread
    return std::clamp<int64_t>(static_cast<int64_t>(kChunkFlops * p.s.n / conv2d_flops(p.s)), 1, p.s.n);
  }
  int64_t parts() const { return even_pieces(std::min<double>({16, 1.0 * p.s.n, conv2d_flops(p.s) / kChunkFlops})); }

  const ConvPool& op;
  bool points;
  PlanarPlan p{};
};

// Whether it can be done at points, in vectors that are as full as in the direct way.
bool may_have_points(const ConvPool& s) {
  return s.conv.kh == 5 && s.conv.kw == 5 && s.conv.dilation_h == 1 && s.conv.dilation_w == 1 &&
         Planar(s, true).p.width == Planar(s, false).p.width;
}

// Where it is written down how the forward went, whatever is set until the gradient.
float& way_of(const ConvPool& s, char* kept) {
  return reinterpret_cast<float*>(kept + s.conv.n * planar_kept(s))[kPlanarRoom - 1];
}

// The weights as (block, tap, channel) and the bias behind them; absent channels are zero.
void pack(const PlanarPlan& p, const float* w, const float* b, float* packed) {
  const int64_t channels = p.block * p.blocks;
  std::fill_n(packed, channels * (p.taps + 1), 0.0f);
  for (int64_t o = 0; o < p.s.o; ++o) {
    for (int64_t t = 0; t < p.taps; ++t) packed[(o / p.block * p.taps + t) * p.block + o % p.block] = w[o * p.taps + t];
    if (b) packed[channels * p.taps + o] = b[o];
  }
}

// The same as (channel, kernel row, point).
void pack_points(const PlanarPlan& p, const float* w, const float* b, float* packed) {
  float* bias = packed + p.s.o * p.s.kh * kRowPoints;
  for (int64_t row = 0; row < int64_t{p.s.o} * p.s.kh; ++row, w += p.s.kw, packed += kRowPoints) {
    double u[kRowPoints];
    RowPoints::of_weights(w, p.s.kw, u);
    for (int n = 0; n < kRowPoints; ++n) packed[n] = static_cast<float>(u[n]);
  }
  for (int64_t o = 0; o < p.s.o; ++o) bias[o] = b ? b[o] : 0;
}
}  // namespace

bool planar_takes(const ConvPool& s) {
  const ek_conv2d_shape& c = s.conv;
  return isa() != Isa::scalar && s.average && s.pairs() && c.c == 1 && c.groups == 1 && c.stride_h == 1 &&
         c.stride_w == 1 && s.activation != EK_RELU6;
}

int64_t planar_kept(const ConvPool& s) { return Planar(s, may_have_points(s)).kept_image() * 4; }

void planar_forward(const ConvPool& s, const float* x, const float* w, const float* b, float* y, char* kept) {
  const Planar plan(s, may_have_points(s) && ek_winograd() == 4);
  const PlanarPlan& p = plan.p;
  const int64_t channels = p.block * p.blocks, tile = plan.points ? 0 : channels * 2 * p.width + kPlanarRoom;
  const int64_t weights = plan.points ? int64_t{p.s.o} * p.s.kh * kRowPoints : channels * p.taps;
  const Scratch packed(weights + channels);
  const float* bias = packed + weights;
  (plan.points ? pack_points : pack)(p, w, b, packed);
  way_of(s, kept) = plan.points;
  const PlanarRows rows = plan.rows_of(s.conv.o, 1, 2 * p.width);
  parallel(s.conv.n, plan.group(), [&](int64_t begin, int64_t end) {
    const Scratch memory(p.image + tile + plan.image_points() + s.y_image());
    float *padded = memory, *pair = padded + p.image, *v = pair + tile, *pooled = v + plan.image_points();
    for (int64_t n = begin; n < end; ++n) {
      float *out = y + n * s.y_image(), *to = s.planar ? out : pooled;
      float* keep = plan.kept_image() ? reinterpret_cast<float*>(kept) + n * plan.kept_image() : nullptr;
      EK_CALL(planar_image, p, x + n * conv2d_x_image(s.conv), padded);
      if (plan.points) {
        EK_CALL_ANY(planar_points, p, padded, v);
        EK_CALL_ANY(planar_points_average, p, s.activation, v, packed, bias, to, keep);
      } else {
        for (int64_t r = 0; r < s.pool.oh; ++r) {
          EK_CALL(planar_rows, p, padded + 2 * r * p.pitch, packed, bias, pair);
          EK_CALL_ANY(planar_average, rows, s.activation, pair, to + r * s.pool.ow,
                      keep ? keep + 2 * r * p.width : nullptr, plan.kept_plane());
        }
      }
      if (!s.planar) EK_CALL(transpose_each, 1, s.pool.c, s.y_plane(), pooled, out);
    }
  });
}

namespace {
// The sums of the gradients of one image.
void add_gradients(const Planar& plan, const float* x, const float* gy, const float* kept, float* sums, float* memory) {
  const ConvPool& s = plan.op;
  const PlanarPlan& p = plan.p;
  float *padded = memory, *v = padded + p.image, *between = v + plan.image_points();
  EK_CALL(planar_image, p, x, padded);
  if (plan.points) {
    EK_CALL_ANY(planar_points, p, padded, v);
    EK_CALL_ANY(planar_points_grad, p, s.activation, v, gy, kept, sums, between);
    return;
  }
  for (int64_t c = 0; c < s.conv.o; c += kPlanes) {
    const PlanarRows rows = plan.rows_of(std::min(kPlanes, s.conv.o - c), s.pool.oh, plan.kept_plane());
    float* sum = sums + c * plan.sum_row();
    EK_CALL_ANY(planar_average_grad, rows, s.activation, gy + c * s.y_plane(),
                kept ? kept + c * plan.kept_plane() : nullptr, between, sum, plan.sum_row());
    EK_CALL(planar_grad_weight, p, padded, between, rows.planes, sum);
  }
}

// The gradients from their sums, lane by lane.
void finish(const Planar& plan, const float* sums, float* gw, float* gb) {
  const PlanarPlan& p = plan.p;
  const auto of_lanes = [](const float* lanes) { return std::accumulate(lanes, lanes + kVector, 0.0f); };
  for (int64_t o = 0; o < p.s.o; ++o, sums += plan.sum_row()) {
    if (gb) gb[o] = of_lanes(plan.points ? sums + plan.sum_row() - kVector : sums);
    for (int64_t t = 0; t < p.taps && !plan.points; ++t) gw[o * p.taps + t] = of_lanes(sums + (1 + t) * kVector);
    for (int64_t i = 0; i < p.s.kh && plan.points; ++i) {
      double u[kRowPoints];
      for (int n = 0; n < kRowPoints; ++n) u[n] = of_lanes(sums + (i * kRowPoints + n) * kVector);
      RowPoints::to_weights(u, p.s.kw, gw + (o * p.s.kh + i) * p.s.kw);
    }
  }
}
}  // namespace

void planar_gradient(const ConvPool& s, const float* x, const float* gy, const char* kept, float* gw, float* gb) {
  const Planar plan(s, way_of(s, const_cast<char*>(kept)) != 0);
  const PlanarPlan& p = plan.p;
  const int64_t parts = plan.parts(), floats = plan.sum_floats();
  const int64_t between = plan.points ? 2 * plan.points_of(p.rows) : kPlanes * plan.kept_plane();
  const int64_t work = p.image + plan.image_points() + between;
  const Scratch all(parts * floats);
  parallel(parts, 1, [&](int64_t part, int64_t) {
    const Scratch memory(work + s.y_image());
    float *pooled = memory + work, *sums = all + part * floats;
    std::fill_n(sums, floats, 0.0f);
    std::fill_n(pooled - between, between, 0.0f);  // planes beyond the last: what was there could be slow
    for (int64_t n = cut(s.conv.n, parts, part); n < cut(s.conv.n, parts, part + 1); ++n) {
      const float* g = gy + n * s.y_image();
      if (!s.planar) EK_CALL(transpose_each, 1, s.y_plane(), s.pool.c, g, pooled), g = pooled;
      const float* at = plan.kept_image() ? reinterpret_cast<const float*>(kept) + n * plan.kept_image() : nullptr;
      add_gradients(plan, x + n * conv2d_x_image(s.conv), g, at, sums, memory);
    }
  });
  EK_CALL(add_parts, parts, all, floats, all, floats);
  finish(plan, all, gw, gb);
}
}  // namespace ek
#endif
