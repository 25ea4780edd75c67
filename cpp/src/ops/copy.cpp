// Copies, fills, strided copies (permute, slice, concatenate, pad, expand), conversions, rows by index.
#include "error.h"
#include "index.h"
#include "isa.h"
#include "strides.h"
#include "transpose.h"

EK_KERNEL(void, copy, (const void* x, void* y, int64_t bytes))
EK_KERNEL(void, fill, (float* y, float value, int64_t n))
EK_KERNEL(void, fill, (int64_t * y, int64_t value, int64_t n))
EK_KERNEL(void, fill, (uint8_t * y, uint8_t value, int64_t n))
EK_KERNEL(void, strided_copy,
          (int ndim, const int64_t* dims, const int64_t* xs, const int64_t* ys, int element, const void* x, void* y))
EK_KERNEL(void, cast, (int from, const void* x, int to, void* y, int64_t n))
EK_KERNEL(void, gather_rows, (const char* x, int64_t rows, int64_t bytes, const int64_t* index, int64_t n, char* y))
EK_KERNEL(void, gather_rows_grad,
          (const float* gy, const int64_t* index, int64_t n, int64_t row, float* gx, int64_t rows))
EK_KERNEL(void, bytes_to_float, (const uint8_t* x, float* y, int64_t n, float scale, float shift))

namespace ek::EK_ISA {
enum { kGrainBytes = 4 * kGrain };

void copy(const void* x, void* y, int64_t bytes) {
  parallel(bytes, 4 * even_grain(bytes / 4), [=](int64_t begin, int64_t end) {
    memcpy((char*)y + begin, (const char*)x + begin, (size_t)(end - begin));
  });
}

template <class T>
EK_INLINE void fill_all(T* y, T value, int64_t n) {
  parallel(n, even_grain(n), [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) y[i] = value;
  });
}
void fill(float* y, float value, int64_t n) { fill_all(y, value, n); }
void fill(int64_t* y, int64_t value, int64_t n) { fill_all(y, value, n); }
void fill(uint8_t* y, uint8_t value, int64_t n) { fill_all(y, value, n); }

// Dimensions in the order of y's memory, so that the last one is written in sequence.
EK_INLINE Strides in_order_of_y(Strides s) {
  for (int d = 1; d < s.ndim; ++d)
    for (int e = d; e > 0 && ::llabs(s.b[e - 1]) < ::llabs(s.b[e]); --e) {
      swap(s.dims + e, s.dims + e - 1);
      swap(s.a + e, s.a + e - 1);
      swap(s.b + e, s.b + e - 1);
    }
  return collapse(s.ndim, s.dims, s.a, s.b);
}

// A dimension other than the last, along which x is dense, when y is dense along the last; else -1.
EK_INLINE int transposed_dim(const Strides& s) {
  const int last = s.ndim - 1;
  if (s.b[last] != 1 || s.a[last] == 1) return -1;
  for (int d = last - 1; d >= 0; --d)
    if (s.a[d] == 1) return d;
  return -1;
}

// A batch of transposes, in tiles of about 4096 elements: i runs along the last dimension, j along d.
template <class T>
EK_INLINE void transposes(const Strides& s, int d, const T* x, T* y) {
  const int last = s.ndim - 1;
  const int64_t m = s.dims[last], n = s.dims[d], xs = s.a[last], ys = s.b[d];
  int64_t tm = smaller(m, 64), tn = smaller(n, 64);
  tm = smaller(m, larger(tm, 4096 / tn / 8 * 8));
  tn = smaller(n, larger(tn, 4096 / tm / 8 * 8));
  Strides batch = s;
  batch.dims[last] = ceil_div(m, tm);
  batch.a[last] *= tm;
  batch.b[last] *= tm;
  batch.dims[d] = ceil_div(n, tn);
  batch.a[d] *= tn;
  batch.b[d] *= tn;
  int64_t tiles = 1;
  for (int e = 0; e <= last; ++e) tiles *= batch.dims[e];
  parallel(tiles, ceil_div(kGrain, tm * tn), [=, &batch](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; ++t) {
      int64_t index[kMaxDims], a, b;
      locate(batch, t, index, &a, &b);
      transpose(x + a, xs, y + b, ys, smaller(tm, m - index[last] * tm), smaller(tn, n - index[d] * tn));
    }
  });
}

template <class T>
EK_INLINE void strided(const Strides& s, const T* x, T* y) {
  const int d = transposed_dim(s);
  if (d >= 0) return transposes(s, d, x, y);
  const int64_t xs = s.a[s.ndim - 1], ys = s.b[s.ndim - 1];
  parallel(s.n, even_grain(s.n), [=, &s](int64_t begin, int64_t end) {
    walk(s, begin, end, [=](int64_t a, int64_t b, int64_t, int64_t n) {
      if (xs == 1 && ys == 1 && n >= 16) {
        memcpy(y + b, x + a, (size_t)n * sizeof(T));
      } else {
        for (int64_t k = 0; k < n; ++k) y[b + k * ys] = x[a + k * xs];
      }
    });
  });
}

void strided_copy(int ndim, const int64_t* dims, const int64_t* xs, const int64_t* ys, int element, const void* x,
                  void* y) {
  const Strides s = in_order_of_y(collapse(ndim, dims, xs, ys));
  if (s.n == 0) return;
  if (element == 1) return strided(s, (const uint8_t*)x, (uint8_t*)y);
  if (element == 4) return strided(s, (const float*)x, (float*)y);
  if (element == 8) return strided(s, (const int64_t*)x, (int64_t*)y);
  fail(EK_INVALID, "elements of %d bytes", element);
}

