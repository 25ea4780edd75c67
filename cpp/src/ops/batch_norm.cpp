// Batch norm of rows of c channels, with a ReLU behind it or not: forward beside gradient. The gradient computes again
// where the ReLU let pass, which costs no memory.
//
// Rows are folded so that vectors are full whatever c is: `fold` consecutive rows make one line, and column j of a
// line belongs to channel j % c. Statistics of each column are floats within blocks of lines, shifted by the
// block's first line so that a large mean cancels nothing, and doubles beyond; rows left over by the folding are
// added in double.
#include "elementwise.h"
#include "error.h"
#include "isa.h"

namespace ek {
struct Folded {
  int64_t rows, c;
  int64_t width;                              // columns of a line, a multiple of four vectors
  int64_t lines;                              // full ones
  int64_t block;                              // lines summed in float
  int64_t chunk, chunks;                      // lines of a thread's piece, and how many pieces
  bool stream;                                // writes past the caches, which do not hold what is read and written
  int64_t part() const { return 3 * width; }  // doubles of a chunk's sums: two for each column, and as much of floats
};

// z = (x - mean) a + b, and y = relu ? max(z, 0) : z; coefficients of the columns of a line.
struct Affine {
  const float *mean, *a, *b;
  bool relu;
};
}  // namespace ek

// part[chunk] = {mean of x, sum (x - mean)^2} for each column; f.part() doubles of room for each
EK_KERNEL(void, batch_moments, (const Folded& f, const float* x, double* part))
// part[chunk] = {sum g, sum g (x - mean)} for each column, g being gy where the ReLU let pass
EK_KERNEL(void, batch_products, (const Folded& f, const Affine& p, const float* x, const float* gy, double* part))
// y of x
EK_KERNEL(void, batch_scale, (const Folded& f, const Affine& p, const float* x, float* y))
// gx = g a + (x - mean) b + d
EK_KERNEL(void, batch_scale_grad,
          (const Folded& f, const Affine& p, const float* x, const float* gy, const float* b, const float* d,
           float* gx))

namespace ek::EK_ISA {
enum { TILE = 4 * VF };                 // columns whose sums are held in registers
enum { MAPPED = VF == 8 ? 64 : TILE };  // columns mapped at once: rows of memory are read as a whole

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

// gy where the ReLU let d = x - mean pass; NaN passes.
template <bool RELU>
EK_INLINE vf passed(vf gy, vf d, vf a, vf b) {
  return RELU ? select(le(fma(d, a, b), zero()), zero(), gy) : gy;
}

// s += sum g, q += sum g (x - mean) over some lines of a tile, which begins at a column
template <bool RELU>
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
      const vf g = passed<RELU>(load(gy + l * width + v * VF), d, a[v], b[v]);
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
      const int64_t stop = smaller(block + f.block, end), step = f.width == TILE ? f.block : 4;
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

template <bool RELU>
static void batch_products(const Folded& f, const Affine& p, const float* x, const float* gy, double* part) {
  const int64_t width = f.width;
  for_blocks(
      f, part,
      [=, &p](int64_t line, int64_t lines, int64_t, int64_t j, float* s, float* q) {
        const int64_t at = line * width + j;
        products<RELU>(x + at, gy + at, p, j, lines, width, s, q);
      },
      [=](int64_t, int64_t, int64_t, double* sum, const float* s, const float* q) {
        for (int64_t j = 0; j < width; ++j) sum[j] += s[j], sum[width + j] += q[j];
      });
}

void batch_products(const Folded& f, const Affine& p, const float* x, const float* gy, double* part) {
  p.relu ? batch_products<true>(f, p, x, gy, part) : batch_products<false>(f, p, x, gy, part);
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
    const int64_t step = f.width == MAPPED ? f.chunk : 4;  // lines: memory is read from end to end
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
  f.stream&& reinterpret_cast<uintptr_t>(out) % sizeof(vf) == 0
      ? map_lines<true>(f, function, coefficients, out, x...)
      : map_lines<false>(f, function, coefficients, out, x...);
}

template <bool RELU>
static void scale(const Folded& f, const Affine& p, const float* x, float* y) {
  map_lines(
      f,
      [](const vf* k, vf u) {
        const vf z = fma(sub(u, k[0]), k[1], k[2]);
        return RELU ? max(zero(), z) : z;
      },
      {p.mean, p.a, p.b}, y, x);
}

void batch_scale(const Folded& f, const Affine& p, const float* x, float* y) {
  p.relu ? scale<true>(f, p, x, y) : scale<false>(f, p, x, y);
}

void batch_scale_grad(const Folded& f, const Affine& p, const float* x, const float* gy, const float* b, const float* d,
                      float* gx) {
  if (p.relu)
    map_lines(
        f,
        [](const vf* k, vf u, vf g) {
          const vf e = sub(u, k[0]);
          return fma(passed<true>(g, e, k[1], k[4]), k[1], fma(e, k[2], k[3]));
        },
        {p.mean, p.a, b, d, p.b}, gx, x, gy);
  else
    map_lines(
        f, [](const vf* k, vf u, vf g) { return fma(g, k[1], fma(sub(u, k[0]), k[2], k[3])); }, {p.mean, p.a, b, d}, gx,
        x, gy);
}
}  // namespace ek::EK_ISA

