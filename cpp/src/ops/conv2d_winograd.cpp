// Winograd convolution: which shapes it takes, and the work cut into pieces.
#ifdef EK_BASE
#include "conv2d_winograd.h"

#include <algorithm>
#include <atomic>

#include "error.h"
#include "memory.h"
#include "packed_weights.h"
#include "reduce.h"
#include "threads.h"
#include "wide/winograd.h"

namespace ek {
namespace {
constexpr int64_t kStep = 12, kUnit = 4;    // tiles: what the micro-kernels of all vector units divide, or a third
constexpr int64_t kPieceFloats = 1 << 18;   // of V and M in a piece of work: they stay in L2
constexpr int64_t kSpan = 64;               // output channels of M
constexpr int64_t kParts = 8;               // of the tiles in the weight gradient, at most
constexpr int64_t kSevenChannels = 64;      // from where on 3x3 taps have tiles of seven points
constexpr int64_t kSevenTiles = 64;         // with six points
constexpr int64_t kFewTiles = 6;            // of 4 x 4 outputs
constexpr int64_t kLargeWeights = 1 << 16;  // pairs of channels
constexpr int64_t kStreamFloats = 1 << 20;  // of U: 4 MB
constexpr int64_t kDeepTiles = 128;         // beside as large a U
constexpr int64_t kStreamY = 1 << 22;       // of y: 16 MB
constexpr int64_t kPartFloats = 1 << 18;    // of U of a part of the tiles in the weight gradient
constexpr int64_t kPartTiles = 64;

std::atomic<int> widest{4};

int64_t blocks(int64_t n, int64_t of) { return (n + of - 1) / of; }
int64_t round_up(int64_t n, int64_t to) { return blocks(n, to) * to; }

bool strided(const ek_conv2d_shape& s) { return s.stride_h == 2; }

// Outputs on a side of a tile of at most six points; 0 where there is no such tile. F(2x2, 5x5) errs as F(4x4, 3x3)
// does, so that who asks for tiles of 2 does not get it.
int tile(int way, const ek_conv2d_shape& s) {
  if (strided(s)) return way != 4 ? 0 : s.kh == 3 ? 4 : s.kh == 7 ? 3 : 0;
  return s.kh == 3 ? way : s.kh == 5 && way == 4 ? 2 : 0;
}

// Products on a side of so many outputs, in tiles of m: k outputs have k + r - 1.
int64_t products(int64_t outputs, int64_t m, int64_t r) { return outputs + blocks(outputs, m) * (r - 1); }

// What a pass at stride 1 computes on the sides of an image.
struct Outputs {
  Outputs(const ek_conv2d_shape& s, Conv2dPass pass)
      : h(pass == Conv2dPass::grad_input ? s.h : conv2d_oh(s)),
        w(pass == Conv2dPass::grad_input ? s.w : conv2d_ow(s)) {}
  int64_t tiles(int64_t m) const { return blocks(h, m) * blocks(w, m); }
  int64_t products(int64_t m, int64_t r) const { return ek::products(h, m, r) * ek::products(w, m, r); }
  int64_t h, w;
};

// Whether tiles are of seven points on a side and not six: where these need fewer products, of 3x3 so many fewer that
// twice the error and the larger transforms and U pay.
bool seven_points(int way, const ek_conv2d_shape& s, Conv2dPass pass) {
  if (way != 4 || strided(s)) return false;
  const Outputs y(s, pass);
  const int64_t m = tile(way, s), r = s.kh, six = y.products(m, r), seven = y.products(m + 1, r),
                tiles = s.n * y.tiles(m);
  if (r == 5) return seven < six && tiles >= kSevenTiles / 2;
  return 20 * seven < 17 * six && std::min(s.c, s.o) >= kSevenChannels && tiles >= kSevenTiles;
}

// The input gradient at stride 2 along one side, of 2 r - 1 taps: its phases are correlations of gy from row -before
// on, to so many rows each. Row i of the phase of r taps is row 2 (i - before + r - 1) - pad of gx, that of r - 1 taps
// the row above.
struct Merged {
  Merged(int64_t size, int64_t pad, int64_t r)
      : before(std::max<int64_t>(2 * (r - 1) - pad, 0) / 2),
        from(2 * (r - 1 - before) - pad),
        rows((size - from) / 2 + 1) {}
  int64_t before, from, rows;
};

// Parts of the tiles that have a U of their own in the weight gradient, where it is small and tiles are many.
int64_t own_parts(const Winograd& p) {
  const bool small = p.points * p.u_rows * p.lanes <= kPartFloats;
  return small ? even_pieces(std::min<double>(kParts, 1.0 * p.tiles / kPartTiles)) : 1;
}

int64_t units(const Winograd& p) { return blocks(p.tiles, kUnit); }

// Pieces of the tiles of a forward pass, whose V and M stay in L2: where they are few, as many for each thread. Outputs
// do not depend on them.
int64_t pieces(const Winograd& p) {
  const int64_t fit = std::max<int64_t>(2, kPieceFloats / (p.points * (p.v_row + p.span)) / kStep) * kStep;
  const int64_t n = std::max<int64_t>(1, (p.tiles + fit / 2) / fit), team = threads();
  return n < 8 * team ? std::clamp<int64_t>(p.tiles / kStep, 1, round_up(n, team)) : n;
}

// Whether all tiles are to be one piece, since there are few of them beside the weights: each part of U is then needed
// once, and made when it is, unless weights are kept. Forward, threads share the output channels. The parts of a weight
// gradient of phases are four times as large.
bool deep(const Winograd& p) {
  const bool backward = p.spans == 0, large = p.points * p.u_rows * p.lanes > kStreamFloats;
  const int64_t most = backward && p.split == 2 ? kDeepTiles / 4 : kDeepTiles;
  return p.merge == 1 && large && p.tiles <= most && (backward || p.spans >= threads());
}

// Tiles of a piece of the weight gradient: V and Y of a part with a U of its own stay in L2. Where U is small, they
// stay in L3 with it; a large U is seldom read again.
int64_t grad_piece(const Winograd& p) {
  if (own_parts(p) > 1) return std::max<int64_t>(kPieceFloats / (p.points * (p.v_row + p.lanes)) / 8, 1) * 8;
  const int64_t u = p.points * p.u_rows * p.lanes;
  return u <= 3 << 19 ? 64 : u <= 1 << 21 ? 128 : 192;
}

// The pass as a correlation: the input gradient is one of gy with the taps in reverse.
Winograd plan(int way, const ek_conv2d_shape& s, Conv2dPass pass) {
  Winograd p{};
  const bool back = pass == Conv2dPass::grad_input;
  p.n = s.n;
  p.c = s.c, p.h = s.h, p.w = s.w, p.top = s.pad_top, p.left = s.pad_left;
  p.o = s.o, p.oh = conv2d_oh(s), p.ow = conv2d_ow(s);
  p.split = p.merge = 1;
  p.m = tile(way, s) + seven_points(way, s, pass), p.r = strided(s) ? (s.kh + 1) / 2 : s.kh, p.side = p.m + p.r - 1,
  p.points = p.side * p.side;
  if (back) {
    std::swap(p.c, p.o), std::swap(p.h, p.oh), std::swap(p.w, p.ow);
    p.top = s.kh - 1 - p.top, p.left = s.kw - 1 - p.left;
  }
  p.to_h = p.oh, p.to_w = p.ow;
  if (strided(s) && back) {
    const Merged y(s.h, s.pad_top, p.r), x(s.w, s.pad_left, p.r);
    p.merge = 2;
    p.oh = y.rows, p.ow = x.rows, p.top = y.before, p.left = x.before, p.from_y = y.from, p.from_x = x.from;
  } else if (strided(s)) {
    p.split = 2;
  }
  const int64_t phases = p.split * p.split, channels = phases * p.c;
  p.low = p.oh % p.m + p.r - 1, p.narrow = p.ow % p.m + p.r - 1;
  p.rows = blocks(p.oh, p.m), p.cols = blocks(p.ow, p.m), p.tiles = p.n * p.rows * p.cols;
  const int64_t vector = EK_CALL_WIDE(vector_floats);
  p.lanes = round_up(p.o, vector), p.vectors = p.lanes / vector;
  p.v_phase = p.c;
  p.u_rows = channels, p.v_row = round_up(channels, 16) + 16;  // rows of V one after the other do not share a cache set
  if (pass == Conv2dPass::grad_weight) {
    p.u_rows = round_up(channels, 4) + (p.split == 2 && p.c % 4 ? 4 : 0);  // those of a phase are rounded up too
    p.deep = deep(p);
    p.piece = p.deep ? p.tiles : std::min(grad_piece(p), p.tiles);
    p.y_step = p.piece * p.lanes + 16;
  } else {
    p.span = std::min(p.lanes, kSpan), p.spans = p.merge * p.merge * blocks(p.lanes, p.span);
    p.deep = deep(p);
    p.pieces = p.deep ? 1 : pieces(p);
    p.piece = kUnit * blocks(units(p), p.pieces);
    p.m_step = p.piece * p.span + 16;
  }
  p.u_step = p.merge * p.merge * p.u_rows * p.lanes + 16;
  p.v_step = p.piece * p.v_row + 16;
  p.stream = p.points * p.u_step > kStreamFloats;
  return p;
}

void run(int way, const ek_conv2d_shape& s, Conv2dPass pass, const float* x, const float* w, int64_t w_stamp,
         const float* b, float ceiling, bool add_to, float* y) {
  Winograd p = plan(way, s, pass);
  p.ceiling = ceiling, p.add_to = add_to;
  p.stream_y = !add_to && p.n * p.to_h * p.to_w * p.o > kStreamY && at_lines(y, p.o);
  const bool forward = pass == Conv2dPass::forward;
  const int64_t image = int64_t{s.kh} * s.kw, row = image * s.c, zeros = round_up(p.c, 16);
  const WinogradWeights plain = {w, forward ? row : image, forward ? image : row, !forward};
  const Packer packer{static_cast<uint64_t>(16 * p.r + 2 * p.m + !forward), s.o, s.c};
  const Scratch shared(zeros + p.lanes);
  std::fill_n(shared.get(), zeros + p.lanes, 0.0f);
  float* bias = shared + zeros;
  if (b) std::copy_n(b, p.o, bias);
  const auto pack = [&](float* to) {
    parallel(p.vectors, 1, [&](int64_t v, int64_t) { EK_CALL_WIDE(winograd_weights, p, plain, v, to); });
  };
  const PackedWeights u(packer, w_stamp, w, p.points * p.u_step, pack, p.deep ? Pack::when_kept : Pack::always);
  if (p.deep) {
    const WinogradPiece all = winograd_piece(p, 0, p.tiles);
    const Scratch v(p.points * p.v_step);
    parallel(p.tiles, 4, [&](int64_t t, int64_t stop) { EK_CALL_WIDE(winograd_input, p, x, shared, all, t, stop, v); });
    parallel(p.spans, 1, [&](int64_t s, int64_t) {
      const Scratch m(p.points * p.m_step + (u ? 0 : winograd_part_floats(p)));
      EK_CALL_WIDE(winograd_output, p, v, u, plain, bias, y, all, s, m);
    });
    return;
  }
  // Few tiles, as of one small image: pieces of the output channels too, which transform the same input each.
  const int64_t team = threads(), groups = p.pieces < team ? std::clamp<int64_t>(2 * team / p.pieces, 1, p.spans) : 1;
  parallel(p.pieces * groups, 1, [&](int64_t i, int64_t) {
    const int64_t piece_of = i / groups, group = i % groups;
    const Scratch v(p.points * (p.v_step + p.m_step));
    const int64_t first = kUnit * cut(units(p), p.pieces, piece_of);
    const int64_t end = std::min(p.tiles, kUnit * cut(units(p), p.pieces, piece_of + 1));
    const WinogradPiece piece = winograd_piece(p, first, end - first);
    EK_CALL_WIDE(winograd_input, p, x, shared, piece, first, end, v);
    for (int64_t s = p.spans * group / groups; s < p.spans * (group + 1) / groups; ++s)
      EK_CALL_WIDE(winograd_output, p, v, u, plain, bias, y, piece, s, v + p.points * p.v_step);
  });
}
}  // namespace

bool winograd_takes(int way, const ek_conv2d_shape& s) {
  return way <= widest.load(std::memory_order_relaxed) && tile(way, s) && isa() != Isa::scalar && s.kw == s.kh &&
         s.stride_h <= 2 && s.stride_w == s.stride_h && s.dilation_h == 1 && s.dilation_w == 1 && s.groups == 1 &&
         std::max({s.pad_top, s.pad_left, s.pad_bottom, s.pad_right}) < s.kh;
}

namespace {
// Whole tiles cost 81 products beside 144 of 3x3 taps, and 121 beside 441 of 7x7; those at the edge more, as measured
// at most two of three. Of 3x3 taps channels have to pay for the transforms, and tiles for going through U.
bool strided_wins(const ek_conv2d_shape& s, Conv2dPass pass) {
  const Outputs y(s, Conv2dPass::forward);
  const int64_t m = tile(4, s), r = (s.kh + 1) / 2, pairs = int64_t{s.c} * s.o, tiles = s.n * y.tiles(m);
  const auto of_phases = [=](int64_t outputs) { return products(outputs, m, r) + products(outputs, m, r - 1); };
  if (3 * of_phases(y.h) * of_phases(y.w) > 2 * int64_t{s.kh} * s.kw * y.h * y.w) return false;
  if (s.kh == 7) return s.c >= (pass == Conv2dPass::grad_input ? 8 : 3) && s.o >= 16 && pairs >= 96;
  if (std::min(s.c, s.o) < 16) return false;
  if (pass == Conv2dPass::grad_weight) return tiles >= 16;
  if (pairs < kLargeWeights) return tiles >= 32;
  return tiles >= (isa() == Isa::avx512 ? 64 : 256);
}
}  // namespace

// Tiles cost (m + r - 1)^2 products for m^2 outputs: at most half of the direct r^2.
// For very few tiles most of the time goes into reading U from memory, of which tiles of 2 need less than half.
bool winograd_wins(int way, const ek_conv2d_shape& s, Conv2dPass pass) {
  const int most = widest.load(std::memory_order_relaxed), m = tile(most, s), r = s.kh;
  if (m == 0) return false;
  if (strided(s)) return way == 4 && strided_wins(s, pass);
  if (std::min(s.c, s.o) < (r == 3 || seven_points(way, s, pass) ? 8 : 16) || int64_t{s.c} * s.o < 80) return false;
  const Outputs y(s, pass);
  if (2 * y.products(m, r) > r * r * y.h * y.w) return false;
  const bool smaller = m == 4 && s.n * y.tiles(m) <= kFewTiles && int64_t{s.c} * s.o >= kLargeWeights;
  return way == (smaller ? 2 : most);
}

void winograd_conv2d(int way, const ek_conv2d_shape& s, const float* x, const float* w, int64_t w_stamp, const float* b,
                     float ceiling, float* y) {
  run(way, s, Conv2dPass::forward, x, w, w_stamp, b, ceiling, false, y);
}

void winograd_grad_input(int way, const ek_conv2d_shape& s, const float* gy, const float* w, int64_t w_stamp,
                         bool add_to, float* gx) {
  run(way, s, Conv2dPass::grad_input, gy, w, w_stamp, nullptr, 0, add_to, gx);
}

// Y and V of pieces of tiles, one after the other, and their products added to U. Threads share a piece, tile by tile
// and then point by point; with parts of their own they share nothing, and U is the sum of theirs. The bias's gradient
// is the sum over tiles of theirs.
void winograd_grad_weight(int way, const ek_conv2d_shape& s, const float* x, const float* gy, float* gw, float* gb) {
  const Winograd p = plan(way, s, Conv2dPass::grad_weight);
  const int64_t zeros = round_up(std::max(p.c, p.o), 16), parts = own_parts(p), floats = p.points * p.u_step;
  const int64_t row = int64_t{s.kh} * s.kw * p.c;
  const Scratch none(zeros), sums(gb ? p.tiles * p.o : 0);
  std::fill_n(none.get(), zeros, 0.0f);
  const auto transform = [&](const WinogradPiece& piece, float* v, float* y) {
    parallel(piece.count, 4, [&](int64_t t, int64_t stop) {
      for (int64_t tile = piece.first + t; tile < piece.first + stop; ++tile)
        EK_CALL_WIDE(winograd_grad_tile, p, x, gy, none, piece, tile, v, y, gb ? sums + tile * p.o : nullptr);
    });
  };
  if (p.deep) {
    const WinogradPiece piece = winograd_piece(p, 0, p.tiles);
    const Scratch v(p.points * p.v_step), y(p.points * p.y_step);
    transform(piece, v, y);
    const int64_t down = blocks(p.lanes, kWinogradPart), across = blocks(p.c, kWinogradPart);
    parallel(down * across, 1, [&](int64_t i, int64_t) {
      const Scratch u(winograd_part_floats(p));
      EK_CALL_WIDE(winograd_grad_part, p, piece, i / across * kWinogradPart, i % across * kWinogradPart, v, y, u, gw,
                   row);
    });
    if (gb) EK_CALL(sum, 1, p.tiles, p.o, sums, 1, gb);
    return;
  }
  const Scratch all(parts * floats);
  parallel(parts, 1, [&](int64_t part, int64_t) {
    const int64_t begin = cut(p.tiles, parts, part), end = cut(p.tiles, parts, part + 1);
    const Scratch v(p.points * p.v_step), y(p.points * p.y_step);
    float* u = all + part * floats;
    for (int64_t first = begin; first < end; first += p.piece) {
      const WinogradPiece piece = winograd_piece(p, first, std::min(p.piece, end - first));
      transform(piece, v, y);
      parallel(p.points, 1, [&](int64_t point, int64_t) {
        EK_CALL_WIDE(winograd_grad_products, p, point, piece, v, y, u, first > begin);
      });
    }
  });
  if (parts > 1)
    parallel(p.points, 1, [&](int64_t point, int64_t) {
      float* u = all + point * p.u_step;
      EK_CALL(add_parts, parts, u, floats, u, p.u_step);
    });
  parallel(p.vectors, 1, [&](int64_t v, int64_t) { EK_CALL_WIDE(winograd_grad_weights, p, all, v, gw, row); });
  if (gb) EK_CALL(sum, 1, p.tiles, p.o, sums, 1, gb);
}
}  // namespace ek

extern "C" {
int ek_winograd(void) { return ek::widest; }

int ek_set_winograd(int tile) {
  return ek::status_of([&] {
    if (tile != 0 && tile != 2 && tile != 4)
      ek::fail(EK_INVALID, "winograd tiles are 2 or 4, or 0 for none, got %d", tile);
    ek::widest = tile;
  });
}
}
#endif
