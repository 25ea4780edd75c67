// Depthwise 3x3 convolutions. Along a row of outputs the nine weights of each channel stay in registers; or, for their
// gradient, ten sums, each pixel of gy meeting its nine taps of x.
#include "wide/conv2d_depthwise.h"

#include "elementwise.h"
#include "ops/activation.h"

namespace ek::EK_ISA {
enum { SIDE = 3, SUMS = kDepthwiseSums };

// Rows of outputs, one after the other, of a block of channels that begins at `from`.
struct Rows {
  const float* x[SIDE];  // rows of the input, or of zeros, under the one it is at
  int64_t begin, end;    // pixels of a row that have all taps inside
  const float* image;
  int64_t row;  // of the image

  Rows(const DepthwisePlan& p, const float* all, int64_t first) {
    const ek_conv2d_shape& s = p.s;
    const int64_t step = s.stride_w, left = s.pad_left, room = s.w - 1 - 2 * s.dilation_w + left;
    begin = left > 0 ? smaller(ceil_div(left, step), p.ow) : 0;
    end = room < 0 ? begin : larger(begin, smaller(p.ow, room / step + 1));
    image = all + first / p.oh * s.h * s.w * s.c;
    row = first % p.oh;
  }

  // To the next row.
  void next(const DepthwisePlan& p, const float* zeros, int64_t from) {
    const ek_conv2d_shape& s = p.s;
    const int64_t line = int64_t{s.w} * s.c;
    if (row == p.oh) row = 0, image += s.h * line;
    const int64_t top = row++ * s.stride_h - s.pad_top;
    for (int i = 0; i < SIDE; ++i) {
      const int64_t h = top + i * s.dilation_h;
      x[i] = (h >= 0 && h < s.h ? image + h * line : zeros) + from;
    }
  }
};

// f(row, column, x) for the taps that are inside the row: the columns from w0 on, `right` apart.
template <bool INSIDE, class F>
EK_INLINE void for_taps(const Rows& r, int64_t w0, int64_t right, int64_t w, int64_t c, const F& f) {
#pragma GCC unroll 3
  for (int j = 0; j < SIDE; ++j) {
    const int64_t column = w0 + j * right;
    if (!INSIDE && (column < 0 || column >= w)) continue;
#pragma GCC unroll 3
    for (int i = 0; i < SIDE; ++i) f(i, j, r.x[i] + column * c);
  }
}

// a += pixel g at its taps
template <int V, bool INSIDE>
EK_INLINE void pixel(const Rows& r, const float* gy, int64_t w0, int64_t right, int64_t w, int64_t c,
                     vf (&a)[SUMS][V]) {
  vf g[V];
#pragma GCC unroll 2
  for (int v = 0; v < V; ++v) g[v] = load(gy + v * VF), a[0][v] = add(a[0][v], g[v]);
  for_taps<INSIDE>(r, w0, right, w, c, [&](int i, int j, const float* x) EK_FLAT {
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) a[1 + SIDE * i + j][v] = fma(load(x + v * VF), g[v], a[1 + SIDE * i + j][v]);
  });
}

// a += a column of x at the taps FROM..TO-1; g are the pixels of gy that it is the tap 0, 1 and 2 of.
template <int V, int FROM, int TO>
EK_INLINE void column(const Rows& r, int64_t at, const vf (&g)[SIDE][V], vf (&a)[SUMS][V]) {
#pragma GCC unroll 3
  for (int i = 0; i < SIDE; ++i)
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) {
      vf x = load(r.x[i] + at + v * VF);
      asm("" : "+v"(x));  // to stay in a register: loads, not products, would take the time
#pragma GCC unroll 3
      for (int j = FROM; j < TO; ++j) a[1 + SIDE * i + j][v] = fma(x, g[j][v], a[1 + SIDE * i + j][v]);
    }
}

// The pixels begin..end-1, at least two, where stride and dilation are 1: each column of x is loaded once for all its
// taps. That wins where loads take the time, not where memory does.
template <int V>
EK_INLINE void columns(const Rows& r, const float* gy, int64_t left, int64_t c, vf (&a)[SUMS][V]) {
  const int64_t begin = r.begin, end = r.end;
  vf g[SIDE][V];
  const auto shift = [&] EK_FLAT {
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) g[2][v] = g[1][v], g[1][v] = g[0][v];
  };
  const auto read = [&](int64_t i) EK_FLAT {
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) g[0][v] = load(gy + i * c + v * VF), a[0][v] = add(a[0][v], g[0][v]);
  };
  read(begin);
  column<V, 0, 1>(r, (begin - left) * c, g, a);
  shift(), read(begin + 1);
  column<V, 0, 2>(r, (begin + 1 - left) * c, g, a);
  for (int64_t i = begin + 2; i < end; ++i) {
    shift(), read(i);
    column<V, 0, 3>(r, (i - left) * c, g, a);
  }
  shift();
  column<V, 1, 3>(r, (end - left) * c, g, a);
  shift();
  column<V, 2, 3>(r, (end + 1 - left) * c, g, a);
}

