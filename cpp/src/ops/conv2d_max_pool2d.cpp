// A convolution of few input channels and the max pooling behind it, some images at a time, so that the convolution's
// outputs and their gradient, which nobody else wants, stay in the cache.
#ifdef EK_BASE
#include <algorithm>

#include "conv2d_algorithms.h"
#include "conv2d_few.h"
#include "error.h"
#include "max_pool2d.h"

namespace ek {
namespace {
constexpr int64_t kGroupFloats = 1 << 16;  // of the convolution's outputs: 256 KB, half of a second cache

// How the batch is cut, by shape.
struct Groups {
  Groups(const ek_conv2d_shape& conv, const ek_pool2d_shape& pool)
      : conv(conv),
        pool(pool),
        images(std::clamp<int64_t>(kGroupFloats / conv2d_y_image(conv), 1, conv.n)),
        x_image(conv2d_x_image(conv)),
        between(conv2d_y_image(conv)),
        y_image(int64_t{pool.oh} * pool.ow * pool.c) {}

  ek_conv2d_shape conv;
  ek_pool2d_shape pool;
  int64_t images;                     // of a group, at most
  int64_t x_image, between, y_image;  // floats of an image: input, what is pooled, output

  ek_pool2d_shape pool_of(int64_t n) const {
    ek_pool2d_shape s = pool;
    s.n = static_cast<int32_t>(n);
    return s;
  }
  int64_t position_at(int64_t image) const { return image * y_image * position_bytes(pool); }
};

// A shape that the convolution's kernels take; EK_INVALID else.
Groups groups(const ek_conv2d_shape& conv, const ek_pool2d_shape& pool) {
  if (!few_takes(conv, Conv2dPass::forward) || !few_takes(conv, Conv2dPass::grad_weight))
    fail(EK_INVALID, "a convolution of %d channels in %d groups, which is not pooled at once", conv.c, conv.groups);
  return {conv, pool};
}

void forward(const Groups& g, bool relu, const float* x, const float* w, const float* b, float* y, char* position) {
  const FewForward conv(g.conv, w, b, false, 1);
  parallel(g.conv.n, g.images, [&](int64_t begin, int64_t end) {
    const Scratch between(g.images * g.between), inputs(conv.scratch());
    conv.run(end - begin, x + begin * g.x_image, between, inputs);
    EK_CALL(max_pool2d, g.pool_of(end - begin), relu, between, y + begin * g.y_image, position + g.position_at(begin));
  });
}

void gradient(const Groups& g, const float* x, const float* gy, const char* position, float* gw, float* gb) {
  const int64_t parts = FewGradWeight(g.conv, std::min<int64_t>(g.conv.n, 16)).chunks();
  const FewGradWeight conv(g.conv, 1);
  const Scratch sums(parts * conv.floats());
  parallel(parts, 1, [&](int64_t part, int64_t) {
    const Scratch between(g.images * g.between), inputs(conv.scratch());
    float* sum = sums + part * conv.floats();
    std::fill_n(sum, conv.floats(), 0.0f);
    const int64_t end = cut(g.conv.n, parts, part + 1);
    for (int64_t from = cut(g.conv.n, parts, part); from < end; from += g.images) {
      const int64_t n = std::min(g.images, end - from);
      EK_CALL(max_pool2d_grad, g.pool_of(n), gy + from * g.y_image, position + g.position_at(from), between);
      conv.add(n, x + from * g.x_image, between, sum, inputs);
    }
  });
  conv.finish(parts, sums, gw, gb);
}

Work work(const char* op, const ek_conv2d_shape& s) { return {op, &s.n, 16, conv2d_flops(s), true, kFew}; }
}  // namespace
}  // namespace ek

extern "C" {
int ek_conv2d_max_pool2d_wins(const ek_conv2d_shape* conv) {
  using namespace ek;
  const auto few = [&](Conv2dPass pass) { return conv2d_algorithm(*conv, pass).name == kFew; };
  return few(Conv2dPass::forward) && few(Conv2dPass::grad_weight);
}

int ek_conv2d_max_pool2d(const ek_conv2d_shape* conv, const ek_pool2d_shape* pool, int relu, const float* x,
                         const float* w, const float* b, float* y, void* position) {
  return ek::guarded(
      [&] { ek::forward(ek::groups(*conv, *pool), relu != 0, x, w, b, y, static_cast<char*>(position)); },
      ek::work("conv2d_max_pool2d", *conv));
}

int ek_conv2d_max_pool2d_grad(const ek_conv2d_shape* conv, const ek_pool2d_shape* pool, const float* x, const float* gy,
                              const void* position, float* gw, float* gb) {
  return ek::guarded([&] { ek::gradient(ek::groups(*conv, *pool), x, gy, static_cast<const char*>(position), gw, gb); },
                     ek::work("conv2d_max_pool2d_grad", *conv));
}
}
#endif
