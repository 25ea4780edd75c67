// oneDNN by itself, for rows beside ours: channels-last data and weights in the layout of its choice, nothing else
// done per call than executing the primitive.
#pragma once
#include <benchmark/benchmark.h>

#include <cstring>
#include <unordered_map>

#include "dnnl.hpp"
#include "einkorn.h"

extern "C" void omp_set_num_threads(int);

namespace raw {
inline dnnl::engine& engine() {
  static dnnl::engine e(dnnl::engine::kind::cpu, 0);
  return e;
}

// Runs a primitive on memory of its own, as many times as the benchmark asks.
inline void run(benchmark::State& state, const dnnl::primitive& primitive, const dnnl::primitive_desc_base& desc,
                std::initializer_list<int> arguments) {
  dnnl::stream stream(engine());
  std::unordered_map<int, dnnl::memory> memory;
  for (int name : arguments) {
    const dnnl::memory m(desc.query_md(dnnl::query::exec_arg_md, name), engine());
    std::memset(m.get_data_handle(), 0, m.get_desc().get_size());
    memory[name] = m;
  }
  for (auto _ : state) {
    primitive.execute(stream, memory);
    stream.wait();
  }
  state.SetLabel(desc.impl_info_str());
}

inline dnnl::memory::desc channels_last(int64_t n, int64_t c, int64_t h, int64_t w) {
  return {{n, c, h, w}, dnnl::memory::data_type::f32, dnnl::memory::format_tag::nhwc};
}

inline void use_our_threads() { omp_set_num_threads(ek_threads()); }
}  // namespace raw
