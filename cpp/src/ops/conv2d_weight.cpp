// The weight gradient of a convolution. oneDNN's depends on the number of threads, so the batch is cut by shape,
// every piece runs single-threaded into a buffer of its own, and the buffers are added in order.
#include "conv2d.h"
#include "isa.h"
#include "simd.h"
#include "threads.h"

EK_KERNEL(void, add_parts, (int64_t parts, const float* part, int64_t stride, float* y, int64_t n))

namespace ek::EK_ISA {
// y[i] = sum over p < parts of part[p stride + i], in order
void add_parts(int64_t parts, const float* part, int64_t stride, float* y, int64_t n) {
  parallel(n, 16384, [=](int64_t begin, int64_t end) {
    int64_t i = begin;
    for (; i + VF <= end; i += VF) {
      vf s = load(part + i);
      for (int64_t p = 1; p < parts; ++p) s = add(s, load(part + p * stride + i));
      store(y + i, s);
    }
    for (; i < end; ++i) {
      float s = part[i];
      for (int64_t p = 1; p < parts; ++p) s += part[p * stride + i];
      y[i] = s;
    }
  });
}
}  // namespace ek::EK_ISA

#ifdef EK_BASE
#include <algorithm>
#include <string>

#include "error.h"
#include "memory.h"

namespace ek {
namespace {
constexpr double kPartFlops = 4e6;        // a part worth a thread: 40 us
constexpr int64_t kParts = 16;            // at most
constexpr int64_t kPartBytes = 64 << 20;  // bound of all buffers, where two parts leave room for more

// How many parts the batch is cut into: a power of two, which two, four or eight threads share evenly.
int64_t parts_of(const ek_conv2d_shape& s) {
  const int64_t room = std::max<int64_t>(2, kPartBytes / (4 * conv2d_weights(s)));
  const double most = std::min<double>(
      {static_cast<double>(kParts), static_cast<double>(s.n), static_cast<double>(room), conv2d_flops(s) / kPartFlops});
  int64_t parts = 1;
  while (parts * 2 <= most) parts *= 2;
  return parts;
}

DnnlOpPtr op_of(const ek_conv2d_shape& s, int64_t n) {
  const SingleThread alone;
  ek_conv2d_shape part = s;
  part.n = static_cast<int32_t>(n);
  return conv2d_op(DnnlKey::kConvGradWeight, part, false, 1);
}

void grad_weight(const ek_conv2d_shape& s, const float* x, const float* gy, float* gw) {
  const int64_t parts = parts_of(s), weights = conv2d_weights(s);
  const int64_t x_image = int64_t{s.c} * s.h * s.w, y_image = s.o * conv2d_oh(s) * conv2d_ow(s);
  const DnnlOpPtr op = op_of(s, s.n / parts);
  const bool direct = parts == 1 && !op->packs();
  const int64_t stride = op->packs() ? op->packed_floats() : weights;
  const int64_t aligned = (stride + 15) / 16 * 16;
  const Scratch buffers(direct ? 0 : parts * aligned);
  parallel(parts, 1, [&](int64_t part, int64_t) {
    const int64_t from = s.n * part / parts, to = s.n * (part + 1) / parts;
    const DnnlOpPtr piece = to - from == s.n / parts ? op : op_of(s, to - from);
    const SingleThread alone;
    piece->run({{DNNL_ARG_SRC, x + from * x_image},
                {DNNL_ARG_DIFF_DST, gy + from * y_image},
                {DNNL_ARG_DIFF_WEIGHTS, direct ? gw : buffers + part * aligned}});
  });
  if (direct) return;
  if (parts > 1) EK_CALL(add_parts, parts, buffers, aligned, op->packs() ? buffers : gw, stride);
  if (op->packs()) op->unpack(buffers, gw);
}
}  // namespace

const char* conv2d_grad_weight_name(const ek_conv2d_shape& s) {
  static thread_local std::string text;
  const int64_t parts = parts_of(s);
  text = std::string("oneDNN ") + op_of(s, s.n / parts)->name() + ", parts " + std::to_string(parts);
  return text.c_str();
}
}  // namespace ek

extern "C" int ek_conv2d_grad_weight(const ek_conv2d_shape* shape, const float* x, const float* gy, float* gw) {
  return ek::guarded([&] { ek::grad_weight(*shape, x, gy, gw); });
}
#endif
