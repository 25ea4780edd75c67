// Batch norm beside oneDNN's; bytes count x twice and y once (forward), x and gy twice and gx once (gradient).
#include "buffer.h"
#include "raw_dnnl.h"
#include "row.h"

namespace {
// Arguments: rows c
struct Data {
  explicit Data(const benchmark::State& s)
      : rows(s.range(0)),
        c(s.range(1)),
        x(rows * c),
        y(rows * c),
        gx(rows * c),
        gamma(c),
        beta(c),
        mean(c),
        invstd(c) {}
  int64_t rows, c;
  Buffer x, y, gx, gamma, beta, mean, invstd;
};

void count(benchmark::State& state, int64_t bytes) {
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * state.range(0) * state.range(1) * bytes);
}

void BatchNorm(benchmark::State& state) {
  const Data d(state);
  for (auto _ : state)
    ek_batch_norm(d.rows, d.c, d.x, d.gamma, d.beta, 1e-5f, 0, nullptr, d.y, d.mean, d.invstd, nullptr, nullptr, 0);
  count(state, 12);
}
void BatchNormGrad(benchmark::State& state) {
  const Data d(state);
  const Buffer ggamma(d.c), gbeta(d.c);
  for (auto _ : state)
    ek_batch_norm_grad(d.rows, d.c, d.x, d.y, d.gamma, d.beta, 0, d.mean, d.invstd, d.gx, ggamma, gbeta);
  count(state, 20);
}
void BatchNormEval(benchmark::State& state) {
  const Data d(state);
  for (auto _ : state) ek_batch_norm_eval(d.rows, d.c, d.x, d.gamma, d.beta, d.mean, d.mean, 1e-5f, 0, d.y, d.invstd);
  count(state, 8);
}

template <bool grad>
void RawBatchNorm(benchmark::State& state) {
  using namespace dnnl;
  raw::use_our_threads();
  const auto x = raw::channels_last(1, state.range(1), state.range(0), 1);
  const auto flags = normalization_flags::use_scale | normalization_flags::use_shift;
  const batch_normalization_forward::primitive_desc forward(raw::engine(), prop_kind::forward_training, x, x, 1e-5f,
                                                            flags);
  if (grad) {
    const batch_normalization_backward::primitive_desc desc(raw::engine(), prop_kind::backward, x, x, x, 1e-5f, flags,
                                                            forward);
    raw::run(state, batch_normalization_backward(desc), desc,
             {DNNL_ARG_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_SRC, DNNL_ARG_MEAN, DNNL_ARG_VARIANCE, DNNL_ARG_SCALE,
              DNNL_ARG_DIFF_SCALE, DNNL_ARG_DIFF_SHIFT});
    count(state, 20);
  } else {
    raw::run(state, batch_normalization_forward(forward), forward,
             {DNNL_ARG_SRC, DNNL_ARG_DST, DNNL_ARG_MEAN, DNNL_ARG_VARIANCE, DNNL_ARG_SCALE, DNNL_ARG_SHIFT});
    count(state, 12);
  }
}

// Inputs: x, then gamma and beta or neither, then the mean and variance of evaluation or a residual. Settings: eps, of
// a residual what is behind the sum.
const Family kRows("batchNorm", [](const Row& r) {
  const int64_t all = r.size(0), c = r.inputs[0][1], rows = all / c;
  const float eps = r.number(0);
  const bool affine = r.inputs.size() > 1;
  const Buffer x(all), y(all), gy(all), gx(all), gamma(c), beta(c), mean(c), var(c), s(c), gg(c), gb(c);
  if (r.inputs.size() == 5)
    return op([=] { ek_batch_norm_eval(rows, c, x, gamma.given(affine), beta.given(affine), mean, var, eps, 0, y, s); },
              [=] {
                ek_batch_norm_eval_grad(rows, c, x, gy, gamma.given(affine), beta.given(affine), 0, mean, s, gx, gg,
                                        gb);
              });
  const bool sum = r.inputs.size() == 4, relu = sum && r.number(1) == EK_RELU;
  const Buffer residual(sum ? all : 0), g(relu ? all : 0);
  return op(
      [=] {
        ek_batch_norm(rows, c, x, gamma.given(affine), beta.given(affine), eps, relu ? EK_RELU : EK_IDENTITY,
                      residual.given(sum), y, mean, s, nullptr, nullptr, 0);
      },
      [=] {
        if (relu) ek_relu_grad(y, gy, g, all);
        ek_batch_norm_grad(rows, c, x, relu ? g : gy, gamma.given(affine), beta.given(affine), 0, mean, s, gx, gg, gb);
      });
});

void shapes(benchmark::internal::Benchmark* b) {
  b->Args({100, 128})
      ->Args({100 * 28 * 28, 32})
      ->Args({100 * 24 * 24, 30})
      ->Args({32 * 56 * 56, 64})
      ->Args({32 * 14 * 14, 512});
}
}  // namespace

BENCHMARK(BatchNorm)->Apply(shapes)->UseRealTime();
BENCHMARK(RawBatchNorm<false>)->Apply(shapes)->UseRealTime();
BENCHMARK(BatchNormGrad)->Apply(shapes)->UseRealTime();
BENCHMARK(RawBatchNorm<true>)->Apply(shapes)->UseRealTime();
BENCHMARK(BatchNormEval)->Apply(shapes)->UseRealTime();
