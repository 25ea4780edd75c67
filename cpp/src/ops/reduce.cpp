// Reductions of x (outer, n, inner) over n. The work is cut by shape: tiles of columns, and where these are few,
// at most kParts pieces of n whose partial results are merged in order.
#include "reduce.h"

#include "elementwise.h"
#include "error.h"
#include "index.h"

EK_KERNEL(void, sum_long, (int dtype, int64_t outer, int64_t n, int64_t inner, const void* x, int64_t* y))
EK_KERNEL(void, max, (int64_t outer, int64_t n, int64_t inner, const float* x, float* y, int64_t* index))
EK_KERNEL(void, min, (int64_t outer, int64_t n, int64_t inner, const float* x, float* y, int64_t* index))
EK_KERNEL(void, select_grad,
          (int64_t outer, int64_t n, int64_t inner, const float* gy, const int64_t* index, float* gx))

namespace ek::EK_ISA {
enum { kTile = 256, kParts = 16 };

// op.columns(x, first, rows, inner, width, acc): results of `width` columns over rows first.. of x, whose first
// element is the tile's. op.merge joins the results of consecutive pieces; op.finish(i, acc) writes element i.
template <class Op, class T>
EK_INLINE void reduce(const Op& op, const T* x, int64_t outer, int64_t n, int64_t inner) {
  typedef typename Op::Acc Acc;
  if (outer == 1 && inner <= kTile / 4 && n * inner <= kGrain) {  // one unit, as below, without a division
    Acc acc[kTile / 4];
    op.columns(x, 0, n, inner, inner, acc);
    for (int64_t k = 0; k < inner; ++k) op.finish(k, acc[k]);
    return;
  }
  const int64_t results = outer * inner;
  if (results == 0) return;
  const int64_t width = smaller(inner, outer * ceil_div(inner, kTile) >= kParts ? kTile : kTile / 4);
  const int64_t tiles = ceil_div(inner, width), units = outer * tiles;
  // The index of a unit's first result.
  const auto place = [=](int64_t unit) { return unit / tiles * inner + unit % tiles * width; };
  const auto run = [=](int64_t unit, int64_t first, int64_t rows, Acc* acc) {
    const int64_t o = unit / tiles, j = unit % tiles * width;
    op.columns(x + o * n * inner + j, first, rows, inner, smaller(width, inner - j), acc);
  };
  const int64_t piece = larger(ceil_div(n, kParts), ceil_div(kGrain, results)), parts = ceil_div(n, piece);
  if (units >= kParts || results > kTile || parts <= 1) {
    parallel(units, 1 + kGrain / (n * width + 1), [=](int64_t begin, int64_t end) {
      Acc acc[kTile];
      for (int64_t u = begin; u < end; ++u) {
        run(u, 0, n, acc);
        const int64_t at = place(u), count = smaller(width, inner - u % tiles * width);
        for (int64_t k = 0; k < count; ++k) op.finish(at + k, acc[k]);
      }
    });
    return;
  }
  Acc acc[kParts * kTile], *part = acc;
  parallel(parts, 1, [=](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p)
      for (int64_t u = 0; u < units; ++u) run(u, p * piece, smaller(piece, n - p * piece), part + p * kTile + place(u));
  });
  for (int64_t k = 0; k < results; ++k) {
    for (int64_t p = 1; p < parts; ++p) op.merge(acc[k], acc[p * kTile + k]);
    op.finish(k, acc[k]);
  }
}

namespace {  // file-local types: another kernel file may have its own Sum
// Floats are summed in blocks, doubles across the blocks.
struct Sum {
  typedef double Acc;
  float scale;
  float* y;

  EK_INLINE void merge(double& a, double b) { a += b; }
  void finish(int64_t i, double a) const { y[i] = (float)(scale * a); }

  void columns(const float* x, int64_t first, int64_t rows, int64_t inner, int64_t width, double* acc) const {
    x += first * inner;
    if (inner == 1) {
      *acc = sum_here(x, rows, [](vf a) { return a; });
    } else if (inner <= kNarrow) {
      narrow(x, rows, inner, acc);
    } else {
      wide(x, rows, inner, width, acc);
    }
  }

