// Matrix product of one thread.
#pragma once
#include "wide/wide.h"

namespace ek {
// C (m x n) = A B + bias: a[i a_row + l a_step] and b[l b_row + j b_step], each with a row or a step of 1;
// c[i c_row + j]; bias (n) or null.
struct Gemm {
  int64_t m, n, k;
  const float* a;
  int64_t a_row, a_step;
  const float* b;
  int64_t b_row, b_step;
  const float* bias;
  float* c;
  int64_t c_row;
};
constexpr int64_t kSmallFloats = 512;  // of the largest B of gemm_small
}  // namespace ek

EK_WIDE_KERNEL(int64_t, gemm_scratch, ())  // floats
EK_WIDE_KERNEL(void, gemm, (const ek::Gemm& p, float* scratch))
// The same where B is that small
EK_WIDE_KERNEL(void, gemm_small, (const ek::Gemm& p))
// The same of so many rows at most, for a_step and b_row of 1
EK_WIDE_KERNEL(int64_t, gemm_dots_most, ())
EK_WIDE_KERNEL(void, gemm_dots, (const ek::Gemm& p))
