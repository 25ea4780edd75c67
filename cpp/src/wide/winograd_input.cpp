// The transform of the tiles of a Winograd convolution: V from x.
#include "wide/winograd_input.h"

#include "elementwise.h"

namespace ek::EK_ISA {
// V of one tile of H x W points, of one phase at a time, and of no use where the phase has no products. Where the tile
// sticks out of the image its rows of channels are those of `zeros`.
template <class P, int H, int W>
static void input_tile(const Winograd& p, const float* x, const float* zeros, const Tile& t, float* v) {
  typedef FromInput<P, H> Down;
  typedef FromInput<P, W> Across;
  const float* image = x + t.image * p.h * p.w * p.c;
  const int64_t full = p.c / VF * VF, rest = p.c - full, down = p.side * p.v_step, step = p.split;
  for (int64_t phase = 0; phase < step * step; ++phase) {
    const WinogradPhase f = winograd_phase(step, phase);
    const int64_t y0 = t.y * step - p.top + f.dy, x0 = t.x * step - p.left + f.dx;
    float* columns[W];
    for (int j = 0; j < W; ++j) {
      const int64_t point = P::in_set(j, W);
      columns[j] = v + point * p.v_step + t.row(p, point) * p.v_row + phase * p.c;
    }
    float* const* column = columns;
    const auto to = [=](int64_t c) {
      return [=](int i, int j, vf q) EK_FLAT { store(column[j] + P::in_set(i, H) * down + c, q); };
    };
    if (H == W && y0 >= 0 && x0 >= 0 && y0 + (H - 1) * step < p.h && x0 + (W - 1) * step < p.w) {
      const float* from = image + (y0 * p.w + x0) * p.c;
      const int64_t row = step * p.w * p.c, col = step * p.c;
      for (int64_t c = 0; c < full; c += VF)
        both_ways<Down, Across>([=](int i, int j) EK_FLAT { return load(from + i * row + j * col + c); }, to(c));
      if (rest)
        both_ways<Down, Across>([=](int i, int j) EK_FLAT { return load_part(from + i * row + j * col + full, rest); },
                                to(full));
      continue;
    }
    int64_t within[W];  // its row, or -1 outside
    for (int j = 0; j < W; ++j) {
      const int64_t w = x0 + j * step;
      within[j] = w >= 0 && w < p.w ? w * p.c : -1;
    }
    const float* at[H * W];
    for (int i = 0; i < H; ++i) {
      const int64_t h = y0 + i * step;
      const bool inside = h >= 0 && h < p.h;
      const float* line = inside ? image + h * p.w * p.c : zeros;
      for (int j = 0; j < W; ++j) at[i * W + j] = inside && within[j] >= 0 ? line + within[j] : zeros;
    }
    const float* const* from = at;
    for (int64_t c = 0; c < full; c += VF)
      both_ways<Down, Across>([=](int i, int j) EK_FLAT { return load(from[i * W + j] + c); }, to(c));
    if (rest)
      both_ways<Down, Across>([=](int i, int j) EK_FLAT { return load_part(from[i * W + j] + full, rest); }, to(full));
  }
}

// What exchanges the first c lanes with the c behind them.
struct ExchangeLanes {
#if defined(__AVX512F__)
  explicit ExchangeLanes(int64_t c) {
    const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m512i count = _mm512_set1_epi32((int)c);
    from = _mm512_mask_add_epi32(_mm512_sub_epi32(lane, count), _mm512_cmplt_epi32_mask(lane, count), lane, count);
  }
  vf operator()(vf v) const { return _mm512_permutexvar_ps(from, v); }
  __m512i from;
#else
  explicit ExchangeLanes(int64_t c) {
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), count = _mm256_set1_epi32((int)c);
    from = _mm256_blendv_epi8(_mm256_sub_epi32(lane, count), _mm256_add_epi32(lane, count),
                              _mm256_cmpgt_epi32(count, lane));
  }
  vf operator()(vf v) const { return _mm256_permutevar8x32_ps(v, from); }
  __m256i from;
#endif
};

// As input_tile, of phases of so few channels that those of two columns, which are neighbours in x, fill a vector
// better: they are transformed at once.
template <int H, int W>
static void input_pairs(const Winograd& p, const float* x, const Tile& t, float* v) {
  const int64_t pair = 2 * p.c, down = p.side * p.v_step, y0 = 2 * t.y - p.top, x0 = 2 * t.x - p.left;
  const float* from = x + ((t.image * p.h + y0) * p.w + x0) * p.c;
  int64_t line = p.w * p.c;
  float inside[2 * H * W * VF];  // of a tile that sticks out of the image, with zeros around
  if (y0 < 0 || x0 < 0 || y0 + 2 * H > p.h || x0 + 2 * W > p.w) {
    memset(inside, 0, 2 * H * W * pair * sizeof(float));
    const int64_t left = larger(0, -x0), right = smaller(2 * W, p.w - x0);
    for (int64_t i = larger(0, -y0); i < smaller(2 * H, p.h - y0) && left < right; ++i)
      memcpy(inside + (i * 2 * W + left) * p.c, from + i * line + left * p.c, (right - left) * p.c * sizeof(float));
    from = inside, line = W * pair;
  }
  const ExchangeLanes exchange(p.c);
  for (int64_t dy = 0; dy < 2; ++dy, from += line) {
    float* columns[W];  // where phase 2 dy lies: that of the odd column for dy = 0, of the even one for 1
    for (int j = 0; j < W; ++j) columns[j] = v + j * p.v_step + t.row(p, j) * p.v_row + dy * pair;
    float* const* column = columns;
    const float* at = from;
    both_ways<FromInput<SixPoints, H>, FromInput<SixPoints, W>>(
        [=](int i, int j) EK_FLAT { return load_part(at + 2 * i * line + j * pair, pair); },
        [=, &exchange](int i, int j, vf q) EK_FLAT { store(column[j] + i * down, dy ? q : exchange(q)); });
  }
}

// By outputs, as the macros want it.
template <class P, int H, int W, int R>
constexpr auto input_of = input_tile<P, H + R - 1, W + R - 1>;

void transform_input(const Winograd& p, const float* x, const float* zeros, const Tile& t, float* v) {
  typedef void (*Kernel)(const Winograd&, const float*, const float*, const Tile&, float*);
  EK_TILE_KERNELS(Kernel, input_of)
  typedef void (*Pairs)(const Winograd&, const float*, const Tile&, float*);
  static constexpr Pairs pairs[3][3] = {{input_pairs<4, 4>, input_pairs<4, 5>, input_pairs<4, 6>},
                                        {input_pairs<5, 4>, input_pairs<5, 5>, input_pairs<5, 6>},
                                        {input_pairs<6, 4>, input_pairs<6, 5>, input_pairs<6, 6>}};
  if (p.split == 2 && p.r == 4 && 2 * p.c < VF) return pairs[t.high - 1][t.wide - 1](p, x, t, v);
  EK_TILE_KERNEL(p, t)(p, x, zeros, t, v);
}
}  // namespace ek::EK_ISA
