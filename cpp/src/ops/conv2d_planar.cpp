// A convolution of one-channel images, its activation and 2 x 2 average pooling, in planes: two rows at a time forward,
// so that the convolution's output is never in memory, and kPlanes planes at a time on the way back.
#include "conv2d_planar.h"

#ifdef EK_BASE
#include <algorithm>
#include <numeric>

#include "conv2d_pool2d.h"
#include "conv2d_whole.h"
#include "memory.h"
#include "threads.h"

namespace ek {
namespace {
constexpr int64_t kVector = 8;  // those of AVX-512 cross a cache line at almost every tap

struct Planar {
  explicit Planar(const ConvPool& op) : op(op) {
    p.s = op.conv;
    p.rows = 2 * int64_t{op.pool.oh}, p.columns = 2 * int64_t{op.pool.ow};
    p.width = (p.columns + kVector - 1) / kVector * kVector;
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
  int64_t sum_row() const { return (1 + p.taps) * kVector; }
  int64_t sum_floats() const { return (p.s.o + kPlanes - 1) / kPlanes * kPlanes * sum_row(); }

  int64_t group() const {  // images worth a thread
    return std::clamp<int64_t>(static_cast<int64_t>(kChunkFlops * p.s.n / conv2d_flops(p.s)), 1, p.s.n);
  }
  int64_t parts() const { return even_pieces(std::min<double>({16, 1.0 * p.s.n, conv2d_flops(p.s) / kChunkFlops})); }

  const ConvPool& op;
  PlanarPlan p{};
};

// The weights as (block, tap, channel) and the bias behind them; absent channels are zero.
void pack(const PlanarPlan& p, const float* w, const float* b, float* packed) {
  const int64_t channels = p.block * p.blocks;
  std::fill_n(packed, channels * (p.taps + 1), 0.0f);
  for (int64_t o = 0; o < p.s.o; ++o) {
    for (int64_t t = 0; t < p.taps; ++t) packed[(o / p.block * p.taps + t) * p.block + o % p.block] = w[o * p.taps + t];
    if (b) packed[channels * p.taps + o] = b[o];
  }
}
}  // namespace

bool planar_takes(const ConvPool& s) {
  const ek_conv2d_shape& c = s.conv;
  return isa() != Isa::scalar && s.average && s.pairs() && c.c == 1 && c.groups == 1 && c.stride_h == 1 &&
         c.stride_w == 1;
}

int64_t planar_kept(const ConvPool& s) {
  return s.activation == EK_IDENTITY ? 0 : Planar(s).kept_plane() * s.conv.o * 4;
}

void planar_forward(const ConvPool& s, const float* x, const float* w, const float* b, float* y, char* kept) {
  const Planar plan(s);
  const PlanarPlan& p = plan.p;
  const int64_t channels = p.block * p.blocks, tile = channels * 2 * p.width + kPlanarRoom;
  const int64_t kept_image = planar_kept(s), image = conv2d_x_image(s.conv);
  const Scratch packed(channels * (p.taps + 1));
  pack(p, w, b, packed);
  const PlanarRows rows = plan.rows_of(s.conv.o, 1, 2 * p.width);
  parallel(s.conv.n, plan.group(), [&](int64_t begin, int64_t end) {
    const Scratch memory(p.image + tile + s.y_image());
    float *padded = memory, *pair = padded + p.image, *pooled = pair + tile;
    for (int64_t n = begin; n < end; ++n) {
      float *out = y + n * s.y_image(), *to = s.planar ? out : pooled;
      EK_CALL(planar_image, p, x + n * image, padded);
      for (int64_t r = 0; r < s.pool.oh; ++r) {
        EK_CALL(planar_rows, p, padded + 2 * r * p.pitch, packed, packed + channels * p.taps, pair);
        float* at = reinterpret_cast<float*>(kept + n * kept_image);
        EK_CALL(planar_average, rows, s.activation, pair, to + r * s.pool.ow, at + 2 * r * p.width, plan.kept_plane());
      }
      if (!s.planar) EK_CALL(transpose_each, 1, s.pool.c, s.y_plane(), pooled, out);
    }
  });
}

void planar_gradient(const ConvPool& s, const float* x, const float* gy, const char* kept, float* gw, float* gb) {
  const Planar plan(s);
  const PlanarPlan& p = plan.p;
  const int64_t parts = plan.parts(), kept_image = planar_kept(s), floats = plan.sum_floats();
  const int64_t planes = kPlanes * plan.kept_plane();
  const Scratch all(parts * floats);
  parallel(parts, 1, [&](int64_t part, int64_t) {
    const Scratch memory(p.image + planes + s.y_image());
    float *padded = memory, *between = padded + p.image, *pooled = between + planes, *sums = all + part * floats;
    std::fill_n(sums, floats, 0.0f);
    std::fill_n(between, planes, 0.0f);  // planes beyond the last: what was there could be slow
    for (int64_t n = cut(s.conv.n, parts, part); n < cut(s.conv.n, parts, part + 1); ++n) {
      const float* g = gy + n * s.y_image();
      if (!s.planar) EK_CALL(transpose_each, 1, s.y_plane(), s.pool.c, g, pooled), g = pooled;
      EK_CALL(planar_image, p, x + n * conv2d_x_image(s.conv), padded);
      for (int64_t c = 0; c < s.conv.o; c += kPlanes) {
        const PlanarRows rows = plan.rows_of(std::min(kPlanes, s.conv.o - c), s.pool.oh, plan.kept_plane());
        float* sum = sums + c * plan.sum_row();
        const float* at = reinterpret_cast<const float*>(kept + n * kept_image);
        EK_CALL(planar_average_grad, rows, s.activation, g + c * s.y_plane(), at + c * plan.kept_plane(), between, sum,
                plan.sum_row());
        EK_CALL(planar_grad_weight, p, padded, between, rows.planes, sum);
      }
    }
  });
  EK_CALL(add_parts, parts, all, floats, all, floats);
  for (int64_t o = 0; o < s.conv.o; ++o)
    for (int64_t t = 0; t <= p.taps; ++t) {
      const float* lanes = all + o * plan.sum_row() + t * kVector;
      const float sum = std::accumulate(lanes, lanes + kVector, 0.0f);
      if (t > 0)
        gw[o * p.taps + t - 1] = sum;
      else if (gb)
        gb[o] = sum;
    }
}
}  // namespace ek
#endif
