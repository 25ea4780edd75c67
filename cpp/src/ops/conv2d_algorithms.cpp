// The table of the ways to compute a convolution, and the entry points that run what it says.
#ifdef EK_BASE
#include "conv2d_algorithms.h"

#include "activation.h"
#include "conv2d_depthwise.h"
#include "conv2d_few.h"
#include "conv2d_gemm.h"
#include "conv2d_plain.h"
#include "conv2d_whole.h"
#include "conv2d_winograd.h"
#include "error.h"
#include "float_mode.h"
#include "memory.h"
#include "packed_weights.h"
#include "reduce.h"
#include "unary.h"

namespace ek {
namespace {
typedef ek_conv2d_shape Shape;
typedef Conv2dPass Pass;

void whole(const Shape& s, Pass pass, const Conv2dOperands& d) {
  switch (pass) {
    case Pass::forward:
      return whole_conv2d(s, d.x, d.w, d.w_stamp, d.b, d.ceiling, d.out);
    case Pass::grad_input:
      return whole_grad_input(s, d.gy, d.w, d.w_stamp, d.out);
    case Pass::grad_weight:
      return whole_grad_weight(s, d.x, d.gy, d.out);
  }
}

template <bool POINTS>
void few(const Shape& s, Pass pass, const Conv2dOperands& d) {
  switch (pass) {
    case Pass::forward:
      return few_conv2d(s, d.x, d.w, d.b, d.ceiling, POINTS, d.out);
    case Pass::grad_input:
      return few_grad_input(s, d.gy, d.w, POINTS, d.out);
    case Pass::grad_weight:
      return few_grad_weight(s, d.x, d.gy, POINTS, d.out, d.gb);
  }
}
bool points_win(const Shape& s, Pass pass) { return few_points_win(s, pass, false); }

void gemm(const Shape& s, Pass pass, const Conv2dOperands& d) {
  switch (pass) {
    case Pass::forward:
      return gemm_conv2d(s, d.x, d.w, d.w_stamp, d.b, d.ceiling, d.out);
    case Pass::grad_input:
      return gemm_grad_input(s, d.gy, d.w, d.w_stamp, d.out);
    case Pass::grad_weight:
      return gemm_grad_weight(s, d.x, d.gy, d.out);
  }
}

void depthwise(const Shape& s, Pass pass, const Conv2dOperands& d) {
  switch (pass) {
    case Pass::forward:
      return depthwise_conv2d(s, d.x, d.w, d.w_stamp, d.b, d.ceiling, d.out);
    case Pass::grad_input:
      return depthwise_grad_input(s, d.gy, d.w, d.w_stamp, d.out);
    case Pass::grad_weight:
      return depthwise_grad_weight(s, d.x, d.gy, d.out, d.gb);
  }
}

void plain(const Shape& s, Pass pass, const Conv2dOperands& d) {
  switch (pass) {
    case Pass::forward:
      return plain_conv2d(s, d.x, d.w, d.b, d.ceiling, d.out);
    case Pass::grad_input:
      return plain_grad_input(s, d.gy, d.w, d.out);
    case Pass::grad_weight:
      return plain_grad_weight(s, d.x, d.gy, d.out);
  }
}

template <int WAY>
bool takes(const Shape& s, Pass) {
  return winograd_takes(WAY, s);
}
template <int WAY>
bool wins(const Shape& s, Pass pass) {
  return winograd_wins(WAY, s, pass);
}
template <int WAY>
void winograd(const Shape& s, Pass pass, const Conv2dOperands& d) {
  switch (pass) {
    case Pass::forward:
      return winograd_conv2d(WAY, s, d.x, d.w, d.w_stamp, d.b, d.ceiling, d.out);
    case Pass::grad_input:
      return winograd_grad_input(WAY, s, d.gy, d.w, d.w_stamp, d.add_to, d.out);
    case Pass::grad_weight:
      return winograd_grad_weight(WAY, s, d.x, d.gy, d.out, d.gb);
  }
}

bool always(const Shape&, Pass) { return true; }
bool never(const Shape&, Pass) { return false; }
bool far(const Shape& s, Pass) { return conv2d_far(s); }
template <DnnlLayout LAYOUT>
void onednn(const Shape& s, Pass pass, const Conv2dOperands& d) {
  switch (pass) {
    case Pass::forward:
      return dnnl_conv2d(LAYOUT, s, d.x, d.w, d.w_stamp, d.b, d.ceiling, d.out);
    case Pass::grad_input:
      return dnnl_grad_input(LAYOUT, s, d.gy, d.w, d.w_stamp, d.out);
    case Pass::grad_weight:
      return dnnl_grad_weight(LAYOUT, s, d.x, d.gy, d.out);
  }
}
template <DnnlLayout LAYOUT>
DnnlOpPtr primitive(const Shape& s, Pass pass) {
  return dnnl_parts(s, pass, LAYOUT, false).op();
}

// The second takes windows far out before one of those behind, which must not get them. The last but one takes what is
// left; the last is for those who measure.
constexpr auto kLast = DnnlLayout::channels_last, kAny = DnnlLayout::any;
constexpr Conv2dAlgorithm kTable[] = {
    {"whole", whole_takes, always, whole, nullptr, false, false, true},
    {"plain", far, always, plain, nullptr, false, false, true},
    {"gemm", gemm_takes, gemm_wins, gemm},
    {"depthwise", depthwise_takes, depthwise_wins, depthwise, nullptr, true},
    {kFewWinograd, few_points_takes, points_win, few<true>, nullptr, true},
    {kFew, few_takes, few_wins, few<false>, nullptr, true},
    {"winograd-f4", takes<4>, wins<4>, winograd<4>, nullptr, true, true},
    {"winograd-f2", takes<2>, wins<2>, winograd<2>, nullptr, true, true},
    {"im2col", im2col_takes, im2col_wins, gemm},
    {"onednn", always, always, onednn<kLast>, primitive<kLast>},
    {"onednn-blocked", always, never, onednn<kAny>, primitive<kAny>},
};

int run(const Shape& s, Pass pass, const Conv2dOperands& d) {
  static const char* const names[] = {"conv2d", "conv2d_grad_input", "conv2d_grad_weight"};
  static_assert(sizeof(Shape) == 16 * sizeof(int32_t), "its fields are numbers of Work");
  Work work{names[static_cast<int>(pass)], &s.n, 16, conv2d_flops(s), true};
  return guarded(
      [&] {
        const Conv2dAlgorithm& a = conv2d_algorithm(s, pass);
        work.algorithm = a.name;
        conv2d_run(a, s, pass, d);
      },
      work);
}
}  // namespace

const Conv2dAlgorithms& conv2d_algorithms() {
  static const Conv2dAlgorithms* all = [] {
    auto* list = new Conv2dAlgorithms;
    for (const Conv2dAlgorithm& a : kTable) list->push_back(&a);
    return list;
  }();
  return *all;
}

void conv2d_run(const Conv2dAlgorithm& a, const ek_conv2d_shape& s, Conv2dPass pass, const Conv2dOperands& d) {
  const FlushDenormals flush;
  if (d.add_to && !a.adds) {
    const int64_t size = s.n * conv2d_x_image(s);
    const Scratch alone(size);
    Conv2dOperands own = d;
    own.add_to = false, own.out = alone;
    a.run(s, pass, own);
    EK_CALL(axpy, 1, alone, d.out, size);
    return;
  }
  a.run(s, pass, d);
  if (d.gb && !a.sums) EK_CALL(sum, 1, s.n * conv2d_oh(s) * conv2d_ow(s), s.o, d.gy, 1, d.gb);
}
}  // namespace ek

extern "C" {
int ek_conv2d(const ek_conv2d_shape* shape, const float* x, const float* w, int64_t w_stamp, const float* b,
              int activation, float* y) {
  float ceiling = 0;
  const int status = ek::status_of([&] { ceiling = ek::ceiling_of(activation); });
  if (status != EK_OK) return status;
  return ek::run(*shape, ek::Conv2dPass::forward, {x, nullptr, w, w_stamp, b, ceiling, y, nullptr, false});
}

int ek_conv2d_grad_input(const ek_conv2d_shape* shape, const float* gy, const float* w, int64_t w_stamp, int add_to,
                         float* gx) {
  return ek::run(*shape, ek::Conv2dPass::grad_input, {nullptr, gy, w, w_stamp, nullptr, 0, gx, nullptr, add_to != 0});
}

int ek_conv2d_grad_weight(const ek_conv2d_shape* shape, const float* x, const float* gy, float* gw, float* gb) {
  return ek::run(*shape, ek::Conv2dPass::grad_weight, {x, gy, nullptr, 0, nullptr, 0, gw, gb, false});
}
}
#endif
