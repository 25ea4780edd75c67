// A convolution and its pooling at once.
#include "buffer.h"
#include "row.h"

namespace {
// x (n, c, h, w), w and b. Settings: those of ek_conv2d_shape from kh to groups, then kernel and stride of the pooling,
// whether it averages, and the activation.
const Family kRows("convPool2d", [](const Row& r) {
  const auto x_dim = [&](size_t i) { return static_cast<int32_t>(r.inputs[0][i]); };
  const auto a = [&](size_t i) { return static_cast<int32_t>(r.integer(i)); };
  const auto out = [](int32_t size, int32_t pads, int32_t span, int32_t stride) {
    return (size + pads - span) / stride + 1;
  };
  const auto o = static_cast<int32_t>(r.inputs[1][0]);
  const ek_conv2d_shape s{x_dim(0), x_dim(1), x_dim(2), x_dim(3), o,    a(0), a(1), a(2),
                          a(3),     a(4),     a(5),     a(6),     a(7), a(8), a(9), a(10)};
  const int32_t h = out(s.h, s.pad_top + s.pad_bottom, s.dilation_h * (s.kh - 1) + 1, s.stride_h);
  const int32_t w = out(s.w, s.pad_left + s.pad_right, s.dilation_w * (s.kw - 1) + 1, s.stride_w);
  const int32_t k = a(11), stride = a(12);
  const ek_pool2d_shape p{s.n, o, h, w, k, k, stride, stride, 1, 1, 0, 0, out(h, 0, k, stride), out(w, 0, k, stride),
                          0,   0, 1};
  const int average = a(13), activation = a(14);
  const int64_t kept_floats =
      std::max<int64_t>(ek_conv2d_pool2d_kept(&s, &p, average, activation, 1), size_of(r.output)) / 4 + 1;
  const Buffer x(r.size(0)), weight(r.size(1)), b(o), y(size_of(r.output)), kept(kept_floats), gw(r.size(1)), gb(o);
  return op([=] { ek_conv2d_pool2d(&s, &p, average, activation, 0, x, weight, b, y, kept); },
            [=] { ek_conv2d_pool2d_grad(&s, &p, average, activation, 0, x, y, kept, gw, gb); });
});
}  // namespace