// The rows first..last-1 of outputs, for one block of channels that begins at `from`.
template <int V>
static void rows(const DepthwisePlan& p, const float* x, const float* gy, const float* zeros, int64_t first,
                 int64_t last, int64_t from, float* sums) {
  const ek_conv2d_shape& s = p.s;
  const int64_t c = s.c, w = s.w, step = s.stride_w, right = s.dilation_w, left = s.pad_left, line = w * c;
  vf a[SUMS][V];
#pragma GCC unroll 10
  for (int t = 0; t < SUMS; ++t)
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) a[t][v] = load(sums + (t * V + v) * VF);
  Rows r(p, x, first);
  for (int64_t k = first; k < last; ++k) {
    r.next(p, zeros, from);
    const float* g = gy + k * p.ow * c + from;
    for (int64_t i = 0; i < r.begin; ++i) pixel<V, false>(r, g + i * c, i * step - left, right, w, c, a);
    if (!p.far && step == 1 && right == 1 && r.end - r.begin > 1) {
      columns(r, g, left, c, a);
    } else {
      for (int64_t i = r.begin; i < r.end; ++i) {
        const int64_t w0 = i * step - left;
        for (int v = 0; p.far && v < V; ++v) {  // what the next row of outputs is the first to read
          __builtin_prefetch(r.x[2] + s.stride_h * line + (w0 + right) * c + v * VF);
          __builtin_prefetch(g + (p.ow + i) * c + v * VF);
        }
        pixel<V, true>(r, g + i * c, w0, right, w, c, a);
      }
    }
    for (int64_t i = r.end; i < p.ow; ++i) pixel<V, false>(r, g + i * c, i * step - left, right, w, c, a);
  }
#pragma GCC unroll 10
  for (int t = 0; t < SUMS; ++t)
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) store(sums + (t * V + v) * VF, a[t][v]);
}

// One pixel of y
template <int V, bool STREAM, bool INSIDE>
EK_INLINE void output(const Rows& r, int64_t w0, int64_t right, int64_t w, int64_t c, const vf (&u)[SUMS][V],
                      float ceiling, float* y) {
  vf a[V];
#pragma GCC unroll 2
  for (int v = 0; v < V; ++v) a[v] = u[0][v];
  for_taps<INSIDE>(r, w0, right, w, c, [&](int i, int j, const float* x) EK_FLAT {
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) a[v] = fma(load(x + v * VF), u[1 + SIDE * i + j][v], a[v]);
  });
#pragma GCC unroll 2
  for (int v = 0; v < V; ++v) {
    const vf out = activated(a[v], ceiling);
    STREAM ? stream(y + v * VF, out) : store(y + v * VF, out);
  }
}

// The pixels left..right-1 of some rows, of one block of channels.
template <int V, bool STREAM>
static void outputs(const DepthwisePlan& p, Rows r, const float* taps, const float* bias, const float* zeros,
                    int64_t rows, int64_t left, int64_t right, int64_t from, float ceiling, float* y) {
  const ek_conv2d_shape& s = p.s;
  const int64_t c = s.c, w = s.w, step = s.stride_w, apart = s.dilation_w;
  const int64_t begin = smaller(larger(r.begin, left), right), end = smaller(larger(r.end, left), right);
  vf u[SUMS][V];
#pragma GCC unroll 2
  for (int v = 0; v < V; ++v) {
    u[0][v] = load(bias + from + v * VF);
#pragma GCC unroll 9
    for (int t = 1; t < SUMS; ++t) u[t][v] = load(taps + (t - 1) * c + from + v * VF);
  }
  for (float* to = y + from; rows > 0; --rows, to += p.ow * c) {
    r.next(p, zeros, from);
    int64_t i = left, w0 = left * step - s.pad_left;
    for (; i < begin; ++i, w0 += step) output<V, STREAM, false>(r, w0, apart, w, c, u, ceiling, to + i * c);
    for (; i < end; ++i, w0 += step) output<V, STREAM, true>(r, w0, apart, w, c, u, ceiling, to + i * c);
    for (; i < right; ++i, w0 += step) output<V, STREAM, false>(r, w0, apart, w, c, u, ceiling, to + i * c);
  }
}

void depthwise_forward(const DepthwisePlan& p, const float* x, const float* taps, const float* bias, const float* zeros,
                       int64_t first, int64_t last, float ceiling, float* y) {
  enum { PIXELS = 32 };  // for which loading the weights is worth it, and whose lines stay for the next block
  const int64_t strip = ceil_div(PIXELS, p.ow), parts = ceil_div(p.ow, PIXELS);
  const auto some = p.block == VF ? (p.stream ? outputs<1, true> : outputs<1, false>)
                                  : (p.stream ? outputs<2, true> : outputs<2, false>);
  for (int64_t k = first; k < last; k += strip) {
    const Rows r(p, x, k);
    for (int64_t i = 0; i < parts; ++i)
      for (int64_t b = 0; b < p.blocks; ++b)
        some(p, r, taps, bias, zeros, smaller(strip, last - k), cut(p.ow, parts, i), cut(p.ow, parts, i + 1),
             p.start(b), ceiling, y + k * p.ow * p.s.c);
  }
  if (p.stream) end_stream();
}

void depthwise_grad_weight(const DepthwisePlan& p, const float* x, const float* gy, const float* zeros, int64_t first,
                           int64_t last, float* sums) {
  const int64_t strip = ceil_div(32, p.ow);  // rows, for which loading the sums is worth it
  for (int64_t k = first; k < last; k += strip)
    for (int64_t b = 0; b < p.blocks; ++b)
      (p.block == VF ? rows<1> : rows<2>)(p, x, gy, zeros, k, smaller(k + strip, last), p.start(b),
                                          sums + b * SUMS * p.block);
}
}  // namespace ek::EK_ISA