#ifdef EK_BASE
#include <algorithm>
#include <cmath>

#include "memory.h"

namespace ek {
namespace {
// `arrays` of rows x c are read or written in the last pass.
Folded folded(int64_t rows, int64_t c, int64_t arrays) {
  constexpr int64_t kTile = 64, kBlock = 8192, kChunk = 65536, kChunks = 64;  // columns; floats; floats; at most
  int64_t fold = 1;
  while (fold * c % kTile != 0) fold *= 2;
  Folded f{rows, c, fold * c, rows / fold, 0, 0, 0, arrays * rows * c * int64_t{sizeof(float)} > cache_bytes()};
  f.block = std::max<int64_t>(16, kBlock / f.width);
  const int64_t chunk = std::max({kChunk / f.width, (f.lines + kChunks - 1) / kChunks, int64_t{1}});
  f.chunk = (chunk + f.block - 1) / f.block * f.block;
  f.chunks = (f.lines + f.chunk - 1) / f.chunk;
  return f;
}

// Per-channel numbers v(channel), repeated over the columns of a line.
class Columns {
 public:
  template <class V>
  Columns(const Folded& f, const V& v) : p_(f.width) {
    for (int64_t j = 0; j < f.c; ++j) p_[j] = static_cast<float>(v(j));
    for (int64_t j = f.c; j < f.width; ++j) p_[j] = p_[j - f.c];
  }
  operator const float*() const { return p_; }

 private:
  Scratch p_;
};

// The sums of all chunks.
class Parts {
 public:
  explicit Parts(const Folded& f) : p_(2 * std::max<int64_t>(1, f.chunks) * f.part()) {}
  operator double*() const { return reinterpret_cast<double*>(p_.get()); }

 private:
  Scratch p_;
};

// Two doubles for each of n channels.
class Pairs {
 public:
  explicit Pairs(int64_t n) : p_(4 * n), n_(n) {}
  double* first() const { return reinterpret_cast<double*>(p_.get()); }
  double* second() const { return first() + n_; }
  void clear() const { std::fill_n(first(), 2 * n_, 0.0); }

 private:
  Scratch p_;
  int64_t n_;
};

// add(channel, lines, first, second) for the parts of every chunk and column, in order.
template <class F>
void join(const Folded& f, const double* part, const F& add) {
  for (int64_t chunk = 0; chunk < f.chunks; ++chunk, part += f.part())
    for (int64_t j = 0; j < f.width; ++j)
      add(j % f.c, std::min(f.chunk, f.lines - chunk * f.chunk), part[j], part[f.width + j]);
}

// m.first = mean, m.second = sum (x - mean)^2 of every channel.
void moments(const Folded& f, const float* x, const Pairs& m) {
  const Parts parts(f);
  const Pairs count(f.c);
  EK_CALL_ANY(batch_moments, f, x, parts);
  m.clear();
  count.clear();
  const auto add = [&](int64_t ch, double n, double mean, double m2) {
    const double done = count.first()[ch], delta = mean - m.first()[ch], weight = n / (done + n);
    count.first()[ch] = done + n;
    m.first()[ch] += delta * weight;
    m.second()[ch] += m2 + delta * delta * done * weight;
  };
  join(f, parts, add);
  for (int64_t i = f.lines * f.width; i < f.rows * f.c; ++i) add(i % f.c, 1, x[i], 0);
}

float or_one(const float* gamma, int64_t ch) { return gamma ? gamma[ch] : 1; }

// The columns of an Affine.
class Normal {
 public:
  Normal(const Folded& f, const float* gamma, const float* beta, const float* mean, const float* invstd, bool relu)
      : mean_(f, [=](int64_t ch) { return mean[ch]; }),
        a_(f, [=](int64_t ch) { return or_one(gamma, ch) * invstd[ch]; }),
        b_(f, [=](int64_t ch) { return beta ? beta[ch] : 0; }),
        affine_{mean_, a_, b_, relu} {}
  operator const Affine&() const { return affine_; }
  const float* a() const { return a_; }

