// Layer norm of each row of x (rows, n): forward beside gradient. The gradients of gamma and beta, sums over the rows,
// are cut by shape: tiles of columns, and where these are few, pieces of the rows that are joined in order.
#include "elementwise.h"
#include "error.h"
#include "isa.h"

namespace ek {
// {sum of gy xhat, sum of gy} of each column over a piece of the rows
struct ColumnSums {
  int64_t piece, pieces;  // rows of a piece, and how many pieces
  double* sums;           // (pieces, 2, n)
};
}  // namespace ek

EK_KERNEL(void, layer_norm,
          (int64_t rows, int64_t n, const float* x, const float* gamma, const float* beta, float eps, float* y,
           float* mean, float* invstd))
EK_KERNEL(void, layer_norm_grad,
          (int64_t rows, int64_t n, const float* x, const float* gy, const float* gamma, const float* mean,
           const float* invstd, float* gx))
EK_KERNEL(void, layer_norm_sums,
          (const ColumnSums& s, int64_t rows, int64_t n, const float* x, const float* gy, const float* mean,
           const float* invstd))

namespace ek::EK_ISA {
// f(row, offset of the row)
template <class F>
EK_INLINE void each_row(int64_t rows, int64_t n, const F& f) {
  parallel(rows, 1 + kGrain / 4 / (n + 1), [=](int64_t begin, int64_t end) EK_FLAT {
    for (int64_t r = begin; r < end; ++r) f(r, r * n);
  });
}

// The corrected two-pass algorithm (Chan, Golub and LeVeque 1983): what rounding left of the mean is the mean of the
// deviations from it, so that neither a large mean nor a small variance cancels.
EK_INLINE void moments(const float* x, int64_t n, double* mean, double* variance) {
  const float near = (float)(sum_here(x, n, [](vf x) { return x; }) / (double)n);
  const double rest = sum_here(x, n, [=](vf x) { return sub(x, set(near)); }) / (double)n;
  const double squares = sum_here(x, n, [=](vf x) {
    const vf d = sub(x, set(near));
    return mul(d, d);
  });
  const double v = squares / (double)n - rest * rest;
  *mean = near + rest;
  *variance = v < 0 ? 0 : v;  // NaN stays
}

void layer_norm(int64_t rows, int64_t n, const float* x, const float* gamma, const float* beta, float eps, float* y,
                float* mean, float* invstd) {
  each_row(rows, n, [=](int64_t r, int64_t at) {
    double m, v;
    moments(x + at, n, &m, &v);
    const float c = mean[r] = (float)m, s = invstd[r] = (float)(1 / ::sqrt(v + eps));
    const auto xhat = [=](vf x) { return mul(sub(x, set(c)), set(s)); };
    if (gamma && beta)
      map_here(
          y + at, n, [=](vf x, vf g, vf b) { return fma(xhat(x), g, b); }, x + at, gamma, beta);
    else if (gamma)
      map_here(
          y + at, n, [=](vf x, vf g) { return mul(xhat(x), g); }, x + at, gamma);
    else if (beta)
      map_here(
          y + at, n, [=](vf x, vf b) { return add(xhat(x), b); }, x + at, beta);
    else
      map_here(y + at, n, xhat, x + at);
  });
}

// gx = invstd (g - mean of g - xhat . mean of g xhat) for g = gy gamma
void layer_norm_grad(int64_t rows, int64_t n, const float* x, const float* gy, const float* gamma, const float* mean,
                     const float* invstd, float* gx) {
  each_row(rows, n, [=](int64_t r, int64_t at) {
    const float c = mean[r], s = invstd[r];
    const auto xhat = [=](vf x) { return mul(sub(x, set(c)), set(s)); };
    float* g = gx + at;
    if (gamma)
      map_here(gy + at, gamma, g, n, [](vf gy, vf gamma) { return mul(gy, gamma); });
    else
      memcpy(g, gy + at, (size_t)n * sizeof(float));
    const float a = (float)(sum_here(g, n, [](vf g) { return g; }) / (double)n);
    const float b = (float)(sum_here(g, x + at, n, [=](vf g, vf x) { return mul(g, xhat(x)); }) / (double)n);
    map_here(g, x + at, g, n, [=](vf g, vf x) { return mul(set(s), fnma(xhat(x), set(b), sub(g, set(a)))); });
  });
}

void layer_norm_sums(const ColumnSums& sums, int64_t rows, int64_t n, const float* x, const float* gy,
                     const float* mean, const float* invstd) {
  enum { kTile = 256, kBlock = 64 };  // columns; rows summed in float
  const int64_t tiles = ceil_div(n, kTile);
  parallel(tiles * sums.pieces, 1, [=, &sums](int64_t begin, int64_t end) EK_FLAT {
    for (int64_t unit = begin; unit < end; ++unit) {
      const int64_t piece = unit / tiles, j = unit % tiles * kTile, width = smaller(kTile, n - j);
      double* products = sums.sums + piece * 2 * n + j;
      for (int64_t i = 0; i < width; ++i) products[i] = products[n + i] = 0;
      const int64_t stop = smaller((piece + 1) * sums.piece, rows);
      for (int64_t r = piece * sums.piece; r < stop;) {
        float product[kTile] = {0}, sum[kTile] = {0};
        for (const int64_t last = smaller(r + kBlock, stop); r < last; ++r) {
          const float c = mean[r], s = invstd[r];
          const float *p = x + r * n + j, *g = gy + r * n + j;
          map_here(sum, g, sum, width, [](vf s, vf g) { return add(s, g); });
          map_here(
              product, width, [=](vf t, vf x, vf g) { return fma(g, mul(sub(x, set(c)), set(s)), t); }, product, p, g);
        }
        for (int64_t i = 0; i < width; ++i) products[i] += product[i], products[n + i] += sum[i];
      }
    }
  });
}
}  // namespace ek::EK_ISA

#ifdef EK_BASE
#include <algorithm>

#include "memory.h"

extern "C" {
int ek_layer_norm(int64_t rows, int64_t n, const float* x, const float* gamma, const float* beta, float eps, float* y,
                  float* mean, float* invstd) {
  return ek::guarded([&] { EK_CALL(layer_norm, rows, n, x, gamma, beta, eps, y, mean, invstd); });
}
int ek_layer_norm_grad(int64_t rows, int64_t n, const float* x, const float* gy, const float* gamma, const float* mean,
                       const float* invstd, float* gx, float* ggamma, float* gbeta) {
  return ek::guarded([&] {
    if (gx) EK_CALL(layer_norm_grad, rows, n, x, gy, gamma, mean, invstd, gx);
    if (!ggamma) return;
    constexpr int64_t kPieces = 16, kPiece = 65536, kWide = 4096;  // at most; floats; columns that need no pieces
    const int64_t most = n >= kWide ? 1 : kPieces;
    const int64_t piece = std::max({(rows + most - 1) / most, kPiece / (n + 1), int64_t{1}});
    const int64_t pieces = (rows + piece - 1) / piece;
    const ek::Scratch scratch(pieces * 2 * n * 2);
    const ek::ColumnSums s{piece, pieces, reinterpret_cast<double*>(scratch.get())};
    EK_CALL(layer_norm_sums, s, rows, n, x, gy, mean, invstd);
    for (int64_t j = 0; j < n; ++j) {
      double product = 0, sum = 0;
      for (int64_t p = 0; p < pieces; ++p) product += s.sums[p * 2 * n + j], sum += s.sums[p * 2 * n + n + j];
      ggamma[j] = static_cast<float>(product);
      gbeta[j] = static_cast<float>(sum);
    }
  });
}
}
#endif
