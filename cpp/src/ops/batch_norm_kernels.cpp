// Sums and maps of batch norm over lines of columns.
#include "activation.h"
#include "batch_norm.h"
#include "elementwise.h"

namespace ek::EK_ISA {
enum { TILE = 4 * VF };                 // columns whose sums are held in registers
enum { MAPPED = VF == 8 ? 64 : TILE };  // columns mapped at once: rows of memory are read as a whole
constexpr int64_t kLines = 4;           // done at a time where a line is wider: memory is read from end to end

// s += sum (x - first), q += sum (x - first)^2 over some lines of a tile
EK_INLINE void moments(const float* x, const float* first, int64_t lines, int64_t width, float* s, float* q) {
  vf shift[4], sum[4], square[4];
#pragma GCC unroll 4
  for (int v = 0; v < 4; ++v) shift[v] = load(first + v * VF), sum[v] = load(s + v * VF), square[v] = load(q + v * VF);
  for (int64_t l = 0; l < lines; ++l)
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) {
      const vf d = sub(load(x + l * width + v * VF), shift[v]);
      sum[v] = add(sum[v], d);
      square[v] = fma(d, d, square[v]);
    }
#pragma GCC unroll 4
  for (int v = 0; v < 4; ++v) store(s + v * VF, sum[v]), store(q + v * VF, square[v]);
}

// What is behind the normalization.
enum Cut { NONE, RELU, BOTH };  // min(max(z, 0), ceiling)
EK_INLINE Cut cut_of(const Affine& p) { return p.ceiling == INFINITY ? RELU : p.ceiling > 0 ? BOTH : NONE; }

template <Cut CUT>
struct Constant {
  static constexpr Cut value = CUT;
};

// f(Constant)
template <class F>
EK_INLINE void with_cut(const Affine& p, const F& f) {
  switch (cut_of(p)) {
    case NONE:
      return f(Constant<NONE>());
    case RELU:
      return f(Constant<RELU>());
    case BOTH:
      return f(Constant<BOTH>());
  }
}

// gy where that let d = x - mean pass; NaN passes.
template <Cut CUT>
EK_INLINE vf passed(vf gy, vf d, vf a, vf b, float ceiling) {
  if (CUT == NONE) return gy;
  const vf z = fma(d, a, b);
  return CUT == RELU ? relu_back(z, gy) : rectified_back(z, gy, ceiling);
}

// s += sum g, q += sum g (x - mean) over some lines of a tile, which begins at a column
template <Cut CUT>
EK_INLINE void products(const float* x, const float* gy, const Affine& p, int64_t column, int64_t lines, int64_t width,
                        float* s, float* q) {
  vf m[4], a[4], b[4], sum[4], product[4];
#pragma GCC unroll 4
  for (int v = 0; v < 4; ++v) {
    const int64_t at = column + v * VF;
    m[v] = load(p.mean + at), a[v] = load(p.a + at), b[v] = load(p.b + at);
    sum[v] = load(s + v * VF), product[v] = load(q + v * VF);
  }
  for (int64_t l = 0; l < lines; ++l)
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) {
      const vf d = sub(load(x + l * width + v * VF), m[v]);
      const vf g = passed<CUT>(load(gy + l * width + v * VF), d, a[v], b[v], p.ceiling);
      sum[v] = add(sum[v], g);
      product[v] = fma(g, d, product[v]);
    }
#pragma GCC unroll 4
  for (int v = 0; v < 4; ++v) store(s + v * VF, sum[v]), store(q + v * VF, product[v]);
}

// For every block of a chunk: sums(line, lines, block, column, s, q) adds up floats for the tiles of all columns, a few
// lines at a time, so that memory is read from end to end; join(block, lines, done, part, s, q) adds them to the
// chunk's part, zero at the beginning, `done` being its lines before the block.
template <class Sums, class Join>
EK_INLINE void for_blocks(const Folded& f, double* part, const Sums& sums, const Join& join) {
  parallel(f.chunks, 1, [=, &f](int64_t chunk, int64_t) EK_FLAT {
    double* p = part + chunk * f.part();
    float *s = reinterpret_cast<float*>(p + 2 * f.width), *q = s + f.width;
    memset(p, 0, 2 * f.width * sizeof(double));
    const int64_t begin = chunk * f.chunk, end = smaller(begin + f.chunk, f.lines);
    for (int64_t block = begin; block < end; block += f.block) {
      const int64_t stop = smaller(block + f.block, end), step = f.width == TILE ? f.block : kLines;
      memset(s, 0, 2 * f.width * sizeof(float));
      for (int64_t line = block; line < stop; line += step)
        for (int64_t j = 0; j < f.width; j += TILE) sums(line, smaller(step, stop - line), block, j, s + j, q + j);
      join(block, stop - block, block - begin, p, s, q);
    }
  });
}

void batch_moments(const Folded& f, const float* x, double* part) {
  const int64_t width = f.width;
  for_blocks(
      f, part,
      [=](int64_t line, int64_t lines, int64_t block, int64_t j, float* s, float* q) {
        moments(x + line * width + j, x + block * width + j, lines, width, s, q);
      },
      [=](int64_t block, int64_t lines, int64_t done, double* mean, const float* s, const float* q) {
        const float* first = x + block * width;
        double* m2 = mean + width;
        const double inverse = 1.0 / lines, weight = double(lines) / (done + lines);
        for (int64_t j = 0; j < width; ++j) {  // Chan, Golub and LeVeque: joins the moments of two samples
          const double ratio = s[j] * inverse, delta = first[j] + ratio - mean[j];
          mean[j] += delta * weight;
          m2[j] += q[j] - s[j] * ratio + delta * delta * done * weight;
        }
      });
}

