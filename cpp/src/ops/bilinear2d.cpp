// Images in another size, channels-last: each output lies between two rows and two columns. Forward and gradient are
// y = R x C^T and gx = R^T gy C, R and C being sparse matrices: one kernel, which is given them as lists.
#include "error.h"
#include "isa.h"
#include "pool2d.h"

namespace ek {
// weight * x[at]
struct Term {
  int64_t at;
  float weight;
};
// Of output i the terms first[i] <= k < first[i + 1]
struct Sums {
  const int64_t* first;
  const Term* terms;
};
// (n, h, w, c) to (n, oh, ow, c)
struct Resampling {
  int64_t n, h, w, c, oh, ow;
  Sums rows, columns;             // of rows of x and, in one of them, of pixels
  int64_t piece = 0, pieces = 0;  // rows of a thread's piece of y, and how many pieces
  int64_t line = 0;               // floats of scratch of each: a row of x, and a vector beyond
};
}  // namespace ek

EK_KERNEL(void, bilinear2d, (const Resampling& r, const float* x, float* y, float* scratch))

namespace ek::EK_ISA {
// y = the sum of K terms (0: of however many there are), n floats each, n being the whole or a pixel of a row; `room`
// is for_written's.
template <int K>
EK_INLINE void sum_terms(const Term* begin, const Term* end, const float* x, float* y, int64_t n, bool room) {
  vf weight[K + 1];
  const float* p[K + 1];
  for (int t = 0; t < K; ++t) weight[t] = set(begin[t].weight), p[t] = x + begin[t].at;
  for_written(n, room, [=](int64_t i, auto lanes) {
    vf sum = K > 0 ? mul(weight[0], lanes.get(p[0] + i)) : zero();
#pragma GCC unroll 4
    for (int t = 1; t < K; ++t) sum = fma(weight[t], lanes.get(p[t] + i), sum);
    if (K == 0)
      for (const Term* t = begin; t < end; ++t) sum = fma(set(t->weight), lanes.get(x + t->at + i), sum);
    lanes.put(y + i, sum);
  });
}
// Two terms forward, four behind an image twice as wide.
EK_INLINE void mix(const Term* begin, const Term* end, const float* x, float* y, int64_t n, bool room) {
  if (end - begin == 2) return sum_terms<2>(begin, end, x, y, n, room);
  if (end - begin == 4) return sum_terms<4>(begin, end, x, y, n, room);
  sum_terms<0>(begin, end, x, y, n, room);
}

// Rows first, which are long vectors whatever c is.
void bilinear2d(const Resampling& resampling, const float* x, float* y, float* scratch) {
  parallel(resampling.pieces, 1, [=, &resampling](int64_t piece, int64_t) EK_FLAT {
    const Resampling r = resampling;  // which no vector that is stored may change
    const int64_t wide = r.w * r.c, rows = smaller((piece + 1) * r.piece, r.n * r.oh);
    float* line = scratch + piece * r.line;
    memset(line + wide, 0, (size_t)(r.line - wide) * sizeof(float));
    for (int64_t i = piece * r.piece; i < rows; ++i) {
      const int64_t* first = r.rows.first + i % r.oh;
      mix(r.rows.terms + first[0], r.rows.terms + first[1], x + i / r.oh * r.h * wide, line, wide, false);
      const Term* begin = r.columns.terms;
      float* out = y + i * r.ow * r.c;
      for (int64_t j = 0, left = r.ow * r.c; j < r.ow; ++j, left -= r.c, out += r.c) {
        const Term* end = r.columns.terms + r.columns.first[j + 1];
        mix(begin, end, line, out, r.c, left >= VF);
        begin = end;
      }
    }
  });
}
}  // namespace ek::EK_ISA

#ifdef EK_BASE
#include <algorithm>
#include <vector>

#include "index.h"
#include "memory.h"

namespace ek {
namespace {
// A direction, of rows or columns: output i is (1 - t[i]) x[low[i]] + t[i] x[high[i]]; or transposed, the terms of each
// in the order of i. `step` floats lie between two places. Fails if a place is not in 0..in-1.
class Direction {
 public:
  Direction(const char* what, int64_t in, int64_t out, const ek_dim* low, const ek_dim* high, const double* t,
            bool transposed, int64_t step)
      : first_(static_cast<size_t>((transposed ? in : out) + 2)), terms_(static_cast<size_t>(2 * out)) {
    check_range(low, out, in, what, "place");
    check_range(high, out, in, what, "place");
    const auto each = [&](const auto& f) {
      for (int64_t i = 0; i < out; ++i)
        for (const bool far : {false, true}) {
          const int64_t place = far ? high[i] : low[i];
          f(&first_[static_cast<size_t>(transposed ? place : i)], transposed ? i : place, far ? t[i] : 1 - t[i]);
        }
    };
    // Counted two behind, so that filling moves each beginning to its own place.
    each([](int64_t* first, int64_t, double) { ++first[2]; });
    for (size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
    each([&](int64_t* first, int64_t from, double weight) {
      terms_[static_cast<size_t>(first[1]++)] = {from * step, static_cast<float>(weight)};
    });
  }
  Sums sums() const { return {first_.data(), terms_.data()}; }

 private:
  std::vector<int64_t> first_;
  std::vector<Term> terms_;
};

void run(Resampling r, const float* x, float* y) {
  constexpr int64_t kPieces = 64, kPiece = 32768, kVector = 16;  // at most; floats
  const int64_t rows = r.n * r.oh, row = (r.w * (1 + r.h / r.oh) + r.ow) * r.c;
  r.piece = std::max((rows + kPieces - 1) / kPieces, kPiece / (row + 1) + 1);
  r.pieces = (rows + r.piece - 1) / r.piece;
  r.line = (r.w * r.c / kVector + 2) * kVector;
  EK_CALL(bilinear2d, r, x, y, Scratch(r.pieces * r.line));
}
}  // namespace
}  // namespace ek

extern "C" {
int ek_bilinear2d(int64_t n, int64_t h, int64_t w, int64_t c, int64_t oh, int64_t ow, const ek_dim* row_low,
                  const ek_dim* row_high, const double* row_t, const ek_dim* column_low, const ek_dim* column_high,
                  const double* column_t, const float* x, float* y) {
  return ek::guarded([&] {
    const ek::Direction rows("bilinear2d: row", h, oh, row_low, row_high, row_t, false, w * c),
        columns("bilinear2d: column", w, ow, column_low, column_high, column_t, false, c);
    ek::run({n, h, w, c, oh, ow, rows.sums(), columns.sums()}, x, y);
  });
}
int ek_bilinear2d_grad(int64_t n, int64_t h, int64_t w, int64_t c, int64_t oh, int64_t ow, const ek_dim* row_low,
                       const ek_dim* row_high, const double* row_t, const ek_dim* column_low, const ek_dim* column_high,
                       const double* column_t, const float* gy, float* gx) {
  return ek::guarded([&] {
    const ek::Direction rows("bilinear2d: row", h, oh, row_low, row_high, row_t, true, ow * c),
        columns("bilinear2d: column", w, ow, column_low, column_high, column_t, true, c);
    ek::run({n, oh, ow, c, h, w, rows.sums(), columns.sums()}, gy, gx);
  });
}
}
#endif
