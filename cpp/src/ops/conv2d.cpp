// Convolution and its input gradient by oneDNN, weights in the layout it asks for.
#ifdef EK_BASE
#include "conv2d.h"

#include <algorithm>

#include "activation.h"

namespace ek {
namespace {
constexpr double kPartFlops = 4e6;  // a part worth a thread: 40 us

DnnlOpPtr make(DnnlKey::Kind kind, const ek_conv2d_shape& s, DnnlLayout layout, bool bias, const DnnlOp* like) {
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
  const memory::dims x_dims{s.n, s.c, s.h, s.w}, y_dims{s.n, s.o, conv2d_oh(s), conv2d_ow(s)};
  const memory::desc given_x(x_dims, f32, tag::nhwc), given_y(y_dims, f32, tag::nhwc), any(extents, f32, tag::any);
  const auto inside = layout == DnnlLayout::any ? tag::any : tag::nhwc;
  const memory::desc x(x_dims, f32, inside), y(y_dims, f32, inside);
  const memory::desc b = bias ? memory::desc({s.o}, f32, tag::x) : memory::desc();
  const memory::desc plain(extents, f32, g == 1 ? tag::oihw : tag::goihw), w = like ? like->layout() : any;
  const dnnl::convolution_forward::primitive_desc forward(e, dnnl::prop_kind::forward_training, direct, x, any, b, y,
                                                          strides, dilates, before, after, attr);
  if (kind == DnnlKey::kConv) {
    auto op = std::make_shared<DnnlOp>(forward, dnnl::convolution_forward(forward), DNNL_ARG_WEIGHTS, plain);
    op->take(DNNL_ARG_SRC, given_x, false);
    op->take(DNNL_ARG_DST, given_y, true);
    return op;
  }
  if (kind == DnnlKey::kConvGradInput) {
    const dnnl::convolution_backward_data::primitive_desc desc(e, direct, x, w, y, strides, dilates, before, after,
                                                               forward, attr);
    auto op = std::make_shared<DnnlOp>(desc, dnnl::convolution_backward_data(desc), DNNL_ARG_WEIGHTS, plain);
    op->take(DNNL_ARG_DIFF_DST, given_y, false);
    op->take(DNNL_ARG_DIFF_SRC, given_x, true);
    return op;
  }
  const dnnl::convolution_backward_weights::primitive_desc desc(e, direct, x, w, y, strides, dilates, before, after,
                                                                forward, attr);
  auto op = std::make_shared<DnnlOp>(desc, dnnl::convolution_backward_weights(desc), DNNL_ARG_DIFF_WEIGHTS, plain);
  op->take(DNNL_ARG_SRC, given_x, false);
  op->take(DNNL_ARG_DIFF_DST, given_y, false);
  return op;
}

// A primitive for one thread, which must be the number in force (SingleThread). `like` asks a gradient for the weights'
// layout of another such op.
DnnlOpPtr conv2d_op(DnnlKey::Kind kind, const ek_conv2d_shape& s, DnnlLayout layout, bool bias,
                    const DnnlOp* like = nullptr) {
  const int how = bias + 2 * (layout == DnnlLayout::any);
  return dnnl_cached({kind,
                      {s.n, s.c, s.h, s.w, s.o, s.kh, s.kw, s.stride_h, s.stride_w, s.dilation_h, s.dilation_w,
                       s.pad_top, s.pad_left, s.pad_bottom, s.pad_right, s.groups, how, like != nullptr}},
                     [&] { return make(kind, s, layout, bias, like); });
}

constexpr int64_t kMostParts = 64, kMostBands = 8;

int64_t parts_of(const ek_conv2d_shape& s, int64_t most) {
  return even_pieces(std::min<double>(static_cast<double>(most), conv2d_flops(s) / kPartFlops));
}

// Rows that a window spans.
int64_t span_of(const ek_conv2d_shape& s) { return (s.kh - 1) * int64_t{s.dilation_h} + 1; }

// How many bands of output rows are the parts of a forward; 1 where it goes by images.
int64_t bands_of(const ek_conv2d_shape& s) {
  const bool cut = s.n == 1 && std::max(s.pad_top, s.pad_bottom) < span_of(s);  // every window sees the image
  return cut ? parts_of(s, std::min<int64_t>(kMostBands, conv2d_oh(s))) : 1;
}

// The convolution of output rows first..end-1, and the row of the image that it begins at.
struct Band {
  Band(const ek_conv2d_shape& whole, int64_t first, int64_t end) : s(whole), first(first), rows(end - first) {
    const int64_t top = first * s.stride_h - s.pad_top;
    const int64_t bottom = (end - 1) * s.stride_h - s.pad_top + span_of(s);
    s.pad_top = static_cast<int32_t>(std::max<int64_t>(0, -top));
    s.pad_bottom = static_cast<int32_t>(std::max<int64_t>(0, bottom - whole.h));
    from = top + s.pad_top;
    s.h = static_cast<int32_t>(bottom - s.pad_bottom - from);
  }
  ek_conv2d_shape s;
  int64_t first, rows, from;
};

// Weights packed once for the parts of a forward. They choose their layouts, nearly always the same; who chose another
// packs its own.
class PartsWeights {
 public:
  PartsWeights(const DnnlOp& op, const float* plain, int64_t stamp)
      : plain_(plain), stamp_(stamp), layout_(op.layout()), packed_(op, plain, stamp) {}

