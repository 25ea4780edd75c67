// Convolution and its input gradient: oneDNN on channels-last activations, weights in the layout it asks for.
// Its results here do not depend on the number of threads (conv2d_test.cpp proves it), so it forks by itself.
#ifdef EK_BASE
#include "conv2d.h"

#include <string>

#include "error.h"
#include "threads.h"

namespace ek {
static const double kForkFlops = 2e6;  // smaller ones stay on the calling thread

DnnlOpPtr conv2d_op(DnnlKey::Kind kind, const ek_conv2d_shape& s, bool bias, int threads) {
  const auto make = [&]() -> DnnlOpPtr {
    using dnnl::algorithm;
    using dnnl::memory;
    using tag = memory::format_tag;
    const auto f32 = memory::data_type::f32;
    const memory::dims strides{s.stride_h, s.stride_w}, dilates{s.dilation_h - 1, s.dilation_w - 1};
    const memory::dims before{s.pad_top, s.pad_left}, after{s.pad_bottom, s.pad_right};
    const int64_t g = s.groups;
    const memory::dims extents =
        g == 1 ? memory::dims{s.o, s.c, s.kh, s.kw} : memory::dims{g, s.o / g, s.c / g, s.kh, s.kw};
    const memory::desc x({s.n, s.c, s.h, s.w}, f32, tag::nhwc), w(extents, f32, tag::any);
    const memory::desc y({s.n, s.o, conv2d_oh(s), conv2d_ow(s)}, f32, tag::nhwc);
    const memory::desc b = bias ? memory::desc({s.o}, f32, tag::x) : memory::desc();
    const memory::desc plain(extents, f32, g == 1 ? tag::oihw : tag::goihw);
    const auto attr = dnnl_attributes();
    const auto direct = algorithm::convolution_direct;
    const dnnl::convolution_forward::primitive_desc forward(dnnl_engine(), dnnl::prop_kind::forward_training, direct, x,
                                                            w, b, y, strides, dilates, before, after, attr);
    if (kind == DnnlKey::kConv)
      return std::make_shared<DnnlOp>(forward, dnnl::convolution_forward(forward), DNNL_ARG_WEIGHTS, plain);
    if (kind == DnnlKey::kConvGradInput) {
      const dnnl::convolution_backward_data::primitive_desc desc(dnnl_engine(), direct, x, w, y, strides, dilates,
                                                                 before, after, forward, attr);
      return std::make_shared<DnnlOp>(desc, dnnl::convolution_backward_data(desc), DNNL_ARG_WEIGHTS, plain);
    }
    const dnnl::convolution_backward_weights::primitive_desc desc(dnnl_engine(), direct, x, w, y, strides, dilates,
                                                                  before, after, forward, attr);
    return std::make_shared<DnnlOp>(desc, dnnl::convolution_backward_weights(desc), DNNL_ARG_DIFF_WEIGHTS, plain);
  };
  return dnnl_cached({kind,
                      {s.n, s.c, s.h, s.w, s.o, s.kh, s.kw, s.stride_h, s.stride_w, s.dilation_h, s.dilation_w,
                       s.pad_top, s.pad_left, s.pad_bottom, s.pad_right, s.groups, bias, threads}},
                     make);
}

// f(threads) with oneDNN held to that many threads: the pool's where the work is worth it.
template <class F>
static void with_team(const ek_conv2d_shape& s, const F& f) {
  if (conv2d_flops(s) < kForkFlops) {
    const SingleThread alone;
    return f(1);
  }
  const Team team;
  f(team.size());
}
}  // namespace ek

extern "C" {
int ek_conv2d(const ek_conv2d_shape* shape, const float* x, const float* w, int64_t w_stamp, const float* b, float* y) {
  return ek::guarded([&] {
    ek::with_team(*shape, [&](int threads) {
      const ek::DnnlOpPtr op = ek::conv2d_op(ek::DnnlKey::kConv, *shape, b != nullptr, threads);
      const ek::PackedWeights packed(*op, w, w_stamp);
      op->run({{DNNL_ARG_SRC, x}, {DNNL_ARG_WEIGHTS, packed}, {DNNL_ARG_BIAS, b}, {DNNL_ARG_DST, y}});
    });
  });
}

int ek_conv2d_grad_input(const ek_conv2d_shape* shape, const float* gy, const float* w, int64_t w_stamp, float* gx) {
  return ek::guarded([&] {
    ek::with_team(*shape, [&](int threads) {
      const ek::DnnlOpPtr op = ek::conv2d_op(ek::DnnlKey::kConvGradInput, *shape, false, threads);
      const ek::PackedWeights packed(*op, w, w_stamp);
      op->run({{DNNL_ARG_DIFF_DST, gy}, {DNNL_ARG_WEIGHTS, packed}, {DNNL_ARG_DIFF_SRC, gx}});
    });
  });
}

const char* ek_conv2d_explain(const ek_conv2d_shape* shape, int direction) {
  static thread_local std::string text;
  const int status = ek::guarded([&] {
    if (direction == 2) {
      text = ek::conv2d_grad_weight_name(*shape);
      return;
    }
    const auto kind = direction == 0 ? ek::DnnlKey::kConv : ek::DnnlKey::kConvGradInput;
    ek::with_team(*shape, [&](int threads) {
      text = std::string("oneDNN ") + ek::conv2d_op(kind, *shape, false, threads)->name();
    });
  });
  return status == EK_OK ? text.c_str() : ek_error();
}
}
#endif
