// Convolution of one to three input channels and its weight gradient: a vector holds output channels, and input
// floats are broadcast. With one channel and AVX2 alone it measured 1.2 to 1.8 times oneDNN's channels-last kernels,
// with three about as much as them. Tap (i, j, ch) is row i, column j and channel ch of the kernel.
#include "conv2d_few.h"

#include "elementwise.h"

// y = conv(x, w) + b; w is (block, tap, lane), b (block, lane), scratch a piece for each chunk
EK_KERNEL(void, few_forward,
          (const FewPlan& p, const float* x, const float* w, const float* b, float* y, float* scratch))
// part[chunk] = weight gradient of the chunk's units, (block, tap, lane)
EK_KERNEL(void, few_grad_weight, (const FewPlan& p, const float* x, const float* gy, float* part, float* scratch))

namespace ek::EK_ISA {
// Input under a unit: x lies under the first tap of its first output.
struct Input {
  const float* x;
  int64_t row;  // floats from row to row
};

static Input padded(const FewPlan& p, const float* x, int64_t unit, float* scratch) {
  const ek_conv2d_shape& s = p.s;
  const int64_t line = int64_t{s.w} * s.c, h0 = unit % p.bands * p.band * s.stride_h - s.pad_top;
  const float* image = x + unit / p.bands * s.h * line;
  if (!(s.pad_top | s.pad_left | s.pad_bottom | s.pad_right)) return {image + h0 * line, line};
  const int64_t left = smaller(int64_t{s.pad_left} * s.c, p.row), inside = smaller(line, p.row - left);
  for (int64_t r = 0; r < p.rows; ++r) {
    float* to = scratch + r * p.row;
    memset(to, 0, p.row * sizeof(float));
    if (h0 + r >= 0 && h0 + r < s.h) memcpy(to + left, image + (h0 + r) * line, inside * sizeof(float));
  }
  return {scratch, p.row};
}

// f(input, output row counted over all images, rows, chunk) for every unit.
template <class F>
static inline void for_units(const FewPlan& p, const float* x, float* scratch, const F& f) {
  parallel(p.chunks, 1, [=, &p](int64_t chunk, int64_t) {
    const int64_t units = p.s.n * p.bands;
    for (int64_t u = units * chunk / p.chunks; u < units * (chunk + 1) / p.chunks; ++u) {
      const int64_t first = u % p.bands * p.band;
      f(padded(p, x, u, scratch + chunk * p.chunk_floats), u / p.bands * p.oh + first, smaller(p.band, p.oh - first),
        chunk);
    }
  });
}

// Vector v of a block, of which `lanes` exist (all of them unless MASK).
template <bool MASK>
EK_INLINE void store_lanes(float* p, vf x, int v, int64_t lanes) {
  const int64_t n = lanes - v * VF;
  if (!MASK || n >= VF)
    store(p + v * VF, x);
  else if (n > 0)
    store_part(p + v * VF, x, n);
}

// R pixels of one row by V vectors of channels.
template <int R, int V, bool MASK>
EK_INLINE void pixels(const FewPlan& p, const float* x, int64_t row, const float* w, const float* b, float* y) {
  const ek_conv2d_shape& s = p.s;
  const int64_t step = int64_t{s.stride_w} * s.c, down = s.dilation_h * row, right = int64_t{s.dilation_w} * s.c;
  vf a[R][V];
#pragma GCC unroll 6
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) a[r][v] = load(b + v * VF);
  for (int i = 0; i < s.kh; ++i)
    for (int64_t j = 0; j < p.runs; ++j) {
      const float *q = x + i * down + j * right, *end = q + p.run;
      for (; q < end; ++q, w += V * VF) {
        vf k[V];
#pragma GCC unroll 2
        for (int v = 0; v < V; ++v) k[v] = load(w + v * VF);
#pragma GCC unroll 6
        for (int r = 0; r < R; ++r) {
          const vf u = broadcast(q + r * step);
#pragma GCC unroll 2
          for (int v = 0; v < V; ++v) a[r][v] = fma(u, k[v], a[r][v]);
        }
      }
    }
#pragma GCC unroll 6
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) store_lanes<MASK>(y + r * s.o, a[r][v], v, s.o);
}