  // f(weights as op has them)
  template <class F>
  void with(const DnnlOp& op, const F& f) const {
    op.layout() == layout_ ? f(packed_) : f(DnnlWeights(op, plain_, stamp_));
  }

 private:
  const float* plain_;
  int64_t stamp_;
  dnnl::memory::desc layout_;
  DnnlWeights packed_;
};
}  // namespace

Conv2dParts::Conv2dParts(DnnlKey::Kind kind, const ek_conv2d_shape& s, DnnlLayout layout, bool bias, int64_t most)
    : n_(s.n), count_(parts_of(s, std::min<int64_t>(most, s.n))) {
  const SingleThread alone;
  ek_conv2d_shape part = s;
  part.n = static_cast<int32_t>(n_ / count_);
  small_ = conv2d_op(kind, part, layout, bias);
  if (n_ % count_ == 0) return;
  ++part.n;
  large_ = conv2d_op(kind, part, layout, bias, small_.get());
}

// As many parts as the buffers of weight gradients leave room for.
Conv2dParts dnnl_parts(const ek_conv2d_shape& s, Conv2dPass pass, DnnlLayout layout, bool bias) {
  constexpr int64_t kGradParts = 8, kBytes = 64 << 20;
  if (pass == Conv2dPass::forward) return Conv2dParts(DnnlKey::kConv, s, layout, bias, kMostParts);
  if (pass == Conv2dPass::grad_input) return Conv2dParts(DnnlKey::kConvGradInput, s, layout, bias, kMostParts);
  const int64_t most = std::clamp<int64_t>(kBytes / (4 * conv2d_weights(s)), 2, kGradParts);
  return Conv2dParts(DnnlKey::kConvGradWeight, s, layout, bias, most);
}

// Parts of the batch, or bands of output rows where there is one image; all meet the same packed weights. oneDNN's own
// threads would change results: its blocking of sums depends on their number.
void dnnl_conv2d(DnnlLayout layout, const ek_conv2d_shape& s, const float* x, const float* w, int64_t w_stamp,
                 const float* b, float ceiling, float* y) {
  const auto run = [&](const DnnlOp& op, const PartsWeights& weights, int64_t x_at, int64_t y_at, int64_t floats) {
    weights.with(op, [&](const float* packed) {
      op.run({{DNNL_ARG_SRC, x + x_at}, {DNNL_ARG_WEIGHTS, packed}, {DNNL_ARG_BIAS, b}, {DNNL_ARG_DST, y + y_at}});
    });
    if (ceiling > 0) EK_CALL(rectify, y + y_at, ceiling, y + y_at, floats);  // oneDNN's own would make NaN zero
  };
  const int64_t bands = bands_of(s), oh = conv2d_oh(s), row = conv2d_ow(s) * s.o;
  if (bands == 1) {
    const Conv2dParts parts = dnnl_parts(s, Conv2dPass::forward, layout, b != nullptr);
    const PartsWeights weights(*parts.op(), w, w_stamp);
    return parts.run([&](const DnnlOp& op, int64_t, int64_t from, int64_t images) {
      run(op, weights, from * conv2d_x_image(s), from * conv2d_y_image(s), images * conv2d_y_image(s));
    });
  }
  const auto band = [&](int64_t i) { return Band(s, cut(oh, bands, i), cut(oh, bands, i + 1)); };
  const auto op_of = [&](const Band& part) { return conv2d_op(DnnlKey::kConv, part.s, layout, b != nullptr); };
  const SingleThread alone;
  const PartsWeights weights(*op_of(band(0)), w, w_stamp);
  parallel(bands, 1, [&](int64_t i, int64_t) {
    const Band part = band(i);
    const SingleThread alone;
    run(*op_of(part), weights, part.from * s.w * s.c, part.first * row, part.rows * row);
  });
}

void dnnl_grad_input(DnnlLayout layout, const ek_conv2d_shape& s, const float* gy, const float* w, int64_t w_stamp,
                     float* gx) {
  const Conv2dParts parts = dnnl_parts(s, Conv2dPass::grad_input, layout, false);
  const DnnlWeights packed(*parts.op(), w, w_stamp);
  parts.run([&](const DnnlOp& op, int64_t, int64_t from, int64_t) {
    op.run({{DNNL_ARG_DIFF_DST, gy + from * conv2d_y_image(s)},
            {DNNL_ARG_WEIGHTS, packed},
            {DNNL_ARG_DIFF_SRC, gx + from * conv2d_x_image(s)}});
  });
}
}  // namespace ek
#endif
