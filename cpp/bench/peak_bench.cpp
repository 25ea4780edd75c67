// What this machine can do at most on EINKORN_THREADS threads: multiply-adds in registers, and a triad of arrays that
// no cache holds. Peak/fma is the widest that the CPU has, Peak/fma_avx2 and Peak/fma_avx512 are what their names say;
// Peak/triad writes past the caches, so that its bytes are what memory moves, Peak/triad_plain writes as kernels do.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>

#include "buffer.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace {
constexpr int64_t kSteps = 1 << 20;

// Chains of multiply-adds, independent so that their latency is hidden; flops of one step are 2 * lanes * chains.
struct Fma {
  void (*run)(int64_t steps);
  int64_t flops;
};

// Inlined into a function for an instruction set, it is compiled for that set; V is a float or a vector of them.
template <class V, int chains>
inline __attribute__((always_inline)) void multiply_add(int64_t steps) {
  const V one = V{} + 1.0f, half = V{} + 0.5f;
  V a[chains];
#pragma GCC unroll 16
  for (int i = 0; i < chains; ++i) {
    a[i] = one * static_cast<float>(i);
    benchmark::DoNotOptimize(a[i]);  // else equal chains are computed once
  }
  for (int64_t s = 0; s < steps; ++s) {
#pragma GCC unroll 16
    for (V& x : a) x = x * half + one;
  }
#pragma GCC unroll 16
  for (V& x : a) benchmark::DoNotOptimize(x);
}
void fma_scalar(int64_t steps) { multiply_add<float, 8>(steps); }
Fma widest = {fma_scalar, 2 * 8};

template <bool stream>
void triad_scalar(const float* b, const float* c, float* a, int64_t n) {
  for (int64_t i = 0; i < n; ++i) a[i] = b[i] + 3.0f * c[i];
}
void (*triad)(const float*, const float*, float*, int64_t) = triad_scalar<true>;
void (*triad_plain)(const float*, const float*, float*, int64_t) = triad_scalar<false>;

#if defined(__x86_64__)
using Floats8 __attribute__((vector_size(32))) = float;
using Floats16 __attribute__((vector_size(64))) = float;
__attribute__((target("avx2,fma"))) void fma_avx2(int64_t steps) { multiply_add<Floats8, 12>(steps); }
__attribute__((target("avx512f"))) void fma_avx512(int64_t steps) { multiply_add<Floats16, 16>(steps); }
// n is a multiple of 8
template <bool stream>
__attribute__((target("avx2,fma"))) void triad_avx2(const float* b, const float* c, float* a, int64_t n) {
  const __m256 s = _mm256_set1_ps(3);
  for (int64_t i = 0; i < n; i += 8) {
    const __m256 y = _mm256_fmadd_ps(s, _mm256_loadu_ps(c + i), _mm256_loadu_ps(b + i));
    stream ? _mm256_stream_ps(a + i, y) : _mm256_storeu_ps(a + i, y);
  }
}
#endif

void count(benchmark::State& state, const char* unit, int64_t per_iteration) {
  state.counters[unit] = benchmark::Counter(
      static_cast<double>(per_iteration) * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

void multiply_adds(benchmark::State& state, const Fma& fma) {
  const int threads = ek_threads();
  for (auto _ : state) {
#pragma omp parallel num_threads(threads)
    fma.run(kSteps);
  }
  count(state, "flop/s", threads * kSteps * fma.flops);
}

// Three arrays of the larger of 64 MB and twice the last cache, but not above 256 MB.
int64_t triad_floats() {
  int64_t cache = 0;
#ifdef _SC_LEVEL3_CACHE_SIZE
  cache = sysconf(_SC_LEVEL3_CACHE_SIZE);
#endif
  return std::min(std::max(2 * cache, int64_t{64} << 20), int64_t{256} << 20) / 4;
}

void move_bytes(benchmark::State& state, void (*run)(const float*, const float*, float*, int64_t)) {
  const int64_t n = triad_floats(), block = 1 << 14;
  const Buffer a(n), b(n), c(n);
  const int threads = ek_threads();
  for (auto _ : state) {
#pragma omp parallel for num_threads(threads) schedule(static)
    for (int64_t i = 0; i < n; i += block) run(b + i, c + i, a + i, std::min(block, n - i) & -8);
  }
  count(state, "bytes/s", 12 * n);
}

void fma_row(const char* name, const Fma& fma) {
  benchmark::RegisterBenchmark(name, [=](benchmark::State& s) { multiply_adds(s, fma); })->UseRealTime();
}

const bool kRegistered = [] {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    fma_row("Peak/fma_avx2", widest = {fma_avx2, 2 * 8 * 12});
    triad = triad_avx2<true>;
    triad_plain = triad_avx2<false>;
  }
  if (__builtin_cpu_supports("avx512f")) fma_row("Peak/fma_avx512", widest = {fma_avx512, 2 * 16 * 16});
#endif
  fma_row("Peak/fma", widest);
  benchmark::RegisterBenchmark("Peak/triad", [](benchmark::State& s) { move_bytes(s, triad); })->UseRealTime();
  benchmark::RegisterBenchmark("Peak/triad_plain", [](benchmark::State& s) {
    move_bytes(s, triad_plain);
  })->UseRealTime();
  return true;
}();
}  // namespace