template <int V, bool MASK>
static void forward(const FewPlan& p, const float* x, const float* w, const float* b, float* y, float* scratch) {
  const int64_t step = int64_t{p.s.stride_w} * p.s.c;
  for_units(p, x, scratch, [=, &p](Input in, int64_t first, int64_t rows, int64_t) {
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t k = 0; k < p.blocks; ++k) {
        const float *from = in.x + r * p.s.stride_h * in.row, *wk = w + k * p.taps * p.block, *bk = b + k * p.block;
        float* to = y + (first + r) * p.ow * p.s.o + few_start(p, k);
        const int64_t full = p.ow < 6 ? 0 : p.ow;  // the last six pixels overlap those before
        for (int64_t i = 0; i < full; i += 6) {
          const int64_t at = smaller(i, p.ow - 6);
          pixels<6, V, MASK>(p, from + at * step, in.row, wk, bk, to + at * p.s.o);
        }
        for (int64_t at = full; at < p.ow; ++at)
          pixels<1, V, MASK>(p, from + at * step, in.row, wk, bk, to + at * p.s.o);
      }
  });
}

// g += sum over rows of pixels of x at T taps times V vectors of gy
template <int T, int V>
EK_INLINE void taps(const FewPlan& p, Input in, const int64_t* offset, const float* gy, int64_t rows, float* g) {
  const int64_t step = int64_t{p.s.stride_w} * p.s.c, end = p.ow * step, o = p.s.o;
  vf a[T][V];
#pragma GCC unroll 6
  for (int t = 0; t < T; ++t)
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) a[t][v] = load(g + (t * V + v) * VF);
  for (int64_t r = 0; r < rows; ++r) {
    const float* x = in.x + r * p.s.stride_h * in.row;
    const float* q[T];
#pragma GCC unroll 6
    for (int t = 0; t < T; ++t) q[t] = x + offset[t];
    for (int64_t i = 0; i < end; i += step, gy += o) {
      vf k[V];
#pragma GCC unroll 2
      for (int v = 0; v < V; ++v) k[v] = load(gy + v * VF);
#pragma GCC unroll 6
      for (int t = 0; t < T; ++t) {
        const vf u = broadcast(q[t] + i);
#pragma GCC unroll 2
        for (int v = 0; v < V; ++v) a[t][v] = fma(u, k[v], a[t][v]);
      }
    }
  }
#pragma GCC unroll 6
  for (int t = 0; t < T; ++t)
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) store(g + (t * V + v) * VF, a[t][v]);
}

// One block of output channels: all taps, in nearly equal groups of at most six.
static void block_taps(const FewPlan& p, Input in, const float* gy, int64_t rows, float* g) {
  enum { V = 16 / VF };
  const int64_t groups = ceil_div(p.taps, 6), line = int64_t{p.s.kw} * p.s.c;
  for (int64_t k = 0; k < groups; ++k) {
    const int64_t begin = p.taps * k / groups, count = p.taps * (k + 1) / groups - begin;
    int64_t at[6];
    for (int64_t t = 0; t < count; ++t) {
      const int64_t tap = begin + t, i = tap / line, j = tap % line / p.s.c;
      at[t] = i * p.s.dilation_h * in.row + j * p.s.dilation_w * p.s.c + tap % p.s.c;
    }
    float* to = g + begin * V * VF;
    switch (count) {
      case 1:
        taps<1, V>(p, in, at, gy, rows, to);
        break;
      case 2:
        taps<2, V>(p, in, at, gy, rows, to);
        break;
      case 3:
        taps<3, V>(p, in, at, gy, rows, to);
        break;
      case 4:
        taps<4, V>(p, in, at, gy, rows, to);
        break;
      case 5:
        taps<5, V>(p, in, at, gy, rows, to);
        break;
      default:
        taps<6, V>(p, in, at, gy, rows, to);
    }
  }
}

void few_forward(const FewPlan& p, const float* x, const float* w, const float* b, float* y, float* scratch) {
  if (p.block == 8)
    forward<8 / VF, true>(p, x, w, b, y, scratch);
  else if (p.s.o < 16)
    forward<16 / VF, true>(p, x, w, b, y, scratch);
  else
    forward<16 / VF, false>(p, x, w, b, y, scratch);
}

