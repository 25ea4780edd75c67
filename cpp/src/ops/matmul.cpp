// Matrix products. Small ones go to OpenBLAS on the calling thread (0.2 us against oneDNN's 1.1 us); large ones are
// cut into tiles by shape alone, each a single-threaded oneDNN matmul, so that no result depends on the threads.
#ifdef EK_BASE
#include "matmul.h"

#include <algorithm>

#include "cblas.h"
#include "dnnl_cache.h"
#include "error.h"
#include "threads.h"

namespace ek {
namespace {
constexpr double kBlasFlops = 4e5;    // up to here OpenBLAS's lower overhead wins
constexpr double kTileFlops = 1.5e6;  // a tile worth a thread: 15 us
constexpr int64_t kTiles = 8;         // at most

// C (m x n) = op(A) op(B) + bias; leading dimensions are of the stored, row-major matrices.
struct Product {
  int64_t m, n, k;
  bool ta, tb;
  int64_t lda, ldb, ldc;
  const float *a, *b, *bias;
  float* c;

  double flops() const { return 2.0 * m * n * k; }
  Product rows(int64_t from, int64_t to) const {
    Product p = *this;
    p.m = to - from;
    p.a += from * (ta ? 1 : lda);
    p.c += from * ldc;
    return p;
  }
  Product columns(int64_t from, int64_t to) const {
    Product p = *this;
    p.n = to - from;
    p.b += from * (tb ? ldb : 1);
    p.c += from;
    if (bias) p.bias += from;
    return p;
  }
};

void blas(const Product& p) {
  for (int64_t i = 0; p.bias && i < p.m; ++i) std::copy_n(p.bias, p.n, p.c + i * p.ldc);
  const auto side = [](bool t) { return t ? CblasTrans : CblasNoTrans; };
  const auto i = [](int64_t v) { return static_cast<blasint>(v); };
  const float beta = p.bias ? 1 : 0;
  if (p.m == 1) {  // c = op(B)^T a
    cblas_sgemv(CblasRowMajor, side(!p.tb), i(p.tb ? p.n : p.k), i(p.tb ? p.k : p.n), 1, p.b, i(p.ldb), p.a,
                i(p.ta ? p.lda : 1), beta, p.c, 1);
  } else if (p.n == 1) {  // c = op(A) b
    cblas_sgemv(CblasRowMajor, side(p.ta), i(p.ta ? p.k : p.m), i(p.ta ? p.m : p.k), 1, p.a, i(p.lda), p.b,
                i(p.tb ? 1 : p.ldb), beta, p.c, i(p.ldc));
  } else {
    cblas_sgemm(CblasRowMajor, side(p.ta), side(p.tb), i(p.m), i(p.n), i(p.k), 1, p.a, i(p.lda), p.b, i(p.ldb), beta,
                p.c, i(p.ldc));
  }
}

DnnlOpPtr make(const Product& p) {
  using dnnl::memory;
  const auto f32 = memory::data_type::f32;
  const auto side = [](bool t, int64_t ld) { return t ? memory::dims{1, ld} : memory::dims{ld, 1}; };
  const memory::desc a({p.m, p.k}, f32, side(p.ta, p.lda)), b({p.k, p.n}, f32, side(p.tb, p.ldb));
  const memory::desc c({p.m, p.n}, f32, side(false, p.ldc)), bias({1, p.n}, f32, memory::format_tag::ab);
  const dnnl::matmul::primitive_desc desc(dnnl_engine(), a, b, p.bias ? bias : memory::desc(), c, dnnl_attributes());
  return std::make_shared<DnnlOp>(desc, dnnl::matmul(desc));
}

DnnlOpPtr find(const Product& p) {
  const SingleThread alone;
  return dnnl_cached({DnnlKey::kMatmul, {p.m, p.n, p.k, p.ta, p.tb, p.lda, p.ldb, p.ldc, p.bias != nullptr}},
                     [&] { return make(p); });
}

void run(const Product& p) {
  if (p.flops() < kBlasFlops) return blas(p);
  const DnnlOpPtr op = find(p);
  const SingleThread alone;
  op->run({{DNNL_ARG_SRC, p.a}, {DNNL_ARG_WEIGHTS, p.b}, {DNNL_ARG_BIAS, p.bias}, {DNNL_ARG_DST, p.c}});
}

// Piece `i` of `count` nearly equal ones of 0..n begins here.
int64_t cut(int64_t n, int64_t count, int64_t i) { return n * i / count; }

// The batch of products of p, of which a and b step on and c follows densely.
void run_batch(int64_t batch, const Product& p, int64_t a_step, int64_t b_step) {
  if (batch <= 0 || p.m <= 0 || p.n <= 0) return;
  if (p.k <= 0) {
    for (int64_t i = 0; i < batch * p.m; ++i)
      for (int64_t j = 0; j < p.n; ++j) p.c[i * p.ldc + j] = p.bias ? p.bias[j] : 0;
    return;
  }
  const int64_t tiles = even_pieces(std::min<double>(kTiles, batch * p.flops() / kTileFlops));
  const int64_t groups = std::min(tiles, batch), wanted = std::max<int64_t>(1, tiles / batch);
  // oneDNN copies B, and a transposed A, for each tile anew: tiles of 200 rows or columns hide that. A plain A is
  // only read again.
  const int64_t row_tiles = std::min(wanted, even_pieces(p.m / 192));
  const int64_t column_tiles = std::min(wanted, even_pieces(p.n / (p.ta ? 192 : 64)));
  const bool by_rows = row_tiles > column_tiles;
  const int64_t per_matrix = by_rows ? row_tiles : column_tiles;
  parallel(groups * per_matrix, 1, [&](int64_t tile, int64_t) {
    const int64_t group = tile / per_matrix, piece = tile % per_matrix;
    for (int64_t i = cut(batch, groups, group); i < cut(batch, groups, group + 1); ++i) {
      Product q = p;
      q.a += i * a_step;
      q.b += i * b_step;
      q.c += i * p.m * p.n;
      const int64_t n = by_rows ? p.m : p.n, from = cut(n, per_matrix, piece), to = cut(n, per_matrix, piece + 1);
      run(by_rows ? q.rows(from, to) : q.columns(from, to));
    }
  });
}
}  // namespace

void matmul(int64_t m, int64_t n, int64_t k, bool ta, bool tb, const float* a, const float* b, float* c) {
  run_batch(1, {m, n, k, ta, tb, ta ? m : k, tb ? k : n, n, a, b, nullptr, c}, 0, 0);
}

void linear(int64_t m, int64_t n, int64_t k, const float* x, const float* w, const float* b, float* y) {
  run_batch(1, {m, n, k, false, true, k, k, n, x, w, b, y}, 0, 0);
}

static int counted(const char* op, int64_t batch, const Product& p, int64_t a_step, int64_t b_step) {
  const int32_t extents[] = {static_cast<int32_t>(batch), static_cast<int32_t>(p.m), static_cast<int32_t>(p.k),
                             static_cast<int32_t>(p.n)};
  return guarded([&] { run_batch(batch, p, a_step, b_step); }, {op, extents, 4, batch * p.flops()});
}
}  // namespace ek

extern "C" {
int ek_matmul(int64_t batch, int64_t m, int64_t n, int64_t k, int ta, int tb, const float* a, int64_t a_step,
              const float* b, int64_t b_step, float* c) {
  return ek::counted("matmul", batch, {m, n, k, ta != 0, tb != 0, ta ? m : k, tb ? k : n, n, a, b, nullptr, c}, a_step,
                     b_step);
}

int ek_linear(int64_t m, int64_t n, int64_t k, const float* x, const float* w, const float* b, float* y) {
  return ek::counted("linear", 1, {m, n, k, false, true, k, k, n, x, w, b, y}, 0, 0);
}
}
#endif
