// Pooling beside oneDNN's channels-last pooling; bytes are those of x, y and the positions.
#include <vector>

#include "buffer.h"
#include "raw_dnnl.h"
#include "row.h"

namespace {
// Arguments: n c h k stride pad
ek_pool2d_shape shape(const benchmark::State& s) {
  const auto a = [&](int i) { return static_cast<int32_t>(s.range(i)); };
  const int32_t out = (a(2) + 2 * a(5) - a(3)) / a(4) + 1;
  return {a(0), a(1), a(2), a(2), a(3), a(3), a(4), a(4), 1, 1, a(5), a(5), out, out, a(5), a(5), 1};
}
int64_t x_size(const ek_pool2d_shape& s) { return int64_t{s.n} * s.h * s.w * s.c; }
int64_t y_size(const ek_pool2d_shape& s) { return int64_t{s.n} * s.oh * s.ow * s.c; }

void count(benchmark::State& state, int64_t position) {
  const ek_pool2d_shape s = shape(state);
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * (4 * x_size(s) + (4 + position) * y_size(s)));
}

void MaxPool2d(benchmark::State& state) {
  const ek_pool2d_shape s = shape(state);
  const Buffer x(x_size(s)), y(y_size(s));
  std::vector<uint8_t> position(static_cast<size_t>(y_size(s)));
  for (auto _ : state) ek_max_pool2d(&s, 0, x, y, position.data());
  count(state, 1);
}
void MaxPool2dGrad(benchmark::State& state) {
  const ek_pool2d_shape s = shape(state);
  const Buffer x(x_size(s)), y(y_size(s));
  std::vector<uint8_t> position(static_cast<size_t>(y_size(s)));
  ek_max_pool2d(&s, 0, x, y, position.data());
  for (auto _ : state) ek_max_pool2d_grad(&s, y, position.data(), x);
  count(state, 1);
}
void AvgPool2d(benchmark::State& state) {
  const ek_pool2d_shape s = shape(state);
  const Buffer x(x_size(s)), y(y_size(s));
  for (auto _ : state) ek_avg_pool2d(&s, x, y);
  count(state, 0);
}
void AvgPool2dGrad(benchmark::State& state) {
  const ek_pool2d_shape s = shape(state);
  const Buffer x(x_size(s)), y(y_size(s));
  for (auto _ : state) ek_avg_pool2d_grad(&s, y, x);
  count(state, 0);
}

template <bool max, bool grad>
void RawPool2d(benchmark::State& state) {
  using namespace dnnl;
  raw::use_our_threads();
  const ek_pool2d_shape s = shape(state);
  const auto x = raw::channels_last(s.n, s.c, s.h, s.w), y = raw::channels_last(s.n, s.c, s.oh, s.ow);
  const memory::dims strides{s.stride_h, s.stride_w}, kernel{s.kh, s.kw}, pads{s.pad_top, s.pad_left};
  const auto kind = max ? algorithm::pooling_max : algorithm::pooling_avg_include_padding;
  const pooling_forward::primitive_desc forward(raw::engine(), prop_kind::forward_training, kind, x, y, strides, kernel,
                                                {0, 0}, pads, pads);
  if (grad) {
    const pooling_backward::primitive_desc desc(raw::engine(), kind, x, y, strides, kernel, {0, 0}, pads, pads,
                                                forward);
    if (max)
      raw::run(state, pooling_backward(desc), desc, {DNNL_ARG_DIFF_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_WORKSPACE});
    else
      raw::run(state, pooling_backward(desc), desc, {DNNL_ARG_DIFF_SRC, DNNL_ARG_DIFF_DST});
  } else if (max) {
    raw::run(state, pooling_forward(forward), forward, {DNNL_ARG_SRC, DNNL_ARG_DST, DNNL_ARG_WORKSPACE});
  } else {
    raw::run(state, pooling_forward(forward), forward, {DNNL_ARG_SRC, DNNL_ARG_DST});
  }
  count(state, max ? 1 : 0);
}

// Settings: kernel, strides, dilations, padding before and after, and whether padding counts.
ek_pool2d_shape shape(const Row& r) {
  const auto x = [&](size_t i) { return static_cast<int32_t>(r.inputs[0][i]); };
  const auto y = [&](size_t i) { return static_cast<int32_t>(r.output[i]); };
  const auto a = [&](size_t i) { return static_cast<int32_t>(r.integer(i)); };
  return {x(0), x(1), x(2), x(3), a(0), a(1), a(2), a(3), a(4), a(5), a(6), a(7), y(2), y(3), a(8), a(9), a(10)};
}
const Family kMaxRows("maxPool2d", [](const Row& r) {
  const ek_pool2d_shape s = shape(r);
  const Buffer x(r.size(0)), y(size_of(r.output)), position(size_of(r.output)), gx(r.size(0));
  return Op{[=] { ek_max_pool2d(&s, 0, x, y, nullptr); },
            [=] {
              ek_max_pool2d(&s, 0, x, y, position);
              ek_max_pool2d_grad(&s, y, position, gx);
            }};
});
const Family kAvgRows("avgPool2d", [](const Row& r) {
  const ek_pool2d_shape s = shape(r);
  const Buffer x(r.size(0)), y(size_of(r.output)), gx(r.size(0));
  return op([=] { ek_avg_pool2d(&s, x, y); }, [=] { ek_avg_pool2d_grad(&s, y, gx); });
});

void shapes(benchmark::internal::Benchmark* b) {
  b->Args({100, 30, 24, 2, 2, 0})->Args({100, 32, 28, 2, 2, 0})->Args({100, 6, 28, 2, 2, 0});
  b->Args({32, 64, 56, 2, 2, 0})->Args({32, 64, 56, 3, 2, 1})->Args({32, 128, 14, 3, 1, 1});
}
}  // namespace

BENCHMARK(MaxPool2d)->Apply(shapes)->UseRealTime();
BENCHMARK(RawPool2d<true, false>)->Apply(shapes)->UseRealTime();
BENCHMARK(MaxPool2dGrad)->Apply(shapes)->UseRealTime();
BENCHMARK(RawPool2d<true, true>)->Apply(shapes)->UseRealTime();
BENCHMARK(AvgPool2d)->Apply(shapes)->UseRealTime();
BENCHMARK(RawPool2d<false, false>)->Apply(shapes)->UseRealTime();
BENCHMARK(AvgPool2dGrad)->Apply(shapes)->UseRealTime();
BENCHMARK(RawPool2d<false, true>)->Apply(shapes)->UseRealTime();
