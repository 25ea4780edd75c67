// Batch norm of rows of c channels, with a ReLU behind it or not: forward beside gradient. The gradient computes again
// where the ReLU let pass, which costs no memory.
#ifdef EK_BASE
#include "batch_norm.h"

#include <algorithm>
#include <cmath>

#include "activation.h"
#include "error.h"
#include "memory.h"

namespace ek {
namespace {
// `arrays` of rows x c are read or written in the last pass.
Folded folded(int64_t rows, int64_t c, int64_t arrays) {
  constexpr int64_t kTile = 64, kBlock = 8192, kChunk = 65536, kChunks = 64;  // columns; floats; floats; at most
  int64_t fold = 1;
  while (fold * c % kTile != 0) fold *= 2;
  Folded f{rows, c, fold * c, rows / fold, 0, 0, 0, arrays * rows * c * int64_t{sizeof(float)} > kept_bytes()};
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
  for (int64_t chunk = 0; chunk < f.chunks; ++chunk, part += f.part()) {
    const double lines = static_cast<double>(std::min(f.chunk, f.lines - chunk * f.chunk));
    for (int64_t column = 0; column < f.width; column += f.c)
      for (int64_t ch = 0; ch < f.c; ++ch) add(ch, lines, part[column + ch], part[f.width + column + ch]);
  }
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
  Normal(const Folded& f, const float* gamma, const float* beta, const float* mean, const float* invstd, float ceiling)
      : mean_(f, [=](int64_t ch) { return mean[ch]; }),
        a_(f, [=](int64_t ch) { return or_one(gamma, ch) * invstd[ch]; }),
        b_(f, [=](int64_t ch) { return beta ? beta[ch] : 0; }),
        affine_{mean_, a_, b_, ceiling} {}
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
  if (p.ceiling > 0) EK_CALL_ANY(batch_scale, rest, p, x + done, nullptr, y);
  for (int64_t i = 0; i < left; ++i) {
    const bool cut = p.ceiling > 0 && (y[i] <= 0 || (y[i] == p.ceiling && p.ceiling < INFINITY));
    const double g = cut ? 0 : gy[done + i];
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
int ek_batch_norm(int64_t rows, int64_t c, const float* x, const float* gamma, const float* beta, float eps,
                  int activation, const float* residual, float* y, float* mean, float* invstd, float* running_mean,
                  float* running_var, float momentum) {
  return ek::guarded([&] {
    const float ceiling = ek::ceiling_of(activation);
    const ek::Folded f = ek::folded(rows, c, residual ? 3 : 2);
    const ek::Pairs m(c);
    ek::moments(f, x, m);
    const auto m2 = [&](int64_t ch) { return std::max(m.second()[ch], 0.0); };
    for (int64_t ch = 0; ch < c; ++ch) {
      mean[ch] = static_cast<float>(m.first()[ch]);
      invstd[ch] = static_cast<float>(1 / std::sqrt(m2(ch) / rows + eps));
    }
    const ek::Normal p(f, gamma, beta, mean, invstd, ceiling);  // the last that may find no memory
    for (int64_t ch = 0; ch < c && running_mean; ++ch) {
      running_mean[ch] += momentum * (mean[ch] - running_mean[ch]);
      running_var[ch] += momentum * (static_cast<float>(m2(ch) / (rows - 1)) - running_var[ch]);
    }
    EK_CALL_ANY(batch_scale, f, p, x, residual, y);
  });
}

// gx = gamma invstd (g - mean of g - xhat . mean of g xhat), xhat = (x - mean) invstd, g = gy where the ReLU let pass
int ek_batch_norm_grad(int64_t rows, int64_t c, const float* x, const float* gy, const float* gamma, const float* beta,
                       int activation, const float* mean, const float* invstd, float* gx, float* ggamma, float* gbeta) {
  return ek::guarded([&] {
    const float ceiling = ek::ceiling_of(activation);
    const ek::Folded f = ek::folded(rows, c, 3);
    const ek::Normal p(f, gamma, beta, mean, invstd, ceiling);
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
                       const float* mean, const float* var, float eps, int activation, float* y, float* invstd) {
  return ek::guarded([&] {
    const float ceiling = ek::ceiling_of(activation);
    for (int64_t ch = 0; ch < c; ++ch)
      invstd[ch] = static_cast<float>(1 / std::sqrt(static_cast<double>(var[ch]) + eps));
    const ek::Folded f = ek::folded(rows, c, 2);
    EK_CALL_ANY(batch_scale, f, ek::Normal(f, gamma, beta, mean, invstd, ceiling), x, nullptr, y);
  });
}

// gx = gamma invstd g: the statistics are constants
int ek_batch_norm_eval_grad(int64_t rows, int64_t c, const float* x, const float* gy, const float* gamma,
                            const float* beta, int activation, const float* mean, const float* invstd, float* gx,
                            float* ggamma, float* gbeta) {
  return ek::guarded([&] {
    const float ceiling = ek::ceiling_of(activation);
    const ek::Folded f = ek::folded(rows, c, 3);
    const ek::Normal p(f, gamma, beta, mean, invstd, ceiling);
    if (ggamma || gbeta) ek::grad_parameters(f, p, x, gy, invstd, ek::Pairs(c), ggamma, gbeta);
    if (!gx) return;
    const ek::Columns none(f, [](int64_t) { return 0.0f; });
    if (ceiling > 0)
      EK_CALL_ANY(batch_scale_grad, f, p, x, gy, none, none, gx);
    else  // a scale alone, for which x need not be read
      EK_CALL_ANY(batch_scale, f, ek::Affine{none, p.a(), none, 0}, gy, nullptr, gx);
  });
}
}
#endif
