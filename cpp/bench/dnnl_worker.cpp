// oneDNN by itself on the rows W7 of the table, as a worker of benchmarks/peers: nothing is done per step but executing
// one primitive.
//   einkorn_dnnl_worker TASK THREADS CONFIG
// CONFIG is the layout of the images: plain (nchw), channels-last (nhwc), any (what its convolutions choose, blocked).
// Weights are in the layout of its choice, but those of a linear layer with plain.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unordered_map>

#include "dnnl.hpp"

extern "C" void omp_set_num_threads(int);

namespace {
using namespace dnnl;
using desc = memory::desc;
using tag = memory::format_tag;

constexpr auto f32 = memory::data_type::f32;

struct Unsupported : std::runtime_error {
  using std::runtime_error::runtime_error;
};

engine& cpu() {
  static engine e(engine::kind::cpu, 0);
  return e;
}

// W7-conv-n32-c32-o64-h14-k3-s1-g1-backward-data: a kind, extents by their letter, a direction.
struct Task {
  explicit Task(const std::string& name) {
    std::stringstream words(name);
    std::string word;
    std::getline(words, word, '-');
    std::getline(words, kind, '-');
    while (std::getline(words, word, '-')) {
      if (word.size() > 1 && word.find_first_not_of("0123456789", 1) == std::string::npos)
        extents[word[0]] = std::stol(word.substr(1));
      else
        direction += (direction.empty() ? "" : "-") + word;
    }
  }
  int64_t operator[](char letter) const {
    const auto at = extents.find(letter);
    return at == extents.end() ? 0 : at->second;
  }
  bool forward() const { return direction == "forward"; }
  int64_t pad() const { return kind == "conv" ? (*this)['k'] / 2 : 0; }
  int64_t side() const { return ((*this)['h'] + 2 * pad() - (*this)['k']) / (*this)['s'] + 1; }

  std::string kind, direction;
  std::map<char, int64_t> extents;
};

// A primitive and the memory it works on, filled with small positive numbers.
class Step {
 public:
  Step(const primitive& p, const primitive_desc_base& d, std::initializer_list<int> arguments) : primitive_(p) {
    for (int name : arguments) {
      const memory m(d.query_md(query::exec_arg_md, name), cpu());
      if (m.get_desc().get_data_type() == f32) {
        auto* p0 = static_cast<float*>(m.get_data_handle());
        for (size_t i = 0; i < m.get_desc().get_size() / 4; ++i) p0[i] = 0.001f * static_cast<float>(i % 997 + 1);
      }
      memory_[name] = m;
    }
  }
  void run() {
    primitive_.execute(stream_, memory_);
    stream_.wait();
  }
  // Works on what another step has made.
  Step& with(int name, const Step& other) {
    memory_[name] = other.memory_.at(name);
    return *this;
  }