 private:
  Columns mean_, a_, b_;
  Affine affine_;
};

// s.first = sum g, s.second = sum g (x - mean) of every channel.
void products(const Folded& f, const Affine& p, const float* x, const float* gy, const Pairs& s) {
  const Parts parts(f);
  EK_CALL_ANY(batch_products, f, p, x, gy, parts);
  s.clear();
  const auto add = [&](int64_t ch, double, double sum, double product) {
    s.first()[ch] += sum;
    s.second()[ch] += product;
  };
  join(f, parts, add);
  const int64_t done = f.lines * f.width, left = f.rows * f.c - done;
  const Scratch y(f.width);
  Folded rest = f;
  rest.rows = left / f.c, rest.lines = rest.chunks = 0;
  if (p.relu) EK_CALL_ANY(batch_scale, rest, p, x + done, y);
  for (int64_t i = 0; i < left; ++i) {
    const double g = p.relu && y[i] <= 0 ? 0 : gy[done + i];
    add(i % f.c, 1, g, g * (static_cast<double>(x[done + i]) - p.mean[i]));
  }
}

// Sums of the gradient, and ggamma and gbeta from them where they are wanted.
void grad_parameters(const Folded& f, const Affine& p, const float* x, const float* gy, const float* invstd,
                     const Pairs& s, float* ggamma, float* gbeta) {
  products(f, p, x, gy, s);
  for (int64_t ch = 0; ch < f.c; ++ch) {
    if (ggamma) ggamma[ch] = static_cast<float>(s.second()[ch] * invstd[ch]);
    if (gbeta) gbeta[ch] = static_cast<float>(s.first()[ch]);
  }
}
}  // namespace
}  // namespace ek

extern "C" {
int ek_batch_norm(int64_t rows, int64_t c, const float* x, const float* gamma, const float* beta, float eps, int relu,
                  float* y, float* mean, float* invstd, float* running_mean, float* running_var, float momentum) {
  return ek::guarded([&] {
    const ek::Folded f = ek::folded(rows, c, 2);
    const ek::Pairs m(c);
    ek::moments(f, x, m);
    for (int64_t ch = 0; ch < c; ++ch) {
      const double m2 = std::max(m.second()[ch], 0.0);
      mean[ch] = static_cast<float>(m.first()[ch]);
      invstd[ch] = static_cast<float>(1 / std::sqrt(m2 / rows + eps));
      if (!running_mean) continue;
      running_mean[ch] += momentum * (mean[ch] - running_mean[ch]);
      running_var[ch] += momentum * (static_cast<float>(m2 / (rows - 1)) - running_var[ch]);
    }
    EK_CALL_ANY(batch_scale, f, ek::Normal(f, gamma, beta, mean, invstd, relu), x, y);
  });
}

// gx = gamma invstd (g - mean of g - xhat . mean of g xhat), xhat = (x - mean) invstd, g = gy where the ReLU let pass
int ek_batch_norm_grad(int64_t rows, int64_t c, const float* x, const float* gy, const float* gamma, const float* beta,
                       int relu, const float* mean, const float* invstd, float* gx, float* ggamma, float* gbeta) {
  return ek::guarded([&] {
    const ek::Folded f = ek::folded(rows, c, 3);
    const ek::Normal p(f, gamma, beta, mean, invstd, relu);
    const ek::Pairs s(c);
    ek::grad_parameters(f, p, x, gy, invstd, s, ggamma, gbeta);
    if (!gx) return;
    const auto scale = [=](int64_t ch) { return static_cast<double>(ek::or_one(gamma, ch)) * invstd[ch]; };
    const ek::Columns b(f, [&](int64_t ch) { return -scale(ch) * invstd[ch] * invstd[ch] * s.second()[ch] / rows; });
    const ek::Columns d(f, [&](int64_t ch) { return -scale(ch) * s.first()[ch] / rows; });
    EK_CALL_ANY(batch_scale_grad, f, p, x, gy, b, d, gx);
  });
}

int ek_batch_norm_eval(int64_t rows, int64_t c, const float* x, const float* gamma, const float* beta,
                       const float* mean, const float* var, float eps, int relu, float* y, float* invstd) {
  return ek::guarded([&] {
    for (int64_t ch = 0; ch < c; ++ch)
      invstd[ch] = static_cast<float>(1 / std::sqrt(static_cast<double>(var[ch]) + eps));
    const ek::Folded f = ek::folded(rows, c, 2);
    EK_CALL_ANY(batch_scale, f, ek::Normal(f, gamma, beta, mean, invstd, relu), x, y);
  });
}

// gx = gamma invstd g: the statistics are constants
int ek_batch_norm_eval_grad(int64_t rows, int64_t c, const float* x, const float* gy, const float* gamma,
                            const float* beta, int relu, const float* mean, const float* invstd, float* gx,
                            float* ggamma, float* gbeta) {
  return ek::guarded([&] {
    const ek::Folded f = ek::folded(rows, c, 3);
    const ek::Normal p(f, gamma, beta, mean, invstd, relu);
    if (ggamma || gbeta) ek::grad_parameters(f, p, x, gy, invstd, ek::Pairs(c), ggamma, gbeta);
    if (!gx) return;
    const ek::Columns none(f, [](int64_t) { return 0.0f; });
    if (relu)
      EK_CALL_ANY(batch_scale_grad, f, p, x, gy, none, none, gx);
    else  // a scale alone, for which x need not be read
      EK_CALL_ANY(batch_scale, f, ek::Affine{none, p.a(), none, false}, gy, gx);
  });
}
}
#endif
