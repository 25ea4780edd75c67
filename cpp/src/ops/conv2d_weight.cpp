// The weight gradient of a convolution by oneDNN: every part of the batch goes to a buffer of its own, and the buffers
// are added in order.
#include "conv2d.h"
#include "simd.h"
#include "threads.h"

namespace ek::EK_ISA {
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
#include "memory.h"

namespace ek {
void dnnl_grad_weight(DnnlLayout layout, const ek_conv2d_shape& s, const float* x, const float* gy, float* gw) {
  const Conv2dParts parts = dnnl_parts(s, Conv2dPass::grad_weight, layout, false);
  const bool packs = parts.op()->packs(), direct = parts.count() == 1 && !packs;
  const int64_t floats = packs ? parts.op()->packed_floats() : conv2d_weights(s);
  const int64_t stride = (floats + 15) / 16 * 16;
  const Scratch buffers(direct ? 0 : parts.count() * stride);
  parts.run([&](const DnnlOp& op, int64_t part, int64_t from, int64_t) {
    op.run({{DNNL_ARG_SRC, x + from * conv2d_x_image(s)},
            {DNNL_ARG_DIFF_DST, gy + from * conv2d_y_image(s)},
            {DNNL_ARG_DIFF_WEIGHTS, direct ? gw : buffers + part * stride}});
  });
  if (!direct) EK_CALL(add_parts, parts.count(), buffers, stride, packs ? buffers : gw, floats);
  if (!packs) return;
  const SingleThread alone;
  parts.op()->unpack(buffers, gw);
}
}  // namespace ek
#endif