  // Few columns: vector v of each VF rows holds columns (v VF + lane) % inner.
  enum { kNarrow = 16, kBlock = 64 };
  static void narrow(const float* x, int64_t rows, int64_t inner, double* acc) {
    for (int64_t j = 0; j < inner; ++j) acc[j] = 0;
    int64_t r = 0;
    while (r + VF <= rows) {
      vf s[kNarrow];
      for (int64_t v = 0; v < inner; ++v) s[v] = zero();
      for (const int64_t stop = r + kBlock * VF; r + VF <= smaller(stop, rows); r += VF)
        for (int64_t v = 0; v < inner; ++v) s[v] = add(s[v], load(x + r * inner + v * VF));
      for (int64_t v = 0, j = 0; v < inner; ++v) {
        float lanes[VF];
        store(lanes, s[v]);
        for (int l = 0; l < VF; ++l, j = j + 1 < inner ? j + 1 : 0) acc[j] += lanes[l];
      }
    }
    for (; r < rows; ++r)
      for (int64_t j = 0; j < inner; ++j) acc[j] += x[r * inner + j];
  }

  static void wide(const float* x, int64_t rows, int64_t inner, int64_t width, double* acc) {
    float block[kTile];
    for (int64_t j = 0; j < width; ++j) acc[j] = 0;
    for (int64_t r = 0; r < rows;) {
      const int64_t stop = smaller(r + kBlock, rows);
      memset(block, 0, sizeof block);
      for (; r + 4 <= stop; r += 4) {
        const float* p = x + r * inner;
        map_here(
            block, width, [](vf s, vf a, vf b, vf c, vf d) { return add(s, add(add(a, b), add(c, d))); }, block, p,
            p + inner, p + 2 * inner, p + 3 * inner);
      }
      for (; r < stop; ++r) map_here(block, x + r * inner, block, width, [](vf s, vf a) { return add(s, a); });
      for (int64_t j = 0; j < width; ++j) acc[j] += block[j];
    }
  }
};

}  // namespace

void sum(int64_t outer, int64_t n, int64_t inner, const float* x, float scale, float* y) {
  reduce(Sum{scale, y}, x, outer, n, inner);
}

namespace {
// Wraps around like Java's long.
template <class T>
struct SumLong {
  typedef uint64_t Acc;
  int64_t* y;

  EK_INLINE void merge(uint64_t& a, uint64_t b) { a += b; }
  void finish(int64_t i, uint64_t a) const { y[i] = (int64_t)a; }

  void columns(const T* x, int64_t first, int64_t rows, int64_t inner, int64_t width, uint64_t* acc) const {
    x += first * inner;
    for (int64_t j = 0; j < width; ++j) acc[j] = 0;
    if (inner == 1) {
      uint64_t s = 0;
      for (int64_t r = 0; r < rows; ++r) s += (uint64_t)x[r];
      *acc = s;
      return;
    }
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t j = 0; j < width; ++j) acc[j] += (uint64_t)x[r * inner + j];
  }
};

}  // namespace

void sum_long(int dtype, int64_t outer, int64_t n, int64_t inner, const void* x, int64_t* y) {
  if (dtype == EK_INT64) return reduce(SumLong<int64_t>{y}, (const int64_t*)x, outer, n, inner);
  reduce(SumLong<uint8_t>{y}, (const uint8_t*)x, outer, n, inner);
}

namespace {
struct Best {
  float value;
  int64_t index;
};

// The largest (or smallest) element and its first position; the first NaN beats every number.
template <bool kMin>
struct Extreme {
  typedef Best Acc;
  float* y;
  int64_t* index;

  EK_INLINE bool wins(float a, float b) { return (kMin ? a < b : a > b) || (a != a && b == b); }
  EK_INLINE vf beats(vf a, vf b) { return bit_or(kMin ? lt(a, b) : gt(a, b), bit_and(ne(a, a), eq(b, b))); }
  EK_INLINE void merge(Best& a, const Best& b) {
    if (wins(b.value, a.value)) a = b;
  }
  void finish(int64_t i, const Best& a) const {
    if (y) y[i] = a.value;
    index[i] = a.index;
  }

  void columns(const float* x, int64_t first, int64_t rows, int64_t inner, int64_t width, Best* acc) const {
    if (inner == 1) {
      *acc = row(x, first, first + rows);
    } else {
      wide(x + first * inner, first, rows, inner, width, acc);
    }
  }

