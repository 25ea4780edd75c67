// Matrix products for other operations.
#pragma once
#include <stdint.h>

#ifdef EK_BASE
namespace ek {
// C (m x n) = op(A) op(B) + bias, row-major; op transposes when ta (A stored k x m) or tb (B stored n x k). bias (n)
// may be null.
void matmul(int64_t m, int64_t n, int64_t k, bool ta, bool tb, const float* a, const float* b, const float* bias,
            float* c);
}  // namespace ek
#endif