 private:
  primitive primitive_;
  stream stream_{cpu()};
  std::unordered_map<int, memory> memory_;
};

desc images(const std::string& config, int64_t n, int64_t c, int64_t side) {
  const auto layout = config == "plain" ? tag::nchw : config == "channels-last" ? tag::nhwc : tag::any;
  return {{n, c, side, side}, f32, layout};
}

// The layout that convolutions of so many channels choose: other primitives take no `any`.
desc chosen(const std::string& config, int64_t n, int64_t c, int64_t side) {
  const desc x = images(config, n, c, side);
  if (config != "any") return x;
  return convolution_forward::primitive_desc(cpu(), prop_kind::forward_training, algorithm::convolution_direct, x,
                                             {{c, c, 3, 3}, f32, tag::any}, x, {1, 1}, {1, 1}, {1, 1})
      .src_desc();
}

Step conv(const Task& t, const std::string& config) {
  const desc x = images(config, t['n'], t['c'], t['h']), y = images(config, t['n'], t['o'], t.side());
  const int64_t g = t['g'], k = t['k'];
  const desc w =
      g == 1 ? desc({t['o'], t['c'], k, k}, f32, tag::any) : desc({g, t['o'] / g, t['c'] / g, k, k}, f32, tag::any);
  const memory::dims strides{t['s'], t['s']}, pads{t.pad(), t.pad()};
  const auto best = algorithm::convolution_auto;
  const convolution_forward::primitive_desc forward(cpu(), prop_kind::forward_training, best, x, w, y, strides, pads,
                                                    pads);
  if (t.forward()) return {convolution_forward(forward), forward, {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST}};
  if (t.direction == "backward-data") {
    const convolution_backward_data::primitive_desc d(cpu(), best, x, w, y, strides, pads, pads, forward);
    return {convolution_backward_data(d), d, {DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST}};
  }
  const convolution_backward_weights::primitive_desc d(cpu(), best, x, w, y, strides, pads, pads, forward);
  return {convolution_backward_weights(d), d, {DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST}};
}

Step pool(const Task& t, const std::string& config, algorithm kind) {
  const desc x = chosen(config, t['n'], t['c'], t['h']), y = chosen(config, t['n'], t['c'], t.side());
  const memory::dims strides{t['s'], t['s']}, kernel{t['k'], t['k']}, none{0, 0};
  const pooling_forward::primitive_desc forward(cpu(), prop_kind::forward_training, kind, x, y, strides, kernel, none,
                                                none, none);
  const bool max = kind == algorithm::pooling_max;
  Step f = max ? Step(pooling_forward(forward), forward, {DNNL_ARG_SRC, DNNL_ARG_DST, DNNL_ARG_WORKSPACE})
               : Step(pooling_forward(forward), forward, {DNNL_ARG_SRC, DNNL_ARG_DST});
  if (t.forward()) return f;
  f.run();
  const pooling_backward::primitive_desc d(cpu(), kind, x, y, strides, kernel, none, none, none, forward);
  Step b(pooling_backward(d), d, {DNNL_ARG_DIFF_SRC, DNNL_ARG_DIFF_DST});
  return max ? b.with(DNNL_ARG_WORKSPACE, f) : b;
}

// The running statistics are not moved: that is no part of the primitive.
Step batch_norm(const Task& t, const std::string& config) {
  const desc x = chosen(config, t['n'], t['c'], t['h']);
  const auto flags = normalization_flags::use_scale | normalization_flags::use_shift;
  const batch_normalization_forward::primitive_desc forward(cpu(), prop_kind::forward_training, x, x, 1e-5f, flags);
  if (t.forward())
    return {batch_normalization_forward(forward),
            forward,
            {DNNL_ARG_SRC, DNNL_ARG_DST, DNNL_ARG_MEAN, DNNL_ARG_VARIANCE, DNNL_ARG_SCALE, DNNL_ARG_SHIFT}};
  const batch_normalization_backward::primitive_desc d(cpu(), prop_kind::backward, x, x, x, 1e-5f, flags, forward);
  return {batch_normalization_backward(d),
          d,
          {DNNL_ARG_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_SRC, DNNL_ARG_MEAN, DNNL_ARG_VARIANCE, DNNL_ARG_SCALE,
           DNNL_ARG_DIFF_SCALE, DNNL_ARG_DIFF_SHIFT}};
}

Step relu(const Task& t) {
  const desc x({t['n'], t['c'], t['h'], t['h']}, f32, tag::nchw);
  const auto kind = algorithm::eltwise_relu;
  const eltwise_forward::primitive_desc forward(cpu(), prop_kind::forward_training, kind, x, x, 0.f);
  if (t.forward()) return {eltwise_forward(forward), forward, {DNNL_ARG_SRC, DNNL_ARG_DST}};
  const eltwise_backward::primitive_desc d(cpu(), kind, x, x, x, 0.f, forward);
  return {eltwise_backward(d), d, {DNNL_ARG_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_SRC}};
}

Step linear(const Task& t, const std::string& config) {
  const desc x({t['n'], t['c']}, f32, tag::nc), y({t['n'], t['o']}, f32, tag::nc), b({t['o']}, f32, tag::x);
  const desc w({t['o'], t['c']}, f32, config == "any" ? tag::any : tag::oi);
  const inner_product_forward::primitive_desc forward(cpu(), prop_kind::forward_training, x, w, b, y);
  if (t.forward())
    return {inner_product_forward(forward), forward, {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_BIAS, DNNL_ARG_DST}};
  if (t.direction == "backward-data") {
    const inner_product_backward_data::primitive_desc d(cpu(), x, w, y, forward);
    return {inner_product_backward_data(d), d, {DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST}};
  }
  const inner_product_backward_weights::primitive_desc d(cpu(), x, w, y, forward);
  return {inner_product_backward_weights(d), d, {DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST}};
}

Step make(const Task& t, const std::string& config) {
  if (config != "plain" && config != "channels-last" && config != "any")
    throw std::invalid_argument("CONFIG is plain, channels-last or any, not " + config);
  if (t.kind == "conv") return conv(t, config);
  if (t.kind == "maxpool") return pool(t, config, algorithm::pooling_max);
  if (t.kind == "avgpool") return pool(t, config, algorithm::pooling_avg_exclude_padding);
  if (t.kind == "batchnorm") return batch_norm(t, config);
  if (t.kind == "linear" && config != "channels-last") return linear(t, config);
  if (t.kind == "relu" && config == "plain") return relu(t);
  if (t.kind == "linear" || t.kind == "relu") throw Unsupported("the layout of images is no matter here: see plain");
  throw Unsupported("not one primitive of oneDNN");
}

double millis(Step& step, int64_t steps) {
  const auto start = std::chrono::steady_clock::now();
  for (int64_t i = 0; i < steps; ++i) step.run();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count() /
         static_cast<double>(steps);
}

// The protocol of Worker.java, warm-up included.
void serve(Step& step) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(3);
  double last = 0;
  for (int i = 0; i < 3 || std::chrono::steady_clock::now() < end; ++i) last = millis(step, 1);
  std::printf("ready %.6f\n", last);
  std::fflush(stdout);
  std::string go;
  int64_t steps;
  while (std::cin >> go >> steps) {
    std::printf("ms %.6f\n", millis(step, steps));
    std::fflush(stdout);
  }
}
}  // namespace

int main(int argc, char** argv) try {
  if (argc != 4) throw std::invalid_argument("expected TASK THREADS CONFIG");
  omp_set_num_threads(std::stoi(argv[2]));
  Step step = make(Task(argv[1]), argv[3]);
  serve(step);
} catch (const Unsupported& e) {
  std::printf("unsupported %s\n", e.what());
} catch (const std::exception& e) {
  std::fprintf(stderr, "einkorn_dnnl_worker: %s\n", e.what());
  return 1;
}
