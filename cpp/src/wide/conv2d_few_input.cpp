// The input gradient of a convolution of few input channels: a row of the kernel is a run of kw c neighbouring floats
// of gx, to which every output pixel adds gy w.
#include "elementwise.h"
#include "wide/conv2d_few.h"

namespace ek::EK_ISA {
// gx at (i stride + tap_row, j stride ..) += gy w for one row i of the kernel, all columns j of P rows of outputs, L
// vectors of a run, `rest` floats of the last one. Rows, not columns, are taken together: their runs do not overlap.
template <int P, int L>
EK_INLINE void spread(const FewInput& p, const float* gy, const float* w, int64_t rest, float* to) {
  const int64_t o = p.s.o, line = p.ow * o, down = p.s.stride_h * p.row, right = int64_t{p.s.stride_w} * p.s.c;
  for (int64_t j = 0; j < p.ow; ++j, gy += o, to += right) {
    vf a[P][L];
#pragma GCC unroll 8
    for (int r = 0; r < P; ++r)
#pragma GCC unroll 4
      for (int v = 0; v < L; ++v) a[r][v] = zero();
    for (int64_t k = 0; k < o; ++k) {
      vf u[P];
#pragma GCC unroll 8
      for (int r = 0; r < P; ++r) u[r] = broadcast(gy + r * line + k);
#pragma GCC unroll 4
      for (int v = 0; v < L; ++v) {
        const vf q = load(w + (k * L + v) * VF);
#pragma GCC unroll 8
        for (int r = 0; r < P; ++r) a[r][v] = fma(u[r], q, a[r][v]);
      }
    }
#pragma GCC unroll 8
    for (int r = 0; r < P; ++r)
#pragma GCC unroll 4
      for (int v = 0; v < L; ++v) {
        float* q = to + r * down + v * VF;
        if (v < L - 1 || rest == VF)
          store(q, add(load(q), a[r][v]));
        else  // beyond the run nothing, not NaN
          store_part(q, add(load(q), a[r][v]), rest);
      }
  }
}

typedef void (*Spread)(const FewInput&, const float*, const float*, int64_t, float*);

template <int P, int L>
static Spread spread_of(int64_t rows) {
  if constexpr (P == 1)
    return spread<1, L>;
  else
    return rows == P ? spread<P, L> : spread_of<P - 1, L>(rows);
}

// Rows of outputs at a time: as many as registers hold sums of, a dozen, in groups of nearly equal size.
template <int L>
static void image(const FewInput& p, const float* gy, const float* w, float* to) {
  enum { P = L == 4 ? 3 : L == 3 ? 4 : L == 2 ? 6 : 8 };
  const int64_t line = p.ow * p.s.o, down = p.s.stride_h * p.row, taps = p.s.o * L * VF, groups = ceil_div(p.oh, P);
  const int64_t rest = int64_t{p.s.kw} * p.s.c - (L - 1) * VF;
  for (int64_t g = 0; g < groups; ++g) {
    const int64_t i = p.oh * g / groups;
    const Spread run = spread_of<P, L>(p.oh * (g + 1) / groups - i);
    for (int k = 0; k < p.s.kh; ++k)
      run(p, gy + i * line, w + k * taps, rest, to + i * down + k * p.s.dilation_h * p.row);
  }
}

void few_grad_input(const FewInput& p, const float* gy, const float* w, float* gx, float* scratch) {
  const ek_conv2d_shape& s = p.s;
  const int64_t line = int64_t{s.w} * s.c, left = int64_t{s.pad_left} * s.c, out = p.oh * p.ow * s.o;
  const auto run = p.vectors == 1 ? image<1> : p.vectors == 2 ? image<2> : p.vectors == 3 ? image<3> : image<4>;
  parallel(p.chunks, 1, [=, &p, &s](int64_t chunk, int64_t) {
    float* padded = scratch + chunk * p.rows * p.row;
    for (int64_t n = s.n * chunk / p.chunks; n < s.n * (chunk + 1) / p.chunks; ++n) {
      memset(padded, 0, p.rows * p.row * sizeof(float));
      run(p, gy + n * out, w, padded);
      for (int64_t h = 0; h < s.h; ++h)
        memcpy(gx + (n * s.h + h) * line, padded + (h + s.pad_top) * p.row + left, line * sizeof(float));
    }
  });
}
}  // namespace ek::EK_ISA
