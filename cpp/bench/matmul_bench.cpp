// Matrix products: the layers of the examples, forward and both gradients, and tiny ones.
#include "buffer.h"
#include "cblas.h"
#include "raw_dnnl.h"
#include "row.h"

namespace {
void count(benchmark::State& state) {
  const double flops = 2.0 * static_cast<double>(state.range(0) * state.range(1) * state.range(2));
  state.counters["flop/s"] =
      benchmark::Counter(flops * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

// Arguments: m n k ta tb
void Matmul(benchmark::State& state) {
  const int64_t m = state.range(0), n = state.range(1), k = state.range(2);
  const Buffer a(m * k), b(k * n), c(m * n);
  const int ta = static_cast<int>(state.range(3)), tb = static_cast<int>(state.range(4));
  for (auto _ : state) ek_matmul(1, m, n, k, ta, tb, a, 0, b, 0, c);
  count(state);
}

void RawMatmul(benchmark::State& state) {
  using namespace dnnl;
  raw::use_our_threads();
  const int64_t m = state.range(0), n = state.range(1), k = state.range(2);
  const auto f32 = memory::data_type::f32;
  const auto tag = [](int64_t t) { return t ? memory::format_tag::ba : memory::format_tag::ab; };
  const memory::desc a({m, k}, f32, tag(state.range(3))), b({k, n}, f32, tag(state.range(4))), c({m, n}, f32, tag(0));
  const matmul::primitive_desc desc(raw::engine(), a, b, c);
  raw::run(state, matmul(desc), desc, {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST});
  count(state);
}

void RawBlas(benchmark::State& state) {
  const auto m = static_cast<blasint>(state.range(0)), n = static_cast<blasint>(state.range(1));
  const auto k = static_cast<blasint>(state.range(2));
  const Buffer a(m * k), b(k * n), c(m * n);
  const bool ta = state.range(3) != 0, tb = state.range(4) != 0;
  for (auto _ : state)
    cblas_sgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, m, n, k, 1, a,
                ta ? m : k, b, tb ? k : n, 0, c, n);
  count(state);
}

void Linear(benchmark::State& state) {
  const int64_t m = state.range(0), n = state.range(1), k = state.range(2);
  const Buffer x(m * k), w(k * n), b(n), y(m * n);
  for (auto _ : state) ek_linear(m, n, k, x, w, b, EK_IDENTITY, y);
  count(state);
}

// Two matrices, two batches of them, or vectors: a row on the left, a column on the right.
const Family kMatmulRows("matMul", [](const Row& r) {
  Dims a = r.inputs[0], b = r.inputs[1];
  if (a.size() == 1) a.insert(a.begin(), 1);
  if (b.size() == 1) b.push_back(1);
  const int64_t batch = b.size() == 3 ? b[0] : 1, k = b[b.size() - 2], n = b.back(), m = size_of(a) / batch / k;
  const Buffer x(batch * m * k), y(batch * k * n), z(batch * m * n), gx(batch * m * k), gy(batch * k * n);
  return op([=] { ek_matmul(batch, m, n, k, 0, 0, x, m * k, y, k * n, z); },
            [=] {
              ek_matmul(batch, m, k, n, 0, 1, z, m * n, y, k * n, gx);
              ek_matmul(batch, k, n, m, 1, 0, x, m * k, z, m * n, gy);
            });
});
const Family kLinearRows("linear", [](const Row& r) {
  const int64_t k = r.inputs[1][1], n = r.inputs[1][0], m = r.size(0) / k;
  const bool bias = r.inputs.size() > 2;
  const int activation = r.settings.empty() ? EK_IDENTITY : static_cast<int>(r.integer(0));
  const Buffer x(m * k), w(n * k), b(n), y(m * n), gx(m * k), gw(n * k), gb(n);
  return op([=] { ek_linear(m, n, k, x, w, b.given(bias), activation, y); },
            [=] { ek_linear_grad(m, n, k, x, w, y, y, activation, gx, gw, gb.given(bias)); });
});

void products(benchmark::internal::Benchmark* b) {
  const std::vector<std::vector<int64_t>> all = {
      {4, 10, 10, 0, 0},       {100, 10, 10, 0, 1},     {16, 16, 16, 0, 1},     {10, 10, 100, 1, 0},
      {6, 64, 64, 0, 0},       {8, 512, 512, 0, 1},     {1, 512, 3136, 0, 1},   {32, 64, 64, 0, 1},
      {100, 10, 128, 0, 1},    {64, 64, 64, 0, 1},      {100, 128, 128, 0, 1},  {100, 10, 3136, 0, 1},
      {32, 256, 256, 0, 1},    {1000, 16, 64, 0, 1},    {100, 256, 784, 0, 1},  {100, 256, 256, 0, 0},
      {256, 256, 100, 1, 0},   {256, 784, 100, 1, 0},   {100, 100, 4320, 0, 1}, {100, 4320, 100, 0, 0},
      {100, 4320, 100, 1, 0},  {64, 1000, 512, 0, 1},   {1000, 256, 64, 0, 0},  {256, 1040, 1000, 0, 1},
      {256, 4096, 4096, 0, 1}, {1024, 1024, 1024, 0, 0}};
  for (const auto& args : all) b->Args(args);
}
void layers(benchmark::internal::Benchmark* b) {
  b->Args({4, 10, 10})->Args({1, 512, 3136})->Args({100, 10, 128})->Args({100, 128, 3136})->Args({256, 512, 512});
}
}  // namespace

BENCHMARK(Matmul)->Apply(products)->UseRealTime();
BENCHMARK(RawMatmul)->Apply(products)->UseRealTime();
BENCHMARK(RawBlas)->Apply(products)->UseRealTime();
BENCHMARK(Linear)->Apply(layers)->UseRealTime();
