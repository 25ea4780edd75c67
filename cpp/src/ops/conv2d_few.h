// Direct convolution of few input channels (the first layers').
#pragma once
#include "conv2d.h"

#ifdef EK_BASE
#include "memory.h"
#include "wide/conv2d_few.h"

namespace ek {
bool few_takes(const ek_conv2d_shape& s, Conv2dPass pass);  // whether it can compute a pass of a shape
bool few_wins(const ek_conv2d_shape& s, Conv2dPass pass);   // and was measured to be the fastest
void few_conv2d(const ek_conv2d_shape& s, const float* x, const float* w, const float* b, float ceiling, bool points,
                float* y);
void few_grad_input(const ek_conv2d_shape& s, const float* gy, const float* w, bool points, float* gx);
void few_grad_weight(const ek_conv2d_shape& s, const float* x, const float* gy, bool points, float* gw, float* gb);

// By Winograd along rows, `points` above: whether that can compute a pass, and is the fastest; `pooled` with 2 x 2 max
// pooling behind the forward.
bool few_points_takes(const ek_conv2d_shape& s, Conv2dPass pass);
bool few_points_win(const ek_conv2d_shape& s, Conv2dPass pass, bool pooled);
void few_pack_points(const FewPlan& p, const float* w, float* u);  // into (block, channel, kernel row, point, lane)
// Back from such sums, behind each block of which there is one of gy.
void few_unpack_points(const FewPlan& p, const float* sums, float* gw, float* gb);

// The forward with its weights packed, for a part of the batch after another. w and b are read once; b may be null.
class FewForward {
 public:
  FewForward(const ek_conv2d_shape& s, const float* w, const float* b, float ceiling, int64_t most_chunks, bool points,
             bool pooled = false);
  int64_t scratch() const { return plan_.chunks * plan_.chunk_floats; }
  void run(int64_t images, const float* x, float* y, float* scratch) const;
  // With max pooling in windows of 2 x 2, side by side, if so planned.
  void run_pooled(int64_t images, const float* x, float* y, uint8_t* position, float* scratch) const;

 private:
  // Of packed weights: taps, or points.
  int64_t rows() const { return plan_.tile ? int64_t{plan_.s.c} * plan_.s.kh * kRowPoints : plan_.taps; }
  const float* bias() const { return packed_ + plan_.blocks * plan_.block * rows(); }

  FewPlan plan_;
  Scratch packed_;
};

// The gradients of weights and bias as sums over parts of the batch.
class FewGradWeight {
 public:
  FewGradWeight(const ek_conv2d_shape& s, int64_t most_chunks, bool points, bool pooled = false);
  int64_t chunks() const { return plan_.chunks; }
  int64_t floats() const {  // of a sum
    const FewPlan& p = plan_;
    return p.blocks * p.block * (p.tile ? int64_t{p.s.c} * p.s.kh * kRowPoints + 1 : p.tap_rows);
  }
  int64_t scratch() const { return plan_.chunks * plan_.chunk_floats; }
  // Adds those of some images to sums, which begin with zeros: one for each chunk.
  void add(int64_t images, const float* x, const float* gy, float* sums, float* scratch) const;
  // The same from the gradient behind that pooling.
  void add_pooled(int64_t images, const float* x, const float* gy, const uint8_t* position, float* sums,
                  float* scratch) const;
  // The gradients from so many sums, which are overwritten; gb may be null.
  void finish(int64_t count, float* sums, float* gw, float* gb) const;

 private:
  FewPlan plan_;
};
}  // namespace ek
#endif
