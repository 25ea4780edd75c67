// Convolution and its input gradient by oneDNN: channels-last activations, weights in the layout it asks for.
#ifdef EK_BASE
#include "conv2d.h"

#include <algorithm>

#include "activation.h"

namespace ek {
namespace {
constexpr double kPartFlops = 4e6;  // a part worth a thread: 40 us

DnnlOpPtr make(DnnlKey::Kind kind, const ek_conv2d_shape& s, bool bias, const DnnlOp* like) {
  using dnnl::memory;
  using tag = memory::format_tag;
  const auto f32 = memory::data_type::f32;
  const auto direct = dnnl::algorithm::convolution_direct;
  const auto attr = dnnl_attributes();
  const dnnl::engine& e = dnnl_engine();
  const memory::dims strides{s.stride_h, s.stride_w}, dilates{s.dilation_h - 1, s.dilation_w - 1};
  const memory::dims before{s.pad_top, s.pad_left}, after{s.pad_bottom, s.pad_right};
  const int64_t g = s.groups;
  const memory::dims extents =
      g == 1 ? memory::dims{s.o, s.c, s.kh, s.kw} : memory::dims{g, s.o / g, s.c / g, s.kh, s.kw};
  const memory::desc x({s.n, s.c, s.h, s.w}, f32, tag::nhwc), any(extents, f32, tag::any);
  const memory::desc y({s.n, s.o, conv2d_oh(s), conv2d_ow(s)}, f32, tag::nhwc);
  const memory::desc b = bias ? memory::desc({s.o}, f32, tag::x) : memory::desc();
  const memory::desc plain(extents, f32, g == 1 ? tag::oihw : tag::goihw), w = like ? like->layout() : any;
  const dnnl::convolution_forward::primitive_desc forward(e, dnnl::prop_kind::forward_training, direct, x, any, b, y,
                                                          strides, dilates, before, after, attr);
  if (kind == DnnlKey::kConv)
    return std::make_shared<DnnlOp>(forward, dnnl::convolution_forward(forward), DNNL_ARG_WEIGHTS, plain);
  if (kind == DnnlKey::kConvGradInput) {
    const dnnl::convolution_backward_data::primitive_desc desc(e, direct, x, w, y, strides, dilates, before, after,
                                                               forward, attr);
    return std::make_shared<DnnlOp>(desc, dnnl::convolution_backward_data(desc), DNNL_ARG_WEIGHTS, plain);
  }
  const dnnl::convolution_backward_weights::primitive_desc desc(e, direct, x, w, y, strides, dilates, before, after,
                                                                forward, attr);
  return std::make_shared<DnnlOp>(desc, dnnl::convolution_backward_weights(desc), DNNL_ARG_DIFF_WEIGHTS, plain);
}

constexpr int64_t kMostParts = 64, kMostBands = 8;

// A power of two, which two, four or eight threads share evenly.
int64_t parts_of(const ek_conv2d_shape& s, int64_t most) {
  const double bound = std::min<double>(static_cast<double>(most), conv2d_flops(s) / kPartFlops);
  int64_t parts = 1;
  while (parts * 2 <= bound) parts *= 2;
  return parts;
}

// f(op, floats into x, floats into y, floats of y) for every part of the forward: parts of the batch, or bands of
// output rows where there is one image. oneDNN's own threads would change results: its blocking of sums depends on
// their number.
template <class F>
void run_forward(const ek_conv2d_shape& s, bool bias, const F& f) {
  const int64_t oh = conv2d_oh(s), row = conv2d_ow(s) * s.o;
  const int64_t span = (s.kh - 1) * int64_t{s.dilation_h} + 1;
  const bool cut = s.n == 1 && std::max(s.pad_top, s.pad_bottom) < span;  // every window sees the image
  const int64_t bands = cut ? parts_of(s, std::min<int64_t>(kMostBands, oh)) : 1;
  if (bands == 1)
    return Conv2dParts(DnnlKey::kConv, s, bias, kMostParts)
        .run([&](const DnnlOp& op, int64_t, int64_t from, int64_t images) {
          f(op, from * conv2d_x_image(s), from * conv2d_y_image(s), images * conv2d_y_image(s));
        });
  parallel(bands, 1, [&](int64_t band, int64_t) {
    const int64_t first = oh * band / bands, end = oh * (band + 1) / bands;
    const int64_t top = first * s.stride_h - s.pad_top;
    const int64_t bottom = (end - 1) * s.stride_h - s.pad_top + span;
    ek_conv2d_shape part = s;
    part.pad_top = static_cast<int32_t>(std::max<int64_t>(0, -top));
    part.pad_bottom = static_cast<int32_t>(std::max<int64_t>(0, bottom - s.h));
    part.h = static_cast<int32_t>(bottom - part.pad_bottom - top - part.pad_top);
    const SingleThread alone;
    f(*conv2d_op(DnnlKey::kConv, part, bias, 1), (top + part.pad_top) * s.w * s.c, first * row, (end - first) * row);
  });
}
}  // namespace

DnnlOpPtr conv2d_op(DnnlKey::Kind kind, const ek_conv2d_shape& s, bool bias, int threads, const DnnlOp* like) {
  return dnnl_cached({kind,
                      {s.n, s.c, s.h, s.w, s.o, s.kh, s.kw, s.stride_h, s.stride_w, s.dilation_h, s.dilation_w,
                       s.pad_top, s.pad_left, s.pad_bottom, s.pad_right, s.groups, bias, threads, like != nullptr}},
                     [&] { return make(kind, s, bias, like); });
}

Conv2dParts::Conv2dParts(DnnlKey::Kind kind, const ek_conv2d_shape& s, bool bias, int64_t most)
    : n_(s.n), count_(parts_of(s, std::min<int64_t>(most, s.n))) {
  const SingleThread alone;
  ek_conv2d_shape part = s;
  part.n = static_cast<int32_t>(n_ / count_);
  small_ = conv2d_op(kind, part, bias, 1);
  if (n_ % count_ == 0) return;
  ++part.n;
  large_ = conv2d_op(kind, part, bias, 1, small_.get());
}

void dnnl_conv2d(const ek_conv2d_shape& s, const float* x, const float* w, int64_t w_stamp, const float* b, bool relu,
                 float* y) {
  run_forward(s, b != nullptr, [&](const DnnlOp& op, int64_t x_at, int64_t y_at, int64_t floats) {
    const DnnlWeights packed(op, w, w_stamp);
    op.run({{DNNL_ARG_SRC, x + x_at}, {DNNL_ARG_WEIGHTS, packed}, {DNNL_ARG_BIAS, b}, {DNNL_ARG_DST, y + y_at}});
    if (relu) EK_CALL(relu, y + y_at, y + y_at, floats);  // oneDNN's own would make NaN zero
  });
}

void dnnl_grad_input(const ek_conv2d_shape& s, const float* gy, const float* w, int64_t w_stamp, float* gx) {
  const Conv2dParts parts(DnnlKey::kConvGradInput, s, false, kMostParts);
  const DnnlWeights packed(parts.op(), w, w_stamp);
  parts.run([&](const DnnlOp& op, int64_t, int64_t from, int64_t) {
    op.run({{DNNL_ARG_DIFF_DST, gy + from * conv2d_y_image(s)},
            {DNNL_ARG_WEIGHTS, packed},
            {DNNL_ARG_DIFF_SRC, gx + from * conv2d_x_image(s)}});
  });
}

std::string dnnl_kernel(const ek_conv2d_shape& s, Conv2dPass pass) {
  if (pass == Conv2dPass::grad_weight) return grad_weight_parts(s).op().name();
  const bool forward = pass == Conv2dPass::forward;
  return Conv2dParts(forward ? DnnlKey::kConv : DnnlKey::kConvGradInput, s, false, kMostParts).op().name();
}
}  // namespace ek
#endif
