// Walking two strided arrays at once: broadcasting and strided copies.
#pragma once
#include "elementwise.h"
#include "error.h"

namespace ek::EK_ISA {
enum { kMaxDims = 16 };

struct Strides {
  int ndim;
  int64_t n;  // elements
  int64_t dims[kMaxDims], a[kMaxDims], b[kMaxDims];
};

EK_INLINE void swap(int64_t* a, int64_t* b) {
  const int64_t t = *a;
  *a = *b;
  *b = t;
}

// Joins neighbouring dimensions that both arrays step through evenly; extents of 1 vanish.
EK_INLINE Strides collapse(int ndim, const int64_t* dims, const int64_t* a, const int64_t* b) {
  Strides s;
  s.ndim = 0;
  s.n = 1;
  for (int d = 0; d < ndim; ++d) {
    s.n *= dims[d];
    if (dims[d] == 1) continue;
    const int last = s.ndim - 1;
    if (last >= 0 && s.a[last] == dims[d] * a[d] && s.b[last] == dims[d] * b[d]) {
      s.dims[last] *= dims[d];
    } else {
      if (++s.ndim > kMaxDims) fail(EK_INVALID, "more than %d dimensions", kMaxDims);
      s.dims[last + 1] = dims[d];
    }
    s.a[s.ndim - 1] = a[d];
    s.b[s.ndim - 1] = b[d];
  }
  if (s.ndim == 0) {
    s.ndim = 1;
    s.dims[0] = s.a[0] = s.b[0] = 1;
  }
  return s;
}

// Offsets of a flat index in a and b; index[d] is its position along d.
EK_INLINE void locate(const Strides& s, int64_t flat, int64_t* index, int64_t* a, int64_t* b) {
  *a = *b = 0;
  for (int d = s.ndim - 1; d >= 0; --d) {
    index[d] = flat % s.dims[d];
    flat /= s.dims[d];
    *a += index[d] * s.a[d];
    *b += index[d] * s.b[d];
  }
}

// run(offset in a, offset in b, flat index, count) for the stretches of the last dimension within begin..end.
template <class F>
EK_INLINE void walk(const Strides& s, int64_t begin, int64_t end, const F& run) {
  int64_t index[kMaxDims], a, b;
  locate(s, begin, index, &a, &b);
  const int last = s.ndim - 1;
  while (begin < end) {
    const int64_t count = smaller(s.dims[last] - index[last], end - begin);
    run(a, b, begin, count);
    begin += count;
    index[last] += count;
    a += count * s.a[last];
    b += count * s.b[last];
    for (int d = last; d > 0 && index[d] == s.dims[d]; --d) {
      index[d] = 0;
      ++index[d - 1];
      a += s.a[d - 1] - s.dims[d] * s.a[d];
      b += s.b[d - 1] - s.dims[d] * s.b[d];
    }
  }
}

// Whether an array with these strides is as dense as the result.
EK_INLINE bool is_dense(const Strides& s, const int64_t* stride) {
  int64_t expected = 1;
  for (int d = s.ndim - 1; d >= 0; expected *= s.dims[d--])
    if (stride[d] != expected) return false;
  return true;
}

// Whether it repeats its last dimension.
EK_INLINE bool is_row(const Strides& s, const int64_t* stride) {
  for (int d = s.ndim - 2; d >= 0; --d)
    if (stride[d] != 0) return false;
  return true;
}

// run(x, 0 or 1, y, 0 or 1, z, count) over stretches of z, which is dense: the numbers are the steps of x and y.
// Operands that step otherwise, or whose stretches are short, are gathered into tiles first; one that is dense
// is not, and the tile of a short row, being whole rows long, serves for a chunk.
template <class T, class Z, class F>
EK_INLINE void broadcast(const Strides& s, const T* x, const T* y, Z* z, const F& run) {
  enum { kTile = 512, kShort = 32 };
  if (s.n == 0) return;
  const int last = s.ndim - 1;
  const int64_t xs = s.a[last], ys = s.b[last], inner = s.dims[last];
  if ((xs | ys) == 1 && (inner >= kShort || s.ndim == 1)) {
    parallel(s.n, even_grain(s.n), [=, &s](int64_t begin, int64_t end) {
      walk(s, begin, end, [=](int64_t a, int64_t b, int64_t i, int64_t n) { run(x + a, xs, y + b, ys, z + i, n); });
    });
    return;
  }
  const int64_t step = inner < kTile ? kTile / inner * inner : int64_t{kTile};
  const bool x_dense = is_dense(s, s.a), y_dense = is_dense(s, s.b);
  const bool x_once = inner < kTile && is_row(s, s.a), y_once = inner < kTile && is_row(s, s.b);
  parallel(s.n, even_grain(s.n), [=, &s](int64_t begin, int64_t end) {
    T tx[kTile], ty[kTile];
    for (int64_t i = begin; i < end; i += step) {
      const int64_t stop = smaller(i + step, end);
      T *px = tx, *py = ty;
      if (!x_dense && (i == begin || !x_once))
        walk(s, i, stop, [&](int64_t a, int64_t, int64_t, int64_t n) {
          for (int64_t k = 0; k < n; ++k) *px++ = x[a + k * xs];
        });
      if (!y_dense && (i == begin || !y_once))
        walk(s, i, stop, [&](int64_t, int64_t b, int64_t, int64_t n) {
          for (int64_t k = 0; k < n; ++k) *py++ = y[b + k * ys];
        });
      run(x_dense ? x + i : tx, 1, y_dense ? y + i : ty, 1, z + i, stop - i);
    }
  });
}
}  // namespace ek::EK_ISA
