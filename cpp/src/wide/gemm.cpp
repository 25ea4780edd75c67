// Matrix product: panels of B, some vectors wide, are packed into the first cache and meet the rows of a block of A
// that lies in the second. Each element is summed over k in the same order wherever C is cut.
#include "wide/gemm.h"

#include "wide/micro.h"
#include "wide/panel.h"

namespace ek::EK_ISA {
namespace {
constexpr int64_t kWidth = kVectors * VF;
constexpr int64_t kMostDepth = kVectors == 4 ? 192 : 320;  // of a panel: 48 KB, with AVX2 20
constexpr int64_t kMostRows = 32 * kRows;                  // of a block of A: 288 KB, with AVX2 240

// A block of C and what makes it: rows of A, which are packed kRows by kRows where A is transposed.
struct Block {
  const float* a;
  int64_t row, step, next;  // strides of a, and from kRows rows to the next ones
  int64_t rows, depth;
};

template <int R, int V>
EK_INLINE void last_rows(int64_t rows, const Block& p, const float* a, const float* panel, float* c, int64_t c_row,
                         bool add_to) {
  if (rows == R) {
    micro_rows<R, V>(a, p.row, p.step, panel, p.depth, c, c_row, add_to);
  } else if constexpr (R > 1) {
    last_rows<R - 1, V>(rows, p, a, panel, c, c_row, add_to);
  }
}

template <int V>
EK_INLINE void multiply(const Block& p, const float* panel, float* c, int64_t c_row, bool add_to) {
  constexpr int R = rows_of(V);
  const auto a = [&](int64_t i) { return p.a + i / kRows * p.next + i % kRows * p.row; };
  int64_t i = 0;
  for (; i + R <= p.rows; i += R) micro_rows<R, V>(a(i), p.row, p.step, panel, p.depth, c + i * c_row, c_row, add_to);
  last_rows<R - 1, V>(p.rows - i, p, a(i), panel, c + i * c_row, c_row, add_to);
}

// The first `rows` of kRows neighbours in each of `depth` rows.
EK_INLINE void pack_rows(const float* a, int64_t step, int64_t rows, int64_t depth, float* packed) {
  for (int64_t l = 0; l < depth; ++l) memcpy(packed + l * kRows, a + l * step, sizeof(float) * rows);
}

void pack_a(const float* a, int64_t step, int64_t rows, int64_t depth, float* packed) {
  for (; rows >= kRows; rows -= kRows, a += kRows, packed += kRows * depth) pack_rows(a, step, kRows, depth, packed);
  pack_rows(a, step, rows, depth, packed);
}

void copy(const float* x, int64_t x_row, int64_t rows, int64_t columns, float* y, int64_t y_row) {
  for (int64_t i = 0; i < rows; ++i) memcpy(y + i * y_row, x + i * x_row, sizeof(float) * columns);
}

// Columns of C from j on, as many as a panel holds, of a block that begins at row `top`; `from` is its place in k.
// Returns where the next ones begin. The last ones, where they are no whole vectors, stay in the tile up to the end of
// k.
int64_t columns(const Gemm& p, const Block& block, int64_t top, int64_t from, int64_t j, float* panel, float* tile) {
  const int64_t lanes = panel_width(p.n - j), width = smaller(lanes, p.n - j);
  const bool whole = width == lanes, add_to = from > 0 || p.bias;
  float* c = p.c + top * p.c_row + j;
  pack_b(p.b + from * p.b_row + j * p.b_step, p.b_row, p.b_step, block.depth, width, lanes, panel);
  float* to = whole ? c : tile;
  const int64_t to_row = whole ? p.c_row : kWidth;
  if (from == 0 && p.bias) copy(p.bias + j, 0, block.rows, width, to, to_row);
  for_width(lanes, [&](auto vectors) EK_FLAT { multiply<vectors>(block, panel, to, to_row, add_to); });
  if (!whole && from + block.depth == p.k) copy(tile, kWidth, block.rows, width, c, p.c_row);
  return j + width;
}
}  // namespace

int64_t gemm_scratch() { return (kMostRows + kWidth) * kMostDepth + kMostRows * kWidth; }

void gemm(const Gemm& p, float* scratch) {
  float *panel = scratch, *tile = panel + kWidth * kMostDepth, *packed = tile + kMostRows * kWidth;
  const int64_t bands = ceil_div(p.m, kMostRows), depths = ceil_div(p.k, kMostDepth);
  for (int64_t band = 0; band < bands; ++band) {
    const int64_t top = cut(p.m, bands, band), rows = cut(p.m, bands, band + 1) - top;
    for (int64_t d = 0; d < depths; ++d) {
      const int64_t from = cut(p.k, depths, d), depth = cut(p.k, depths, d + 1) - from;
      const float* a = p.a + top * p.a_row + from * p.a_step;
      Block block{a, p.a_row, p.a_step, kRows * p.a_row, rows, depth};
      if (p.a_step != 1) {
        pack_a(a, p.a_step, rows, depth, packed);
        block = {packed, 1, kRows, kRows * depth, rows, depth};
      }
      for (int64_t j = 0; j < p.n;) j = columns(p, block, top, from, j, panel, tile);
    }
  }
}
}  // namespace ek::EK_ISA
