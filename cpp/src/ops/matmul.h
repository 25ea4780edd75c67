// Products of row-major matrices, for operations that are made of them.
#pragma once
#include <stdint.h>

namespace ek {
// c (m x n) = op(a) op(b); op transposes when ta (a stored k x m) or tb (b stored n x k).
void matmul(int64_t m, int64_t n, int64_t k, bool ta, bool tb, const float* a, const float* b, float* c);
// y (m x n) = x (m x k) w^T + b, w being n x k; b may be null.
void linear(int64_t m, int64_t n, int64_t k, const float* x, const float* w, const float* b, float* y);
}  // namespace ek