void few_grad_weight(const FewPlan& p, const float* x, const float* gy, float* part, float* scratch) {
  const int64_t block = p.taps * p.block;
  const int64_t strip = larger(1, 4096 / (p.ow * p.block));  // rows whose block of gy stays in L1 over all taps
  memset(part, 0, p.chunks * p.blocks * block * sizeof(float));
  for_units(p, x, scratch, [=, &p](Input in, int64_t first, int64_t rows, int64_t chunk) {
    for (int64_t r = 0; r < rows; r += strip) {
      const Input from = {in.x + r * p.s.stride_h * in.row, in.row};
      const float* g = gy + (first + r) * p.ow * p.s.o;
      for (int64_t k = 0; k < p.blocks; ++k)
        block_taps(p, from, g + few_start(p, k), smaller(strip, rows - r), part + (chunk * p.blocks + k) * block);
    }
  });
}
}  // namespace ek::EK_ISA

#ifdef EK_BASE
#include <algorithm>

#include "memory.h"

namespace ek {
namespace {
constexpr double kChunkFlops = 2e6;  // a piece worth a thread: 25 us

FewPlan few_plan(const ek_conv2d_shape& s, int64_t most_chunks) {
  FewPlan p{};
  p.s = s;
  p.oh = conv2d_oh(s);
  p.ow = conv2d_ow(s);
  p.band = std::clamp<int64_t>(1024 / p.ow, 1, p.oh);
  p.bands = (p.oh + p.band - 1) / p.band;
  p.rows = (p.band - 1) * s.stride_h + (s.kh - 1) * int64_t{s.dilation_h} + 1;
  p.row = ((p.ow - 1) * s.stride_w + (s.kw - 1) * int64_t{s.dilation_w} + 1) * s.c;
  p.taps = int64_t{s.kh} * s.kw * s.c;
  p.run = s.dilation_w == 1 ? s.kw * s.c : s.c;
  p.runs = s.kw * s.c / p.run;
  p.block = s.o <= 8 ? 8 : 16;
  p.blocks = (s.o + p.block - 1) / p.block;
  p.chunks =
      std::clamp<int64_t>(static_cast<int64_t>(conv2d_flops(s) / kChunkFlops), 1, std::min(most_chunks, s.n * p.bands));
  p.chunk_floats = (p.rows * p.row + 15) / 16 * 16;
  return p;
}

// f(index in OIHW, index in (block, tap, lane)) for every weight.
template <class F>
void for_weights(const FewPlan& p, const F& f) {
  const ek_conv2d_shape& s = p.s;
  for (int64_t k = 0; k < p.blocks; ++k)
    for (int64_t tap = 0; tap < p.taps; ++tap) {
      const int64_t ch = tap % s.c, ij = tap / s.c, start = few_start(p, k);
      for (int64_t l = 0; l < std::min<int64_t>(p.block, s.o); ++l)
        f(((start + l) * s.c + ch) * s.kh * s.kw + ij, (k * p.taps + tap) * p.block + l);
    }
}
}  // namespace

// Where oneDNN has AVX-512 it only loses the forward of a single channel. The weight gradient wants full blocks.
bool few_takes(const ek_conv2d_shape& s, bool forward) {
  if (s.groups != 1 || isa() == Isa::scalar) return false;
  if (isa() == Isa::avx512) return forward && s.c == 1;
  return s.c <= 3 && (forward || s.o >= 16);
}

void few_conv2d(const ek_conv2d_shape& s, const float* x, const float* w, const float* b, float* y) {
  const FewPlan p = few_plan(s, 64);
  const int64_t lanes = p.blocks * p.block;
  const Scratch memory(lanes * (p.taps + 1) + p.chunks * p.chunk_floats);
  float *packed = memory, *bias = packed + lanes * p.taps, *inputs = bias + lanes;
  std::fill_n(packed, lanes * (p.taps + 1), 0.0f);
  for_weights(p, [=](int64_t plain, int64_t to) { packed[to] = w[plain]; });
  for (int64_t i = 0; b && i < lanes; ++i)
    if (i % p.block < s.o) bias[i] = b[few_start(p, i / p.block) + i % p.block];
  EK_CALL(few_forward, p, x, packed, bias, y, inputs);
}

void few_conv2d_grad_weight(const ek_conv2d_shape& s, const float* x, const float* gy, float* gw) {
  const FewPlan p = few_plan(s, 16);
  const int64_t weights = p.blocks * p.block * p.taps;
  const Scratch memory(p.chunks * (weights + p.chunk_floats));
  float* part = memory;
  EK_CALL(few_grad_weight, p, x, gy, part, part + p.chunks * weights);
  EK_CALL(add_parts, p.chunks, part, weights, part, weights);
  for_weights(p, [=](int64_t plain, int64_t from) { gw[plain] = part[from]; });
}
}  // namespace ek
#endif