struct Bool {
  uint8_t value;
};
// As Java converts: floats truncate, saturate at the ends of int64, and NaN is 0; bytes keep the low eight bits.
EK_INLINE void convert(float x, int64_t* y) {
  *y = x >= 9223372036854775808.0f ? INT64_MAX : x < -9223372036854775808.0f ? INT64_MIN : x == x ? (int64_t)x : 0;
}
EK_INLINE void convert(float x, uint8_t* y) {
  int64_t whole;
  convert(x, &whole);
  *y = (uint8_t)whole;
}
template <class X, class Y>
EK_INLINE void convert(X x, Y* y) {
  *y = (Y)x;
}
template <class X>
EK_INLINE void convert(X x, Bool* y) {
  y->value = x != 0;
}

template <class X, class Y>
EK_INLINE void cast_all(const X* x, Y* y, int64_t n) {
  parallel(n, even_grain(n), [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) convert(x[i], y + i);
  });
}

template <class X>
EK_INLINE void cast_from(const X* x, int to, void* y, int64_t n) {
  if (to == EK_FLOAT32) return cast_all(x, (float*)y, n);
  if (to == EK_INT64) return cast_all(x, (int64_t*)y, n);
  if (to == EK_UINT8) return cast_all(x, (uint8_t*)y, n);
  cast_all(x, (Bool*)y, n);
}

void cast(int from, const void* x, int to, void* y, int64_t n) {
  if (from == EK_FLOAT32) return cast_from((const float*)x, to, y, n);
  if (from == EK_INT64) return cast_from((const int64_t*)x, to, y, n);
  cast_from((const uint8_t*)x, to, y, n);
}

void gather_rows(const char* x, int64_t rows, int64_t bytes, const int64_t* index, int64_t n, char* y) {
  parallel(n, 1 + kGrainBytes / (bytes + 1), [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) memcpy(y + i * bytes, x + pinned(index + i, rows) * bytes, (size_t)bytes);
  });
}

// Each chunk owns a range of rows of gx and reads the whole index.
void gather_rows_grad(const float* gy, const int64_t* index, int64_t n, int64_t row, float* gx, int64_t rows) {
  const int64_t grain = n * row > kGrain ? ceil_div(rows, 8) : rows;
  parallel(rows, grain, [=](int64_t begin, int64_t end) {
    memset(gx + begin * row, 0, (size_t)((end - begin) * row) * sizeof(float));
    for (int64_t i = 0; i < n; ++i) {
      const int64_t r = pinned(index + i, rows);
      if (r < begin || r >= end) continue;
      map_here(gx + r * row, gy + i * row, gx + r * row, row, [](vf a, vf b) { return add(a, b); });
    }
  });
}

void bytes_to_float(const uint8_t* x, float* y, int64_t n, float scale, float shift) {
  map(x, y, n, [=](vf x) { return fma(x, set(scale), set(shift)); });
}
}  // namespace ek::EK_ISA

#ifdef EK_BASE
extern "C" {
void ek_put(void* y, const void* host, int64_t offset, int64_t bytes) {
  if (bytes > 0) memcpy(y, (const char*)host + offset, (size_t)bytes);
}
void ek_get(const void* x, void* host, int64_t offset, int64_t bytes) {
  if (bytes > 0) memcpy((char*)host + offset, x, (size_t)bytes);
}
float ek_read_float(const float* x) { return *x; }
int64_t ek_read_long(const int64_t* x) { return *x; }
int ek_read_byte(const uint8_t* x) { return *x; }

int ek_copy(const void* x, void* y, int64_t bytes) {
  return ek::guarded([&] { EK_CALL(copy, x, y, bytes); });
}
int ek_fill_float(float* y, float value, int64_t n) {
  return ek::guarded([&] { EK_CALL(fill, y, value, n); });
}
int ek_fill_long(int64_t* y, int64_t value, int64_t n) {
  return ek::guarded([&] { EK_CALL(fill, y, value, n); });
}
int ek_fill_byte(uint8_t* y, int value, int64_t n) {
  return ek::guarded([&] { EK_CALL(fill, y, static_cast<uint8_t>(value), n); });
}
int ek_same(const void* x, const void* y, int64_t bytes) {
  return bytes == 0 || memcmp(x, y, static_cast<size_t>(bytes)) == 0;
}
int ek_strided_copy(int ndim, const ek_dim* dims, const ek_dim* xs, const ek_dim* ys, int element, const void* x,
                    void* y) {
  return ek::guarded([&] { EK_CALL(strided_copy, ndim, dims, xs, ys, element, x, y); });
}
int ek_cast(int from, const void* x, int to, void* y, int64_t n) {
  return ek::guarded([&] { EK_CALL(cast, from, x, to, y, n); });
}
int ek_gather_rows(const void* x, int64_t rows, int64_t bytes, const int64_t* index, int64_t n, void* y) {
  return ek::guarded([&] {
    ek::check_range(index, n, rows, "index", "position");
    EK_CALL(gather_rows, static_cast<const char*>(x), rows, bytes, index, n, static_cast<char*>(y));
  });
}
int ek_gather_rows_grad(const float* gy, const int64_t* index, int64_t n, int64_t row, float* gx, int64_t rows) {
  return ek::guarded([&] {
    ek::check_range(index, n, rows, "index", "position");
    EK_CALL(gather_rows_grad, gy, index, n, row, gx, rows);
  });
}
int ek_bytes_to_float(const uint8_t* x, float* y, int64_t n, float scale, float shift) {
  return ek::guarded([&] { EK_CALL(bytes_to_float, x, y, n, scale, shift); });
}
}
#endif
