// A convolution, the activation and the pooling behind it at once, so that the convolution's outputs and their
// gradient, which nobody else wants, are never in memory. Here are the entry points, and max-pooling behind a
// convolution of few input channels: some images at a time, whose outputs stay in the cache.
#ifdef EK_BASE
#include "conv2d_pool2d.h"

#include <algorithm>

#include "activation.h"
#include "conv2d_algorithms.h"
#include "conv2d_few.h"
#include "conv2d_plain.h"
#include "conv2d_planar.h"
#include "conv2d_whole.h"
#include "error.h"
#include "float_mode.h"
#include "max_pool2d.h"

namespace ek {
namespace {
// From so many input channels on it is no faster, or without gradients: docs/decisions/0005.
constexpr int32_t kMostPaired = 16, kMostAlone = 5;
constexpr int32_t kSomeImages = 4;         // fewer keep threads waiting, unless they are small
constexpr int64_t kGroupFloats = 1 << 16;  // of the convolution's outputs: 256 KB, half of a second cache

// How the batch is cut, by shape.
struct Groups {
  explicit Groups(const ConvPool& s)
      : s(s),
        images(std::clamp<int64_t>(kGroupFloats / conv2d_y_image(s.conv), 1, s.conv.n)),
        x_image(conv2d_x_image(s.conv)),
        y_image(s.y_image()) {}

  const ConvPool& s;
  int64_t images;            // of a group, at most
  int64_t x_image, y_image;  // floats of an image

  ek_pool2d_shape pool_of(int64_t n) const {
    ek_pool2d_shape p = s.pool;
    p.n = static_cast<int32_t>(n);
    return p;
  }
  int64_t position_at(int64_t image) const { return image * y_image * position_bytes(s.pool); }
  int64_t between() const { return s.pairs() ? 0 : images * conv2d_y_image(s.conv); }  // floats to be pooled
  int64_t pooled() const { return s.planar ? images * y_image : 0; }                   // floats to be transposed
};

bool few_takes(const ConvPool& s) {
  return !s.average && (s.activation == EK_IDENTITY || s.activation == EK_RELU) &&
         few_takes(s.conv, Conv2dPass::forward) && few_takes(s.conv, Conv2dPass::grad_weight);
}

void few_forward(const ConvPool& s, const float* x, const float* w, const float* b, float* y, char* position) {
  const Groups g(s);
  const bool relu = s.activation == EK_RELU;
  const FewForward conv(s.conv, w, b, s.pairs() ? ceiling_of(s.activation) : 0, 1,
                        few_points_win(s.conv, Conv2dPass::forward, s.pairs()), s.pairs());
  parallel(s.conv.n, g.images, [&](int64_t begin, int64_t end) {
    const Scratch between(g.between()), inputs(conv.scratch()), pooled(g.pooled());
    float *out = y + begin * g.y_image, *to = s.planar ? pooled.get() : out;
    char* at = position + g.position_at(begin);
    const float* from = x + begin * g.x_image;
    if (s.pairs()) {
      conv.run_pooled(end - begin, from, to, reinterpret_cast<uint8_t*>(at), inputs);
    } else {
      conv.run(end - begin, from, between, inputs);
      EK_CALL(max_pool2d, g.pool_of(end - begin), relu, between, to, at);
    }
    if (s.planar) EK_CALL(transpose_each, end - begin, s.y_plane(), s.pool.c, to, out);
  });
}

void few_gradient(const ConvPool& s, const float* x, const float* gy, const char* position, float* gw, float* gb) {
  const Groups g(s);
  const bool points = !s.pairs() && few_points_win(s.conv, Conv2dPass::grad_weight, false);
  const int64_t parts = FewGradWeight(s.conv, std::min<int64_t>(s.conv.n, 16), false).chunks();
  const FewGradWeight conv(s.conv, 1, points, s.pairs());
  const Scratch sums(parts * conv.floats());
  parallel(parts, 1, [&](int64_t part, int64_t) {
    const Scratch between(g.between()), inputs(conv.scratch()), pooled(g.pooled());
    float* sum = sums + part * conv.floats();
    std::fill_n(sum, conv.floats(), 0.0f);
    const int64_t end = cut(s.conv.n, parts, part + 1);
    for (int64_t from = cut(s.conv.n, parts, part); from < end; from += g.images) {
      const int64_t n = std::min(g.images, end - from);
      const float *of = gy + from * g.y_image, *in = x + from * g.x_image;
      const char* at = position + g.position_at(from);
      if (s.planar) EK_CALL(transpose_each, n, s.pool.c, s.y_plane(), of, pooled.get()), of = pooled;
      if (s.pairs()) {
        conv.add_pooled(n, in, of, reinterpret_cast<const uint8_t*>(at), sum, inputs);
      } else {
        EK_CALL(max_pool2d_grad, g.pool_of(n), of, at, between);
        conv.add(n, in, between, sum, inputs);
      }
    }
  });
  conv.finish(parts, sums, gw, gb);
}

// The two ways, in the order in which they are tried.
struct Way {
  const char* name;
  bool (*takes)(const ConvPool&);
  void (*forward)(const ConvPool&, const float* x, const float* w, const float* b, float* y, char* kept);
  void (*gradient)(const ConvPool&, const float* x, const float* gy, const char* kept, float* gw, float* gb);
};
constexpr Way kWays[] = {{kFew, few_takes, few_forward, few_gradient},
                         {"planar", planar_takes, planar_forward, planar_gradient}};

const Way* find_way(const ConvPool& s) {
  if (conv2d_far(s.conv)) return nullptr;
  for (const Way& w : kWays)
    if (w.takes(s)) return &w;
  return nullptr;
}

ConvPool conv_pool(const ek_conv2d_shape* conv, const ek_pool2d_shape* pool, int average, int activation, int planar) {
  return {*conv, *pool, average != 0, activation, planar != 0};
}

// f(way) under the name of the operation.
template <class F>
int run(const char* op, const ConvPool& s, const F& f) {
  const Way* way = find_way(s);
  const Work work{op, &s.conv.n, 16, conv2d_flops(s.conv), true, way ? way->name : nullptr};
  return guarded(
      [&] {
        if (!way)
          fail(EK_INVALID, "a convolution of %d channels in %d groups, which is not pooled at once", s.conv.c,
               s.conv.groups);
        const FlushDenormals flush;
        f(*way);
      },
      work);
}
}  // namespace
}  // namespace ek

