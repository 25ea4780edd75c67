// Element-wise kernels, reductions, losses, random numbers, optimizers and transposes; bytes are those a kernel
// must read and write, to compare with Copy.
#include <benchmark/benchmark.h>

#include <cstring>
#include <vector>

#include "buffer.h"
#include "einkorn.h"

namespace {
void bytes(benchmark::State& state, int64_t bytes_per_call) {
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * bytes_per_call);
}

template <class F>
void unary(benchmark::State& state, const F& f) {
  const int64_t n = state.range(0);
  Buffer x(n), y(n);
  for (auto _ : state) f(x, y, n);
  bytes(state, 8 * n);
}

template <class F>
void pairs(benchmark::State& state, const F& f) {
  const int64_t n = state.range(0);
  Buffer x(n), y(n), z(n);
  for (auto _ : state) f(x, y, z, n);
  bytes(state, 12 * n);
}

void Copy(benchmark::State& s) {
  unary(s, [](float* x, float* y, int64_t n) { ek_copy(x, y, n * 4); });
}
void Relu(benchmark::State& s) { unary(s, ek_relu); }
void Sigmoid(benchmark::State& s) { unary(s, ek_sigmoid); }
void Tanh(benchmark::State& s) { unary(s, ek_tanh); }
void Exp(benchmark::State& s) { unary(s, ek_exp); }
void Log(benchmark::State& s) { unary(s, ek_log); }
void Pow(benchmark::State& s) {
  unary(s, [](float* x, float* y, int64_t n) { ek_pow(x, 0.75f, y, n); });
}
void Dropout(benchmark::State& s) {
  unary(s, [](float* x, float* y, int64_t n) { ek_dropout(1, 2, 0.5f, x, y, n); });
}
void Normal(benchmark::State& s) {
  unary(s, [](float*, float* y, int64_t n) { ek_normal(1, 2, 0, 1, y, n); });
}
void ReluGrad(benchmark::State& s) { pairs(s, ek_relu_grad); }
void Add(benchmark::State& s) {
  pairs(s, [](float* x, float* y, float* z, int64_t n) {
    const ek_dim one = 1;
    ek_add(1, &n, &one, &one, x, y, z);
  });
}

// (rows, c) + (c)
void AddRow(benchmark::State& state) {
  const ek_dim dims[] = {state.range(0), state.range(1)}, xs[] = {dims[1], 1}, ys[] = {0, 1};
  Buffer x(dims[0] * dims[1]), y(dims[1]), z(dims[0] * dims[1]);
  for (auto _ : state) ek_add(2, dims, xs, ys, x, y, z);
  bytes(state, 8 * dims[0] * dims[1]);
}

// (rows, c) + (rows, 1)
void AddColumn(benchmark::State& state) {
  const ek_dim dims[] = {state.range(0), state.range(1)}, xs[] = {dims[1], 1}, ys[] = {1, 0};
  Buffer x(dims[0] * dims[1]), y(dims[0]), z(dims[0] * dims[1]);
  for (auto _ : state) ek_add(2, dims, xs, ys, x, y, z);
  bytes(state, 8 * dims[0] * dims[1]);
}

void Sum(benchmark::State& state) {
  const int64_t outer = state.range(0), n = state.range(1), inner = state.range(2);
  Buffer x(outer * n * inner), y(outer * inner);
  for (auto _ : state) ek_sum(outer, n, inner, x, 1, y);
  bytes(state, 4 * outer * n * inner);
}

void Max(benchmark::State& state) {
  const int64_t outer = state.range(0), n = state.range(1), inner = state.range(2);
  Buffer x(outer * n * inner), y(outer * inner);
  std::vector<int64_t> index(static_cast<size_t>(outer * inner));
  for (auto _ : state) ek_max(outer, n, inner, x, y, index.data());
  bytes(state, 4 * outer * n * inner);
}

void Softmax(benchmark::State& state) {
  const int64_t rows = state.range(0), n = state.range(1);
  Buffer x(rows * n), y(rows * n);
  for (auto _ : state) ek_softmax(rows, n, x, y);
  bytes(state, 8 * rows * n);
}

void CrossEntropy(benchmark::State& state) {
  const int64_t rows = state.range(0), n = state.range(1);
  Buffer x(rows * n), p(rows * n), loss(1);
  std::vector<int64_t> label(static_cast<size_t>(rows), n / 2);
  for (auto _ : state) ek_cross_entropy(rows, n, x, label.data(), EK_MEAN, loss, p);
  bytes(state, 8 * rows * n);
}