  // Looks for the position only in a block whose best is better than what came before.
  static Best row(const float* x, int64_t begin, int64_t end) {
    enum { kBlock = 64 * VF };
    Best best = {x[begin], begin};
    int64_t i = begin;
    for (; i + kBlock <= end; i += kBlock) {
      vf m = load(x + i), nan = ne(m, m);
      for (int64_t k = VF; k < kBlock; k += VF) {
        const vf v = load(x + i + k);
        m = kMin ? min(v, m) : max(v, m);
        nan = bit_or(nan, ne(v, v));
      }
      float lanes[VF], bad[VF];
      store(lanes, m);
      store(bad, nan);
      bool better = false;
      for (int l = 0; l < VF; ++l) better |= wins(lanes[l], best.value) || bad[l] != bad[l];
      if (better) best = scan(x, i, i + kBlock, best);
    }
    return scan(x, i, end, best);
  }

  EK_INLINE Best scan(const float* x, int64_t begin, int64_t end, Best best) {
    for (int64_t i = begin; i < end; ++i)
      if (wins(x[i], best.value)) best = {x[i], i};
    return best;
  }

  // The rows are kept as bit patterns in lanes beside the values.
  static void wide(const float* x, int64_t first, int64_t rows, int64_t inner, int64_t width, Best* acc) {
    float value[kTile] = {0}, row[kTile] = {0};
    memcpy(value, x, (size_t)width * sizeof(float));
    for (int64_t r = 1; r < rows; ++r) {
      const float* p = x + r * inner;
      const auto step = [&](int64_t j, vf a) {
        const vf b = load(value + j), take = beats(a, b);
        store(value + j, select(take, a, b));
        store(row + j, select(take, bits((int32_t)r), load(row + j)));
      };
      int64_t j = 0;
      for (; j + VF <= width; j += VF) step(j, load(p + j));
      if (j < width) step(j, load_part(p + j, width - j));
    }
    for (int64_t j = 0; j < width; ++j) {
      int32_t r;
      memcpy(&r, row + j, sizeof r);
      acc[j] = {value[j], first + r};
    }
  }
};
}  // namespace

void max(int64_t outer, int64_t n, int64_t inner, const float* x, float* y, int64_t* index) {
  if (n == 0) fail(EK_INVALID, "the largest of no elements");
  reduce(Extreme<false>{y, index}, x, outer, n, inner);
}

void min(int64_t outer, int64_t n, int64_t inner, const float* x, float* y, int64_t* index) {
  if (n == 0) fail(EK_INVALID, "the smallest of no elements");
  reduce(Extreme<true>{y, index}, x, outer, n, inner);
}

void select_grad(int64_t outer, int64_t n, int64_t inner, const float* gy, const int64_t* index, float* gx) {
  parallel(outer * n * inner, kGrain,
           [=](int64_t begin, int64_t end) { memset(gx + begin, 0, (size_t)(end - begin) * sizeof(float)); });
  parallel(outer * inner, kGrain, [=](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; ++k) {
      const int64_t o = k / inner, i = k % inner;
      gx[(o * n + pinned(index + k, n)) * inner + i] = gy[k];
    }
  });
}
}  // namespace ek::EK_ISA

#ifdef EK_BASE
extern "C" {
int ek_sum(int64_t outer, int64_t n, int64_t inner, const float* x, float scale, float* y) {
  return ek::guarded([&] { EK_CALL(sum, outer, n, inner, x, scale, y); });
}
int ek_sum_long(int dtype, int64_t outer, int64_t n, int64_t inner, const void* x, int64_t* y) {
  return ek::guarded([&] { EK_CALL(sum_long, dtype, outer, n, inner, x, y); });
}
int ek_max(int64_t outer, int64_t n, int64_t inner, const float* x, float* y, int64_t* index) {
  return ek::guarded([&] { EK_CALL(max, outer, n, inner, x, y, index); });
}
int ek_min(int64_t outer, int64_t n, int64_t inner, const float* x, float* y, int64_t* index) {
  return ek::guarded([&] { EK_CALL(min, outer, n, inner, x, y, index); });
}
int ek_select_grad(int64_t outer, int64_t n, int64_t inner, const float* gy, const int64_t* index, float* gx) {
  return ek::guarded([&] {
    ek::check_range(index, outer * inner, n, "index", "position");
    EK_CALL(select_grad, outer, n, inner, gy, index, gx);
  });
}
}
#endif
