// Local response normalization across channels, channels-last: forward beside gradient.
#include "error.h"
#include "isa.h"
#include "pool2d.h"
#include "vmath.h"

namespace ek {
// y = x d^-beta with d = k + alpha * sum of x^2 over the channels c - before .. c + after that there are
struct Response {
  int64_t rows, c, before, after;
  float alpha, beta, k;
  int64_t piece, pieces;                                // rows of a thread's piece, and how many pieces
  int64_t width() const { return c + before + after; }  // of a row inside zeros
};
}  // namespace ek

// scratch: two rows inside zeros for each piece
EK_KERNEL(void, local_response_norm, (const Response& r, const float* x, float* y, float* scratch))
EK_KERNEL(void, local_response_norm_grad,
          (const Response& r, const float* x, const float* gy, float* gx, float* scratch))

namespace ek::EK_ISA {
// Calls f(power), power(d) being d^-beta: exponents that people use by square roots.
template <class F>
EK_INLINE void with_power(float beta, const F& f) {
  if (beta == 0.75f)
    return f([](vf d) {
      const vf root = sqrt(d);
      return div(set(1), mul(root, sqrt(root)));
    });
  if (beta == 0.5f) return f([](vf d) { return div(set(1), sqrt(d)); });
  if (beta == 1) return f([](vf d) { return div(set(1), d); });
  f([=](vf d) { return exp(mul(set(-beta), log(d))); });
}

// f(offset of the row, a row inside zeros, another)
template <class F>
EK_INLINE void for_rows(const Response& r, float* scratch, const F& f) {
  parallel(r.pieces, 1, [=, &r](int64_t piece, int64_t) EK_FLAT {
    float* s = scratch + piece * 2 * r.width();
    memset(s, 0, (size_t)(2 * r.width()) * sizeof(float));
    for (int64_t i = piece * r.piece; i < smaller((piece + 1) * r.piece, r.rows); ++i) f(i * r.c, s, s + r.width());
  });
}

// The sum of the window of each lane; windows begin at p.
template <class Lanes>
EK_INLINE vf window_sum(const Response& r, const float* p, const Lanes& lanes) {
  vf sum = zero();
  for (int64_t i = 0; i <= r.before + r.after; ++i) sum = add(sum, lanes.get(p + i));
  return sum;
}

void local_response_norm(const Response& r, const float* x, float* y, float* scratch) {
  with_power(r.beta, [=, &r](const auto& power) {
    for_rows(r, scratch, [=, &r](int64_t at, float* squares, float*) {
      map_here(x + at, squares + r.before, r.c, [](vf x) { return mul(x, x); });
      for_vectors(r.c, [=, &r](int64_t c, auto lanes) {
        const vf d = fma(set(r.alpha), window_sum(r, squares + c, lanes), set(r.k));
        lanes.put(y + at + c, mul(lanes.get(x + at + c), power(d)));
      });
    });
  });
}

// gx = gy d^-beta - 2 alpha beta x * sum of gy x d^(-beta-1) over the channels whose windows hold this one
void local_response_norm_grad(const Response& r, const float* x, const float* gy, float* gx, float* scratch) {
  with_power(r.beta, [=, &r](const auto& power) {
    for_rows(r, scratch, [=, &r](int64_t at, float* squares, float* terms) {
      map_here(x + at, squares + r.before, r.c, [](vf x) { return mul(x, x); });
      for_vectors(r.c, [=, &r](int64_t c, auto lanes) {
        const vf d = fma(set(r.alpha), window_sum(r, squares + c, lanes), set(r.k));
        const vf direct = mul(lanes.get(gy + at + c), power(d));
        lanes.put(gx + at + c, direct);
        lanes.put(terms + r.after + c, div(mul(direct, lanes.get(x + at + c)), d));
      });
      const vf scale = set(2 * r.alpha * r.beta);
      for_vectors(r.c, [=, &r](int64_t c, auto lanes) {
        const vf sum = window_sum(r, terms + c, lanes);
        lanes.put(gx + at + c, fnma(mul(scale, lanes.get(x + at + c)), sum, lanes.get(gx + at + c)));
      });
    });
  });
}
}  // namespace ek::EK_ISA

#ifdef EK_BASE
#include <algorithm>

#include "memory.h"

namespace ek {
namespace {
Response response(int64_t rows, int64_t c, int64_t before, int64_t after, float alpha, float beta, float k) {
  constexpr int64_t kPieces = 64, kPiece = 8192;  // at most; floats
  const int64_t piece = std::max({(rows + kPieces - 1) / kPieces, kPiece / (c + 1), int64_t{1}});
  return {rows, c, std::min(before, c - 1), std::min(after, c - 1), alpha, beta, k, piece, (rows + piece - 1) / piece};
}
}  // namespace
}  // namespace ek

extern "C" {
int ek_local_response_norm(int64_t rows, int64_t c, const float* x, int64_t before, int64_t after, float alpha,
                           float beta, float k, float* y) {
  return ek::guarded([&] {
    const ek::Response r = ek::response(rows, c, before, after, alpha, beta, k);
    EK_CALL(local_response_norm, r, x, y, ek::Scratch(r.pieces * 2 * r.width()));
  });
}
int ek_local_response_norm_grad(int64_t rows, int64_t c, const float* x, int64_t before, int64_t after, float alpha,
                                float beta, float k, const float* gy, float* gx) {
  return ek::guarded([&] {
    const ek::Response r = ek::response(rows, c, before, after, alpha, beta, k);
    EK_CALL(local_response_norm_grad, r, x, gy, gx, ek::Scratch(r.pieces * 2 * r.width()));
  });
}
}
#endif