// `count` parameters of n elements each
void AdamStep(benchmark::State& state) {
  const int64_t n = state.range(0), count = state.range(1), total = n * count;
  Buffer p(total), g(total), m(total), v(total);
  std::vector<ek_param> params;
  for (int64_t k = 0; k < count; ++k) params.push_back({p + k * n, g + k * n, m + k * n, v + k * n, nullptr, n});
  for (auto _ : state) ek_adam(params.data(), count, 1e-3, 0.9, 0.999, 1e-8, 0, 0, 10);
  bytes(state, 28 * total);
}

void SgdMomentum(benchmark::State& state) {
  const int64_t n = state.range(0);
  Buffer p(n), g(n), m(n);
  const ek_param param = {p, g, m, nullptr, nullptr, n};
  for (auto _ : state) ek_sgd(&param, 1, 0.01, 0.9, 0, 0, 0, 0);
  bytes(state, 20 * n);
}

// NCHW to channels-last (direction 0) or back (1)
void ChannelsLast(benchmark::State& state) {
  const int64_t n = state.range(0), c = state.range(1), hw = state.range(2);
  const bool back = state.range(3) != 0;
  const ek_dim planar[] = {n, c, hw}, last[] = {n, hw, c};
  const ek_dim xs_planar[] = {c * hw, 1, hw}, xs_last[] = {c * hw, 1, c}, ys[] = {c * hw, back ? hw : c, 1};
  Buffer x(n * c * hw), y(n * c * hw);
  for (auto _ : state) ek_strided_copy(3, back ? planar : last, back ? xs_last : xs_planar, ys, 4, x, y);
  bytes(state, 8 * n * c * hw);
}

const int64_t kMillion = 1 << 20;
BENCHMARK(Copy)->Arg(1000)->Arg(kMillion)->Arg(32 * kMillion)->UseRealTime();
BENCHMARK(Relu)->Arg(1000)->Arg(kMillion)->Arg(32 * kMillion)->UseRealTime();
BENCHMARK(ReluGrad)->Arg(kMillion)->UseRealTime();
BENCHMARK(Add)->Arg(1000)->Arg(kMillion)->UseRealTime();
BENCHMARK(AddRow)->Args({16384, 64})->Args({349525, 3})->Args({100, 10})->UseRealTime();
BENCHMARK(AddColumn)->Args({16384, 64})->Args({349525, 3})->UseRealTime();
BENCHMARK(Sigmoid)->Arg(kMillion)->UseRealTime();
BENCHMARK(Tanh)->Arg(kMillion)->UseRealTime();
BENCHMARK(Exp)->Arg(kMillion)->UseRealTime();
BENCHMARK(Log)->Arg(kMillion)->UseRealTime();
BENCHMARK(Pow)->Arg(kMillion)->UseRealTime();
BENCHMARK(Dropout)->Arg(kMillion)->UseRealTime();
BENCHMARK(Normal)->Arg(kMillion)->UseRealTime();
BENCHMARK(Sum)
    ->Args({1, kMillion, 1})
    ->Args({1024, 1024, 1})
    ->Args({1, 16384, 64})
    ->Args({1, 349525, 3})
    ->UseRealTime();
BENCHMARK(Sum)->Args({64, 1024, 16})->Args({1, 1024, 1024})->Args({1, 10000, 100})->UseRealTime();
BENCHMARK(Max)->Args({1, kMillion, 1})->Args({100, 10, 1})->Args({10000, 10, 1})->Args({1, 1024, 1024})->UseRealTime();
BENCHMARK(Softmax)->Args({100, 10})->Args({1000, 1000})->UseRealTime();
BENCHMARK(CrossEntropy)->Args({100, 10})->Args({1000, 1000})->UseRealTime();
BENCHMARK(AdamStep)->Args({kMillion, 1})->Args({64, 100})->Args({25 * kMillion, 1})->UseRealTime();
BENCHMARK(SgdMomentum)->Arg(kMillion)->UseRealTime();
BENCHMARK(ChannelsLast)->Args({16, 64, 1024, 0})->Args({16, 64, 1024, 1})->Args({100, 3, 4096, 0})->UseRealTime();
BENCHMARK(ChannelsLast)->Args({100, 3, 4096, 1})->Args({64, 20, 196, 1})->Args({1, 1024, 1024, 0})->UseRealTime();
}  // namespace