template <Cut CUT>
static void batch_products(const Folded& f, const Affine& p, const float* x, const float* gy, double* part) {
  const int64_t width = f.width;
  for_blocks(
      f, part,
      [=, &p](int64_t line, int64_t lines, int64_t, int64_t j, float* s, float* q) {
        const int64_t at = line * width + j;
        products<CUT>(x + at, gy + at, p, j, lines, width, s, q);
      },
      [=](int64_t, int64_t, int64_t, double* sum, const float* s, const float* q) {
        for (int64_t j = 0; j < width; ++j) sum[j] += s[j], sum[width + j] += q[j];
      });
}

void batch_products(const Folded& f, const Affine& p, const float* x, const float* gy, double* part) {
  with_cut(p, [&](auto cut) { batch_products<decltype(cut)::value>(f, p, x, gy, part); });
}

// out = f(coefficients, x...) for all elements: coefficients repeat on every line, and those of some columns stay at
// hand for some lines.
template <bool STREAM, int N, class F, class... X>
EK_INLINE void map_tile(int64_t lines, int64_t width, const F& f, const float* const (&coefficients)[N], int64_t column,
                        float* out, const X*... x) {
  enum { V = MAPPED / VF };
  vf k[V][N];
#pragma GCC unroll 8
  for (int v = 0; v < V; ++v)
#pragma GCC unroll 5
    for (int i = 0; i < N; ++i) k[v][i] = load(coefficients[i] + column + v * VF);
  for (int64_t l = 0, at = column; l < lines; ++l, at += width)
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) {
      const vf y = f(k[v], load(x + at + v * VF)...);
      STREAM ? stream(out + at + v * VF, y) : store(out + at + v * VF, y);
    }
}

template <bool STREAM, int N, class F, class... X>
static void map_lines(const Folded& f, const F& function, const float* const (&coefficients)[N], float* out,
                      const X*... x) {
  parallel(f.chunks, 1, [=, &f, &coefficients](int64_t chunk, int64_t) EK_FLAT {
    const int64_t begin = chunk * f.chunk, end = smaller(begin + f.chunk, f.lines);
    const int64_t step = f.width == MAPPED ? f.chunk : kLines;
    for (int64_t line = begin; line < end; line += step) {
      const int64_t at = line * f.width, lines = smaller(step, end - line);
      for (int64_t j = 0; j < f.width; j += MAPPED)
        map_tile<STREAM>(lines, f.width, function, coefficients, j, out + at, x + at...);
    }
    if (STREAM) end_stream();
  });
  const int64_t done = f.lines * f.width, left = f.rows * f.c - done;
  for (int64_t j = 0; j < left; j += VF) {
    const int64_t lanes = smaller(left - j, VF), at = done + j;
    vf k[N];
    for (int i = 0; i < N; ++i) k[i] = load(coefficients[i] + j);
    lanes == VF ? store(out + at, function(k, load(x + at)...))
                : store_part(out + at, function(k, load_part(x + at, lanes)...), lanes);
  }
}

template <int N, class F, class... X>
static void map_lines(const Folded& f, const F& function, const float* const (&coefficients)[N], float* out,
                      const X*... x) {
  const bool aligned = reinterpret_cast<uintptr_t>(out) % sizeof(vf) == 0;
  aligned&& f.stream ? map_lines<true>(f, function, coefficients, out, x...)
                     : map_lines<false>(f, function, coefficients, out, x...);
}

template <Cut CUT>
static void scale(const Folded& f, const Affine& p, const float* x, const float* residual, float* y) {
  const auto z = [](const vf* k, vf u) EK_FLAT { return fma(sub(u, k[0]), k[1], k[2]); };
  const auto cut = [ceiling = p.ceiling](vf z) EK_FLAT {
    return CUT == NONE ? z : CUT == RELU ? max(zero(), z) : rectified(z, ceiling);
  };
  const float* const of_columns[] = {p.mean, p.a, p.b};
  if (residual)
    map_lines(
        f, [=](const vf* k, vf u, vf r) EK_FLAT { return cut(add(z(k, u), r)); }, of_columns, y, x, residual);
  else
    map_lines(
        f, [=](const vf* k, vf u) EK_FLAT { return cut(z(k, u)); }, of_columns, y, x);
}

void batch_scale(const Folded& f, const Affine& p, const float* x, const float* residual, float* y) {
  with_cut(p, [&](auto cut) { scale<decltype(cut)::value>(f, p, x, residual, y); });
}

template <Cut CUT>
static void scale_grad(const Folded& f, const Affine& p, const float* x, const float* gy, const float* b,
                       const float* d, float* gx) {
  const float ceiling = p.ceiling;
  map_lines(
      f,
      [=](const vf* k, vf u, vf g) {
        const vf e = sub(u, k[0]);
        return fma(passed<CUT>(g, e, k[1], k[4], ceiling), k[1], fma(e, k[2], k[3]));
      },
      {p.mean, p.a, b, d, p.b}, gx, x, gy);
}

void batch_scale_grad(const Folded& f, const Affine& p, const float* x, const float* gy, const float* b, const float* d,
                      float* gx) {
  with_cut(p, [&](auto cut) { scale_grad<decltype(cut)::value>(f, p, x, gy, b, d, gx); });
}
}  // namespace ek::EK_ISA
