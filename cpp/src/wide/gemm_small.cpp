// Matrix product of few numbers, where calling and packing would take longer than multiplying: four rows of C at a
// time, with B as it is where its rows are dense, else transposed on the stack.
#include "transpose.h"
#include "wide/gemm.h"

namespace ek::EK_ISA {
namespace {
// Rows i.. of C, `rows` <= 4 of them: those that there are not repeat the last one.
void four_rows(const Gemm& p, const float* b, int64_t b_row, int64_t i) {
  const int64_t rows = smaller(4, p.m - i);
  const float* a[4];
  float* c[4];
  for (int64_t r = 0; r < 4; ++r) {
    const int64_t row = i + smaller(r, rows - 1);
    a[r] = p.a + row * p.a_row, c[r] = p.c + row * p.c_row;
  }
  for (int64_t j = 0; j < p.n; j += VF) {
    const int64_t width = smaller(VF, p.n - j);
    const auto from = [=](const float* q) { return width == VF ? load(q) : load_part(q, width); };
    const vf start = p.bias ? from(p.bias + j) : zero();
    vf s0 = start, s1 = start, s2 = start, s3 = start;
    for (int64_t l = 0; l < p.k; ++l) {
      const vf q = from(b + l * b_row + j);
      const int64_t at = l * p.a_step;
      s0 = fma(broadcast(a[0] + at), q, s0), s1 = fma(broadcast(a[1] + at), q, s1);
      s2 = fma(broadcast(a[2] + at), q, s2), s3 = fma(broadcast(a[3] + at), q, s3);
    }
    const vf s[4] = {s0, s1, s2, s3};
    for (int64_t r = 0; r < rows; ++r) width == VF ? store(c[r] + j, s[r]) : store_part(c[r] + j, s[r], width);
  }
}
}  // namespace

void gemm_small(const Gemm& p) {
  float turned[kSmallFloats];
  const float* b = p.b;
  int64_t b_row = p.b_row;
  if (p.b_step != 1) {
    transpose(p.b, p.b_step, turned, p.n, p.n, p.k);
    b = turned, b_row = p.n;
  }
  for (int64_t i = 0; i < p.m; i += 4) four_rows(p, b, b_row, i);
}
}  // namespace ek::EK_ISA
