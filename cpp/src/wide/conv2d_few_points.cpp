// Convolution of few input channels by Winograd along rows: F(m, kw) at eight points, m = 9 - kw. A tile is two rows of
// m outputs. Its sums over kernel rows and channels are of products at the points, 8 for the m kw of the direct way.
// With 2 x 2 max pooling behind it, the outputs of a window meet in registers.
#include "ops/activation.h"
#include "ops/pool2d.h"
#include "wide/conv2d_few_units.h"
#include "wide/micro.h"

namespace ek::EK_ISA {
namespace {
// Products of two rows of outputs at P of the points: sums over channels and kernel rows. A row of V is used twice.
template <int P>
EK_INLINE void products(const FewPlan& p, const float* v, int64_t v_row, const float* u, vf* upper, vf* lower) {
  const int64_t c = p.s.c;
  vf a[P], b[P];
#pragma GCC unroll 8
  for (int n = 0; n < P; ++n) a[n] = b[n] = zero();
  for (int64_t ch = 0; ch < c; ++ch, ++v) {
    vf above[P];
#pragma GCC unroll 8
    for (int n = 0; n < P; ++n) above[n] = broadcast(v + n * c);
    const float* q = v + v_row;
    for (int i = 0; i < p.s.kh; ++i, q += v_row, u += kRowPoints * VF) {
#pragma GCC unroll 8
      for (int n = 0; n < P; ++n) {
        vf w = load(u + n * VF);
        asm("" : "+v"(w));  // else it is loaded for each of its products
        const vf below = broadcast(q + n * c);
        a[n] = fma(above[n], w, a[n]);
        b[n] = fma(below, w, b[n]);
        above[n] = below;
      }
    }
  }
#pragma GCC unroll 8
  for (int n = 0; n < P; ++n) upper[n] = a[n], lower[n] = b[n];
}

// Two rows of M outputs, without their bias.
template <int M>
EK_INLINE void two_rows(const FewPlan& p, const float* v, int64_t v_row, const float* u, vf (&above)[M],
                        vf (&below)[M]) {
  enum { kAtOnce = kRows == 12 ? 8 : 4 };  // points whose sums fit into registers
  vf upper[kRowPoints], lower[kRowPoints];
  for (int n = 0; n < kRowPoints; n += kAtOnce)
    products<kAtOnce>(p, v + n * p.s.c, v_row, u + n * VF, upper + n, lower + n);
  row_to_output<M>(upper, above);
  row_to_output<M>(lower, below);
}

// Where a tile goes: y, and below it the second row, or with pooling the positions.
struct Pixels {
  float *y, *below;
};
struct Windows {
  float* y;
  uint8_t* position;
};

template <int M, class Lanes>
EK_INLINE void put_tile(const FewPlan& p, const vf (&above)[M], const vf (&below)[M], vf b, Lanes lanes, Pixels to) {
  const auto put_row = [&](const vf* row, float* y) {
#pragma GCC unroll 6
    for (int k = 0; k < M; ++k) {
      const vf v = add(row[k], b);
      lanes.put(y + k * p.s.o, activated(v, p.ceiling));
    }
  };
  put_row(above, to.y);
  if (to.below) put_row(below, to.below);
}

// An input that is no number is in the first or the last output of its rows, and so are weights.
template <int M, class Lanes>
EK_INLINE void put_tile(const FewPlan& p, const vf (&above)[M], const vf (&below)[M], vf b, Lanes lanes, Windows to) {
  const vf ends = add(add(above[0], above[M - 1]), add(below[0], below[M - 1]));
  const bool numbers = !any(ne(ends, ends));
#pragma GCC unroll 3
  for (int k = 0; k < M; k += 2, to.y += p.s.o, to.position += p.s.o) {
    const vf window[kFewWindow] = {above[k], above[k + 1], below[k], below[k + 1]};
    Best best = numbers ? best_of_numbers(window) : best_of(window);
    best.value = add(best.value, b);
    if (p.ceiling > 0) best = rectified(best, kFewWindow);
    lanes.put(to.y, best.value);
    put(to.position, best.tap, lanes.count());
  }
}

// Two rows of one vector of channels; `at` gives where a tile goes by its first column.
template <int M, class Lanes, class At>
void row_of_tiles(const FewPlan& p, const float* v, const float* u, const float* bias, Lanes lanes, const At& at) {
  const int64_t tiles = few_tiles(p), step = p.s.c * kRowPoints;
  for (int64_t t = 0; t < tiles; ++t) {
    vf above[M], below[M];
    two_rows<M>(p, v + t * step, tiles * step, u, above, below);
    put_tile<M>(p, above, below, load(bias), lanes, at(few_tile(p, t)));
  }
}

// to(row, rows left, channel) gives what gives where a tile goes.
template <int M, class To>
void for_tiles(const FewPlan& p, const float* x, const float* u, const float* b, float* scratch, const To& to) {
  for_units(p, x, scratch, [=, &p](Input in, int64_t first, int64_t rows, int64_t chunk) {
    const int64_t v_row = few_tiles(p) * p.s.c * kRowPoints, u_block = p.s.c * p.s.kh * kRowPoints * VF;
    float* v = scratch + (chunk + 1) * p.chunk_floats - few_points_room(p);
    int64_t made = 0;
    for (int64_t r = 0; r < rows; r += 2) {
      for (; made < smaller(rows, r + 2) + p.s.kh - 1; ++made)
        avx2::few_points_row(p, in.x + made * in.row, v + made * v_row);
      for (int64_t k = 0; k < p.blocks; ++k) {
        const int64_t o = few_start(p, k);
        const float *from = v + r * v_row, *w = u + k * u_block, *bias = b + k * VF;
        const auto at = to(first + r, rows - r, o);
        if (p.s.o >= VF)
          row_of_tiles<M>(p, from, w, bias, Whole{}, at);
        else
          row_of_tiles<M>(p, from, w, bias, Part{p.s.o}, at);
      }
    }
  });
}

template <int M>
void forward(const FewPlan& p, const float* x, const float* u, const float* b, float* y, float* scratch) {
  for_tiles<M>(p, x, u, b, scratch, [=, &p](int64_t row, int64_t left, int64_t o) {
    float* const to = y + row * p.ow * p.s.o + o;
    return [=, &p](int64_t column) {
      float* const at = to + column * p.s.o;
      return Pixels{at, left > 1 ? at + p.ow * p.s.o : nullptr};
    };
  });
}

template <int M>
void max_pool(const FewPlan& p, const float* x, const float* u, const float* b, float* y, uint8_t* position,
              float* scratch) {
  for_tiles<M>(p, x, u, b, scratch, [=, &p](int64_t row, int64_t, int64_t o) {
    const int64_t to = row / 2 * (p.ow / 2) * p.s.o + o;
    return [=, &p](int64_t column) {
      const int64_t at = to + column / 2 * p.s.o;
      return Windows{y + at, position + at};
    };
  });
}
}  // namespace

void few_points(const FewPlan& p, const float* x, const float* u, const float* b, float* y, float* scratch) {
  (p.tile == 6 ? forward<6> : p.tile == 4 ? forward<4> : forward<2>)(p, x, u, b, y, scratch);
}

void few_points_max_pool(const FewPlan& p, const float* x, const float* u, const float* b, float* y, uint8_t* position,
                         float* scratch) {
  (p.tile == 6 ? max_pool<6> : p.tile == 4 ? max_pool<4> : max_pool<2>)(p, x, u, b, y, position, scratch);
}
}  // namespace ek::EK_ISA
