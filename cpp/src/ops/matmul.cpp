// Matrix products: of own kernels where there are vectors, up to a size from which oneDNN is as fast, of few rows by
// the transposed without limit; of OpenBLAS on the calling thread (0.2 us against oneDNN's 1.1 us) where those do not
// win and few numbers are multiplied, and in the scalar build; the rest are cut into tiles by shape alone, each a
// single-threaded oneDNN matmul, so that no result depends on the threads.
#ifdef EK_BASE
#include "matmul.h"

#include <algorithm>

#include "activation.h"
#include "cblas.h"
#include "dnnl_cache.h"
#include "error.h"
#include "float_mode.h"
#include "memory.h"
#include "reduce.h"
#include "threads.h"
#include "wide/gemm.h"

namespace ek {
namespace {
constexpr int64_t kSmallRows = 16, kSmallProducts = 2048;  // where calling OpenBLAS takes longest
constexpr double kBlasFlops = 4e5;                         // up to here OpenBLAS's lower overhead wins
constexpr double kDotFlops = 1e5;                          // and from here on, for few rows, dot products
constexpr double kTileFlops = 1.5e6;                       // a tile worth a thread: 15 us
constexpr double kTileFloats = 1e5;                        // or so much of B, which a product of few rows waits for
constexpr int64_t kTiles = 8;                              // at most
constexpr int64_t kDeep = 8, kPartDepth = 512;             // times m and n that k is cut, into parts at least so deep
constexpr int64_t kParts = 4;                              // at most
constexpr int64_t kFew = 256;                              // floats of a gradient that need no memory of their own

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
  Product depth(int64_t from, int64_t to) const {
    Product p = *this;
    p.k = to - from;
    p.a += from * (ta ? lda : 1);
    p.b += from * (tb ? 1 : ldb);
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

Gemm gemm_of(const Product& p) {
  return {p.m,    p.n, p.k,  p.a, p.ta ? 1 : p.lda, p.ta ? p.lda : 1, p.b, p.tb ? 1 : p.ldb, p.tb ? p.ldb : 1,
          p.bias, p.c, p.ldc};
}

void run_own(const Product& p) {
  const Gemm g = gemm_of(p);
  // panels of half the width, which leave fewer columns over, where they cost nothing: docs/decisions/0011
  const bool narrow = !p.ta && avx512_in_halves();
  const Scratch scratch(narrow ? avx2::gemm_scratch() : EK_CALL_WIDE(gemm_scratch));
  (narrow ? avx2::gemm : EK_WIDEST(gemm))(g, scratch);
}

// Against OpenBLAS and oneDNN: docs/decisions/0011.
bool own_wins(const Product& p) {
  return isa() != Isa::scalar && p.m >= 6 && p.n >= 8 && p.flops() >= 3e4 && p.flops() <= 1e9;
}

bool small(const Product& p) {
  return isa() != Isa::scalar && p.m <= kSmallRows && p.k * p.n <= kSmallFloats && p.m * p.k * p.n <= kSmallProducts;
}

// Against all of these where B is not in the first caches; where it is, OpenBLAS takes as little as 2/3 of the time.
bool dots_win(const Product& p) {
  return isa() != Isa::scalar && !p.ta && p.tb && p.m <= EK_CALL_WIDE(gemm_dots_most) && p.k >= 64 &&
         p.flops() >= kDotFlops;
}

enum class Way { dots, own, library };

Way way(const Product& p) { return dots_win(p) ? Way::dots : own_wins(p) ? Way::own : Way::library; }

void run(const Product& p, Way way) {
  if (small(p)) return EK_CALL_WIDE(gemm_small, gemm_of(p));
  if (way == Way::dots) return EK_CALL_WIDE(gemm_dots, gemm_of(p));
  if (way == Way::own) return run_own(p);
  if (p.flops() < kBlasFlops) return blas(p);
  const DnnlOpPtr op = find(p);
  const SingleThread alone;
  op->run({{DNNL_ARG_SRC, p.a}, {DNNL_ARG_WEIGHTS, p.b}, {DNNL_ARG_BIAS, p.bias}, {DNNL_ARG_DST, p.c}});
}

// How many pieces of a matrix, by rows or by columns.
struct Cut {
  bool by_rows;
  int64_t pieces;
};

// Sums of the own kernels do not depend on how C is cut, so that pieces follow the threads.
Cut cut_own(const Product& p, int64_t wanted) {
  const bool by_rows = p.m > p.n;
  return {by_rows, std::min(wanted, std::max<int64_t>(1, (by_rows ? p.m : p.n) / 32))};
}

// Parts of k where C has little that could be cut, by shape alone.
int64_t parts_of_depth(const Product& p) {
  return p.k < kDeep * std::max(p.m, p.n) ? 1 : std::clamp<int64_t>(p.k / kPartDepth, 1, kParts);
}

// C as the sum of its parts.
void run_deep(const Product& p, int64_t parts) {
  const int64_t floats = p.m * p.n;
  const Scratch all(parts * floats);
  parallel(parts, 1, [&](int64_t part, int64_t) {
    Product q = p.depth(cut(p.k, parts, part), cut(p.k, parts, part + 1));
    q.c = all + part * floats;
    if (part > 0) q.bias = nullptr;
    run_own(q);
  });
  EK_CALL(sum, 1, parts, floats, all, 1, p.c);
}

// oneDNN copies B, and a transposed A, for each tile anew: tiles of 200 rows or columns hide that. A plain A is only
// read again.
Cut cut_dnnl(const Product& p, int64_t wanted) {
  const int64_t rows = std::min(wanted, even_pieces(p.m / 192));
  const int64_t columns = std::min(wanted, even_pieces(p.n / (p.ta ? 192 : 64)));
  return {rows > columns, std::max(rows, columns)};
}

// The batch of products of p, of which a and b step on and c follows densely.
void run_batch(int64_t batch, const Product& p, int64_t a_step, int64_t b_step) {
  if (batch <= 0 || p.m <= 0 || p.n <= 0) return;
  if (p.k <= 0) {
    for (int64_t i = 0; i < batch * p.m; ++i)
      for (int64_t j = 0; j < p.n; ++j) p.c[i * p.ldc + j] = p.bias ? p.bias[j] : 0;
    return;
  }
  if (batch == 1 && small(p)) return run(p, Way::library);
  const Way chosen = way(p);
  const bool own = chosen != Way::library;
  const int64_t parts = chosen == Way::own && batch == 1 ? parts_of_depth(p) : 1;
  if (parts > 1) return run_deep(p, parts);
  const double waiting = chosen == Way::own ? 0 : 1.0 * batch * p.n * p.k / kTileFloats;
  const double worth = std::max(batch * p.flops() / kTileFlops, waiting);
  const int64_t wanted = own ? std::clamp<int64_t>(static_cast<int64_t>(worth), 1, threads())
                             : even_pieces(std::min<double>(kTiles, worth));
  const int64_t groups = std::min(wanted, batch), each = std::max<int64_t>(1, wanted / batch);
  const Cut c = own ? cut_own(p, each) : cut_dnnl(p, each);
  parallel(groups * c.pieces, 1, [&](int64_t tile, int64_t) {
    const int64_t group = tile / c.pieces, piece = tile % c.pieces;
    for (int64_t i = cut(batch, groups, group); i < cut(batch, groups, group + 1); ++i) {
      Product q = p;
      q.a += i * a_step;
      q.b += i * b_step;
      q.c += i * p.m * p.n;
      const int64_t n = c.by_rows ? p.m : p.n, from = cut(n, c.pieces, piece), to = cut(n, c.pieces, piece + 1);
      run(c.by_rows ? q.rows(from, to) : q.columns(from, to), chosen);
    }
  });
}

void linear_grad(int64_t m, int64_t n, int64_t k, const float* x, const float* w, const float* gy, float* gx, float* gw,
                 float* gb) {
  if (gx || gw) {
    const FlushDenormals flush;
    if (gx) run_batch(1, {m, k, n, false, false, n, k, k, gy, w, nullptr, gx}, 0, 0);
    if (gw) run_batch(1, {n, k, m, true, false, n, k, k, gy, x, nullptr, gw}, 0, 0);
  }
  if (gb) EK_CALL(sum, 1, m, n, gy, 1, gb);
}
}  // namespace

void matmul(int64_t m, int64_t n, int64_t k, bool ta, bool tb, const float* a, const float* b, float* c) {
  run_batch(1, {m, n, k, ta, tb, ta ? m : k, tb ? k : n, n, a, b, nullptr, c}, 0, 0);
}

void linear(int64_t m, int64_t n, int64_t k, const float* x, const float* w, const float* b, float* y) {
  run_batch(1, {m, n, k, false, true, k, k, n, x, w, b, y}, 0, 0);
}

// A call of f, counted as products of these extents.
template <class F>
static int counted(const char* op, int64_t batch, int64_t m, int64_t k, int64_t n, int64_t products, const F& f) {
  const int32_t extents[] = {static_cast<int32_t>(batch), static_cast<int32_t>(m), static_cast<int32_t>(k),
                             static_cast<int32_t>(n)};
  return guarded(f, {op, extents, 4, 2.0 * batch * m * k * n * products});
}
}  // namespace ek

extern "C" {
int ek_matmul(int64_t batch, int64_t m, int64_t n, int64_t k, int ta, int tb, const float* a, int64_t a_step,
              const float* b, int64_t b_step, float* c) {
  return ek::counted("matmul", batch, m, k, n, 1, [&] {
    const ek::FlushDenormals flush;
    ek::run_batch(batch, {m, n, k, ta != 0, tb != 0, ta ? m : k, tb ? k : n, n, a, b, nullptr, c}, a_step, b_step);
  });
}

int ek_linear(int64_t m, int64_t n, int64_t k, const float* x, const float* w, const float* b, int activation,
              float* y) {
  return ek::counted("linear", 1, m, k, n, 1, [&] {
    {
      const ek::FlushDenormals flush;
      ek::linear(m, n, k, x, w, b, y);
    }
    ek::activate(activation, y, m * n);
  });
}

int ek_linear_grad(int64_t m, int64_t n, int64_t k, const float* x, const float* w, const float* y, const float* gy,
                   int activation, float* gx, float* gw, float* gb) {
  return ek::counted("linear_grad", 1, m, k, n, (gx != nullptr) + (gw != nullptr), [&] {
    if (activation == EK_IDENTITY) return ek::linear_grad(m, n, k, x, w, gy, gx, gw, gb);
    float few[ek::kFew];
    const ek::Scratch many(m * n > ek::kFew ? m * n : 0);
    float* g = many ? many.get() : few;
    ek::activate_grad(activation, y, gy, g, m * n);
    ek::linear_grad(m, n, k, x, w, g, gx, gw, gb);
  });
}
}
#endif