extern "C" {
ek_dim ek_conv2d_pool2d_kept(const ek_conv2d_shape* conv, const ek_pool2d_shape* pool, int average, int activation,
                             int gradient) {
  using namespace ek;
  const ConvPool s = conv_pool(conv, pool, average, activation, 0);
  const auto few = [&](Conv2dPass pass) {
    const char* name = conv2d_algorithm(*conv, pass).name;
    return name == kFew || name == kFewWinograd;
  };
  const bool largest = s.pairs() && !average;
  const auto trains = [&] {
    return largest ? conv->c < kMostPaired : few(Conv2dPass::forward) && few(Conv2dPass::grad_weight);
  };
  const auto infers = [&] {
    return ((largest && conv->c < kMostAlone) || few(Conv2dPass::forward)) &&
           (conv->n >= kSomeImages || conv2d_y_image(*conv) <= kGroupFloats);
  };
  if (!(gradient ? trains() : infers()) || !find_way(s)) return -1;
  if (average) return planar_kept(s) * conv->n + kPlanarRoom * 4;
  return s.y_image() * conv->n * position_bytes(*pool);
}

int ek_conv2d_pool2d(const ek_conv2d_shape* conv, const ek_pool2d_shape* pool, int average, int activation, int planar,
                     const float* x, const float* w, const float* b, float* y, void* kept) {
  const ek::ConvPool s = ek::conv_pool(conv, pool, average, activation, planar);
  return ek::run("conv2d_pool2d", s, [&](const auto& way) { way.forward(s, x, w, b, y, static_cast<char*>(kept)); });
}

int ek_conv2d_pool2d_grad(const ek_conv2d_shape* conv, const ek_pool2d_shape* pool, int average, int activation,
                          int planar, const float* x, const float* gy, const void* kept, float* gw, float* gb) {
  const ek::ConvPool s = ek::conv_pool(conv, pool, average, activation, planar);
  return ek::run("conv2d_pool2d_grad", s,
                 [&](const auto& way) { way.gradient(s, x, gy, static_cast<const char*>(kept), gw, gb); });
}
}
#endif
