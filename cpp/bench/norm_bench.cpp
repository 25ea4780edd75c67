// Layer norm and local response norm beside oneDNN's; batch norm is in batch_norm_bench.cpp.
#include "buffer.h"
#include "raw_dnnl.h"
#include "row.h"

namespace {
// Inputs: x, then gamma and beta or neither. Settings: eps, and how many of the last dimensions are normalized.
const Family kLayerNorm("layerNorm", [](const Row& r) {
  const Dims& dims = r.inputs[0];
  const int64_t all = r.size(0), n = size_of(Dims(dims.end() - r.integer(1), dims.end())), rows = all / n;
  const float eps = r.number(0);
  const bool affine = r.inputs.size() > 1;
  const Buffer x(all), y(all), gy(all), gx(all), gamma(n), beta(n), mean(rows), s(rows), gg(n), gb(n);
  return op([=] { ek_layer_norm(rows, n, x, gamma.given(affine), beta.given(affine), eps, y, mean, s); },
            [=] {
              ek_layer_norm_grad(rows, n, x, gy, gamma.given(affine), mean, s, gx, gg.given(affine), gb.given(affine));
            });
});

// Settings: channels before and after, alpha, beta, k.
const Family kLocalResponseNorm("localResponseNorm", [](const Row& r) {
  const int64_t all = r.size(0), c = r.inputs[0][1], rows = all / c, before = r.integer(0), after = r.integer(1);
  const float alpha = r.number(2), beta = r.number(3), k = r.number(4);
  const Buffer x(all), y(all), gy(all), gx(all);
  return op([=] { ek_local_response_norm(rows, c, x, before, after, alpha, beta, k, y); },
            [=] { ek_local_response_norm_grad(rows, c, x, before, after, alpha, beta, k, gy, gx); });
});

// Arguments: rows n; the bytes of x and y, and of gy and gx.
template <bool grad>
void LayerNorm(benchmark::State& state) {
  const int64_t rows = state.range(0), n = state.range(1);
  const Buffer x(rows * n), y(rows * n), gx(rows * n), gamma(n), beta(n), mean(rows), s(rows), gg(n), gb(n);
  for (auto _ : state) {
    if (grad)
      ek_layer_norm_grad(rows, n, x, y, gamma, mean, s, gx, gg, gb);
    else
      ek_layer_norm(rows, n, x, gamma, beta, 1e-5f, y, mean, s);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * rows * n * (grad ? 12 : 8));
}
template <bool grad>
void RawLayerNorm(benchmark::State& state) {
  using namespace dnnl;
  raw::use_our_threads();
  const memory::desc x({state.range(0), state.range(1)}, memory::data_type::f32, memory::format_tag::ab);
  const auto flags = normalization_flags::use_scale | normalization_flags::use_shift;
  const layer_normalization_forward::primitive_desc forward(raw::engine(), prop_kind::forward_training, x, x, 1e-5f,
                                                            flags);
  if (grad) {
    const layer_normalization_backward::primitive_desc desc(raw::engine(), prop_kind::backward, x, x, x, 1e-5f, flags,
                                                            forward);
    raw::run(state, layer_normalization_backward(desc), desc,
             {DNNL_ARG_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_SRC, DNNL_ARG_MEAN, DNNL_ARG_VARIANCE, DNNL_ARG_SCALE,
              DNNL_ARG_DIFF_SCALE, DNNL_ARG_DIFF_SHIFT});
  } else {
    raw::run(state, layer_normalization_forward(forward), forward,
             {DNNL_ARG_SRC, DNNL_ARG_DST, DNNL_ARG_MEAN, DNNL_ARG_VARIANCE, DNNL_ARG_SCALE, DNNL_ARG_SHIFT});
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * state.range(0) * state.range(1) * (grad ? 12 : 8));
}

// Arguments: n c h
template <bool grad>
void LocalResponseNorm(benchmark::State& state) {
  const int64_t rows = state.range(0) * state.range(2) * state.range(2), c = state.range(1);
  const Buffer x(rows * c), y(rows * c), gx(rows * c);
  for (auto _ : state) {
    if (grad)
      ek_local_response_norm_grad(rows, c, x, 2, 2, 2e-5f, 0.75f, 1, y, gx);
    else
      ek_local_response_norm(rows, c, x, 2, 2, 2e-5f, 0.75f, 1, y);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * rows * c * (grad ? 12 : 8));
}
template <bool grad>
void RawLocalResponseNorm(benchmark::State& state) {
  using namespace dnnl;
  raw::use_our_threads();
  const auto x = raw::channels_last(state.range(0), state.range(1), state.range(2), state.range(2));
  const auto across = algorithm::lrn_across_channels;
  const lrn_forward::primitive_desc forward(raw::engine(), prop_kind::forward_training, across, x, x, 5, 1e-4f, 0.75f,
                                            1);
  if (grad) {
    const lrn_backward::primitive_desc desc(raw::engine(), across, x, x, x, 5, 1e-4f, 0.75f, 1, forward);
    raw::run(state, lrn_backward(desc), desc, {DNNL_ARG_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_SRC, DNNL_ARG_WORKSPACE});
  } else {
    raw::run(state, lrn_forward(forward), forward, {DNNL_ARG_SRC, DNNL_ARG_DST, DNNL_ARG_WORKSPACE});
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * state.range(0) * state.range(1) * state.range(2) *
                          state.range(2) * (grad ? 12 : 8));
}

void rows(benchmark::internal::Benchmark* b) { b->Args({1000, 768})->Args({100, 25088})->Args({20000, 64}); }
void images(benchmark::internal::Benchmark* b) { b->Args({16, 96, 27})->Args({16, 256, 13})->Args({32, 64, 56}); }
}  // namespace

BENCHMARK(LayerNorm<false>)->Apply(rows)->UseRealTime();
BENCHMARK(RawLayerNorm<false>)->Apply(rows)->UseRealTime();
BENCHMARK(LayerNorm<true>)->Apply(rows)->UseRealTime();
BENCHMARK(RawLayerNorm<true>)->Apply(rows)->UseRealTime();
BENCHMARK(LocalResponseNorm<false>)->Apply(images)->UseRealTime();
BENCHMARK(RawLocalResponseNorm<false>)->Apply(images)->UseRealTime();
BENCHMARK(LocalResponseNorm<true>)->Apply(images)->UseRealTime();
BENCHMARK(RawLocalResponseNorm<true>)->Apply(images)->UseRealTime();
