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
constexpr int64_t kVector = 8;  // of one image: those of AVX-512 cross a cache line at almost every tap

struct Planar {
  Planar(const ConvPool& op, bool points)
      : op(op), points(points), images(points ? EK_CALL_ANY(planar_images) : 1), vector(images * kVector) {
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
  int64_t sum_row() const { return (1 + (points ? p.s.kh * kRowPoints : p.taps)) * vector; }
  int64_t sum_floats() const { return (p.s.o + kPlanes - 1) / kPlanes * kPlanes * sum_row(); }
  int64_t points_of(int64_t rows) const { return points ? images * rows * p.width / 4 * kRowPoints : 0; }
  int64_t image_points() const { return points_of(p.rows + p.s.kh - 1); }

  int64_t groups() const { return (p.s.n + images - 1) / images; }
  PlanarGroup group(int64_t i) const { return {std::min(images, p.s.n - i * images), op.y_image()}; }
  // The images of group i within their padding, and none where there is none.
  void pad(int64_t i, const float* x, float* to) const {
    for (int64_t k = 0, n = i * images; k < images; ++k, ++n, to += p.image)
      if (n < p.s.n)
        EK_CALL(planar_image, p, x + n * conv2d_x_image(op.conv), to);
      else
        std::fill_n(to, p.image, 0.0f);
  }
  int64_t worth() const {  // groups worth a thread
    return std::clamp<int64_t>(static_cast<int64_t>(kChunkFlops * groups() / conv2d_flops(p.s)), 1, groups());
  }
  int64_t parts() const { return even_pieces(std::min<double>({16, 1.0 * groups(), conv2d_flops(p.s) / kChunkFlops})); }

  const ConvPool& op;
  bool points;
  int64_t images, vector;  // of a group, and lanes of a sum
  PlanarPlan p{};
};

// Whether it can be done at points, in vectors that are as full as in the direct way.
bool may_have_points(const ConvPool& s) {
  return s.conv.kh == 5 && s.conv.kw == 5 && s.conv.dilation_h == 1 && s.conv.dilation_w == 1 &&
         Planar(s, true).p.width == Planar(s, false).p.width;
}

// Where it is written down how the forward went, whatever is set until the gradient. That is a tensor's memory, in
// which anything may stand if another thread closes it.
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
  parallel(plan.groups(), plan.worth(), [&](int64_t begin, int64_t end) {
    const Scratch memory(plan.images * (p.image + s.y_image()) + tile + plan.image_points());
    float *padded = memory, *pair = padded + plan.images * p.image, *v = pair + tile;
    float* pooled = v + plan.image_points();
    for (int64_t i = begin; i < end; ++i) {
      const PlanarGroup group = plan.group(i);
      float *out = y + i * plan.images * s.y_image(), *to = s.planar ? out : pooled;
      float* keep = plan.kept_image() ? reinterpret_cast<float*>(kept) + i * plan.images * plan.kept_image() : nullptr;
      plan.pad(i, x, padded);
      if (plan.points) {
        EK_CALL_ANY(planar_points, p, padded, v);
        EK_CALL_ANY(planar_points_average, p, group, s.activation, v, packed, bias, to, keep);
      } else {
        for (int64_t r = 0; r < s.pool.oh; ++r) {
          EK_CALL(planar_rows, p, padded + 2 * r * p.pitch, packed, bias, pair);
          EK_CALL_ANY(planar_average, rows, s.activation, pair, to + r * s.pool.ow,
                      keep ? keep + 2 * r * p.width : nullptr, plan.kept_plane());
        }
      }
      if (!s.planar) EK_CALL(transpose_each, group.images, s.pool.c, s.y_plane(), pooled, out);
    }
  });
}

namespace {
// The sums of the gradients of one group.
void add_gradients(const Planar& plan, int64_t i, const float* x, const float* gy, const float* kept, float* sums,
                   float* memory) {
  const ConvPool& s = plan.op;
  const PlanarPlan& p = plan.p;
  float *padded = memory, *v = padded + plan.images * p.image, *between = v + plan.image_points();
  plan.pad(i, x, padded);
  if (plan.points) {
    EK_CALL_ANY(planar_points, p, padded, v);
    EK_CALL_ANY(planar_points_grad, p, plan.group(i), s.activation, v, gy, kept, sums, between);
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
  const auto of_lanes = [&](const float* lanes) { return std::accumulate(lanes, lanes + plan.vector, 0.0f); };
  for (int64_t o = 0; o < p.s.o; ++o, sums += plan.sum_row()) {
    if (gb) gb[o] = of_lanes(plan.points ? sums + plan.sum_row() - plan.vector : sums);
    for (int64_t t = 0; t < p.taps && !plan.points; ++t) gw[o * p.taps + t] = of_lanes(sums + (1 + t) * plan.vector);
    for (int64_t i = 0; i < p.s.kh && plan.points; ++i) {
      double u[kRowPoints];
      for (int n = 0; n < kRowPoints; ++n) u[n] = of_lanes(sums + (i * kRowPoints + n) * plan.vector);
      RowPoints::to_weights(u, p.s.kw, gw + (o * p.s.kh + i) * p.s.kw);
    }
  }
}
}  // namespace

void planar_gradient(const ConvPool& s, const float* x, const float* gy, const char* kept, float* gw, float* gb) {
  const Planar plan(s, may_have_points(s) && way_of(s, const_cast<char*>(kept)) != 0);
  const PlanarPlan& p = plan.p;
  const int64_t parts = plan.parts(), floats = plan.sum_floats();
  const int64_t between = plan.points ? 2 * plan.points_of(p.rows) : kPlanes * plan.kept_plane();
  const int64_t work = plan.images * p.image + plan.image_points() + between;
  const Scratch all(parts * floats);
  parallel(parts, 1, [&](int64_t part, int64_t) {
    const Scratch memory(work + plan.images * s.y_image());
    float *pooled = memory + work, *sums = all + part * floats;
    std::fill_n(sums, floats, 0.0f);
    std::fill_n(pooled - between, between, 0.0f);  // planes beyond the last: what was there could be slow
    for (int64_t i = cut(plan.groups(), parts, part); i < cut(plan.groups(), parts, part + 1); ++i) {
      const float* g = gy + i * plan.images * s.y_image();
      if (!s.planar) {
        EK_CALL(transpose_each, plan.group(i).images, s.y_plane(), s.pool.c, g, pooled);
        g = pooled;
      }
      const int64_t at = i * plan.images * plan.kept_image();
      add_gradients(plan, i, x, g, plan.kept_image() ? reinterpret_cast<const float*>(kept) + at : nullptr, sums,
                    memory);
    }
  });
  EK_CALL(add_parts, parts, all, floats, all, floats);
  finish(plan, all, gw, gb);
}
}  // namespace ek
#endif
