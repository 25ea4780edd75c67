// Convolution in its three directions, beside oneDNN alone.
#include "buffer.h"
#include "raw_dnnl.h"
#include "row.h"

namespace {
// Arguments: n c h o k stride pad
ek_conv2d_shape shape(const benchmark::State& s) {
  const auto a = [&](int i) { return static_cast<int32_t>(s.range(i)); };
  return {a(0), a(1), a(2), a(2), a(3), a(4), a(4), a(5), a(5), 1, 1, a(6), a(6), a(6), a(6), 1};
}
int64_t side(const ek_conv2d_shape& s) { return (s.h + 2 * s.pad_top - s.kh) / s.stride_h + 1; }

void count(benchmark::State& state) {
  const ek_conv2d_shape s = shape(state);
  const double flops = 2.0 * s.n * s.o * s.c * s.kh * s.kw * static_cast<double>(side(s) * side(s));
  state.counters["flop/s"] =
      benchmark::Counter(flops * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

struct Data {
  explicit Data(const ek_conv2d_shape& s)
      : x(int64_t{s.n} * s.c * s.h * s.w),
        w(int64_t{s.o} * s.c * s.kh * s.kw),
        b(s.o),
        y(s.n * side(s) * side(s) * s.o) {}
  Buffer x, w, b, y;
};

void Conv2dForward(benchmark::State& state) {
  const ek_conv2d_shape s = shape(state);
  const Data d(s);
  for (auto _ : state) ek_conv2d(&s, d.x, d.w, 1, d.b, 0, d.y);
  count(state);
  state.SetLabel(ek_conv2d_explain(&s, 0, nullptr));
}
void Conv2dGradInput(benchmark::State& state) {
  const ek_conv2d_shape s = shape(state);
  const Data d(s);
  for (auto _ : state) ek_conv2d_grad_input(&s, d.y, d.w, 1, 0, d.x);
  count(state);
  state.SetLabel(ek_conv2d_explain(&s, 1, nullptr));
}
void Conv2dGradWeight(benchmark::State& state) {
  const ek_conv2d_shape s = shape(state);
  const Data d(s);
  for (auto _ : state) ek_conv2d_grad_weight(&s, d.x, d.y, d.w, nullptr);
  count(state);
  state.SetLabel(ek_conv2d_explain(&s, 2, nullptr));
}

template <int direction>
void RawConv2d(benchmark::State& state) {
  using namespace dnnl;
  raw::use_our_threads();
  const ek_conv2d_shape s = shape(state);
  const auto x = raw::channels_last(s.n, s.c, s.h, s.w), y = raw::channels_last(s.n, s.o, side(s), side(s));
  const memory::desc w({s.o, s.c, s.kh, s.kw}, memory::data_type::f32, memory::format_tag::any);
  const memory::desc b({s.o}, memory::data_type::f32, memory::format_tag::x);
  const memory::dims strides{s.stride_h, s.stride_w}, pads{s.pad_top, s.pad_left};
  const auto direct = algorithm::convolution_direct;
  const convolution_forward::primitive_desc forward(raw::engine(), prop_kind::forward_training, direct, x, w, b, y,
                                                    strides, pads, pads);
  if (direction == 0) {
    raw::run(state, convolution_forward(forward), forward,
             {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_BIAS, DNNL_ARG_DST});
  } else if (direction == 1) {
    const convolution_backward_data::primitive_desc desc(raw::engine(), direct, x, w, y, strides, pads, pads, forward);
    raw::run(state, convolution_backward_data(desc), desc, {DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST});
  } else {
    const convolution_backward_weights::primitive_desc desc(raw::engine(), direct, x, w, y, strides, pads, pads,
                                                            forward);
    raw::run(state, convolution_backward_weights(desc), desc, {DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST});
  }
  count(state);
}

// x (n, c, h, w) or (c, h, w), w, and b or not. Settings: those of ek_conv2d_shape from kh on.
const Family kRows("conv2d", [](const Row& r) {
  Dims x_dims = r.inputs[0];
  if (x_dims.size() == 3) x_dims.insert(x_dims.begin(), 1);
  const auto a = [&](size_t i) { return static_cast<int32_t>(i < 4 ? x_dims[i] : r.integer(i - 4)); };
  const auto o = static_cast<int32_t>(r.inputs[1][0]);
  const bool bias = r.inputs.size() > 2;
  const ek_conv2d_shape s{a(0), a(1), a(2), a(3),  o,     a(4),  a(5),  a(6),
                          a(7), a(8), a(9), a(10), a(11), a(12), a(13), a(14)};
  const int64_t outputs = size_of(r.output);
  const Buffer x(r.size(0)), w(r.size(1)), b(o), y(outputs), gx(r.size(0)), gw(r.size(1)), gb(o);
  static int64_t stamp = 0;
  const int64_t contents = ++stamp;
  return op([=] { ek_conv2d(&s, x, w, contents, b.given(bias), 0, y); },
            [=] {
              ek_conv2d_grad_input(&s, y, w, contents, 0, gx);
              ek_conv2d_grad_weight(&s, x, y, gw, gb.given(bias));
            });
});

void few(benchmark::internal::Benchmark* b) {
  b->Args({100, 1, 28, 30, 5, 1, 0})
      ->Args({100, 1, 28, 32, 3, 1, 1})
      ->Args({64, 1, 28, 6, 5, 1, 2})
      ->Args({16, 3, 32, 32, 3, 1, 1})
      ->Args({8, 3, 112, 64, 7, 2, 3})
      ->Args({4, 3, 227, 96, 11, 4, 0});
}
void usual(benchmark::internal::Benchmark* b) {
  b->Args({64, 6, 14, 16, 5, 1, 0})
      ->Args({32, 8, 28, 32, 3, 1, 1})
      ->Args({32, 12, 28, 64, 3, 2, 1})
      ->Args({64, 16, 5, 120, 5, 1, 0})
      ->Args({100, 30, 12, 15, 3, 1, 0})
      ->Args({100, 32, 14, 64, 3, 1, 1})
      ->Args({32, 64, 28, 64, 3, 1, 1})
      ->Args({32, 128, 14, 128, 3, 1, 1})
      ->Args({32, 32, 14, 64, 3, 1, 1})
      ->Args({32, 256, 7, 256, 3, 1, 1})
      ->Args({8, 64, 56, 64, 3, 1, 1})
      ->Args({8, 128, 28, 128, 3, 1, 1})
      ->Args({16, 64, 13, 192, 5, 1, 2})
      ->Args({8, 96, 27, 256, 5, 1, 2})
      ->Args({1, 64, 56, 64, 3, 1, 1})
      ->Args({1, 128, 28, 128, 3, 1, 1})
      ->Args({1, 256, 14, 256, 3, 1, 1})
      ->Args({1, 512, 7, 512, 3, 1, 1})
      ->Args({1, 128, 28, 256, 3, 2, 1})
      ->Args({1, 256, 14, 512, 3, 2, 1})
      ->Args({1, 256, 14, 512, 1, 2, 0});
}
}  // namespace

BENCHMARK(Conv2dForward)->Apply(few)->Apply(usual)->UseRealTime();
BENCHMARK(RawConv2d<0>)->Apply(few)->Apply(usual)->UseRealTime();
BENCHMARK(Conv2dGradInput)->Apply(usual)->UseRealTime();
BENCHMARK(RawConv2d<1>)->Apply(usual)->UseRealTime();
BENCHMARK(Conv2dGradWeight)->Apply(few)->Apply(usual)->UseRealTime();
BENCHMARK(RawConv2d<2>)->Apply(few)->Apply(usual)->UseRealTime();
