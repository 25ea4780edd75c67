/*
 * Einkorn's native kernels: the whole C ABI.
 *
 * Conventions
 *   - Functions that can fail return a status: EK_OK or one of enum ek_status; ek_error() then holds the
 *     message of the calling thread. No C++ exception and no abort crosses this boundary.
 *   - Tensors are dense float32 buffers from ek_alloc (64-byte aligned): x, y, z are data, gx, gy gradients.
 *     int64_t buffers hold labels and indices, uint8_t buffers hold bools, bytes and pooling positions.
 *   - A 4-D activation is stored channels-last (N,H,W,C); weights are OIHW as in PyTorch.
 *   - Callers have checked shapes, dtypes and liveness. Values that index memory (labels, positions) are
 *     checked here, because only here they are read.
 *   - Arrays of ek_dim and double are small host arrays (extents, strides, places); everything else is tensor memory.
 *   - Results do not depend on the number of threads: work is split by shape.
 */
#ifndef EINKORN_H
#define EINKORN_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32)
#define EK_API
#else
#define EK_API __attribute__((visibility("default")))
#endif

typedef int64_t ek_dim;

enum ek_status { EK_OK = 0, EK_OUT_OF_MEMORY = 1, EK_INVALID = 2, EK_INTERNAL = 3 };
enum ek_dtype { EK_FLOAT32 = 0, EK_INT64 = 1, EK_UINT8 = 2, EK_BOOL = 3 };
enum ek_comparison { EK_EQ = 0, EK_NE = 1, EK_LT = 2, EK_LE = 3, EK_GT = 4, EK_GE = 5 };
enum ek_reduction { EK_NONE = 0, EK_MEAN = 1, EK_SUM = 2 };

/* ---- errors, machine, threads: src/error.cpp, src/isa.cpp, src/threads.cpp ---- */

/* Message of the last failure on this thread; valid until the next failing call. */
EK_API const char* ek_error(void);
/* Checks the CPU and environment (EINKORN_ISA), tames OpenBLAS's own threads. Idempotent. */
EK_API int ek_init(void);
/* "avx512", "avx2" or "scalar". */
EK_API const char* ek_isa(void);
/* Versions of this library, oneDNN and OpenBLAS, and the kernels each of them chose. */
EK_API const char* ek_versions(void);
EK_API int ek_threads(void);
EK_API int ek_set_threads(int threads);

/* Brand of the processor, empty where it says none. */
EK_API const char* ek_cpu(void);

/* ---- what was run: src/profile.cpp ---- */

/* Counts from zero: every operation if `all`, else (as at the start) convolutions alone. */
EK_API int ek_profiling(void);
EK_API int ek_set_profiling(int all);
/* A line for each operation with its numbers (ek_conv2d_shape; batch, m, k, n of a product; none), the fields
   separated by tabs: name, algorithm, calls, nanoseconds and flops in total, numbers. The least recent of more than
   1024 lines are dropped. Valid until this thread's next call. */
EK_API const char* ek_profile(void);

/* ---- memory: src/memory.cpp ---- */

/* A 64-byte aligned block, or NULL when the limit or the machine is exhausted (ek_error() says which). */
EK_API void* ek_alloc(int64_t bytes);
EK_API void ek_free(void* block);
/* Upper bound on resident bytes, cached ones included; 0 means none. */
EK_API void ek_memory_limit(int64_t bytes);
/* Gives cached blocks back to the operating system; returns the bytes given back. */
EK_API int64_t ek_memory_trim(void);
EK_API int64_t ek_memory_used(void);
EK_API int64_t ek_memory_cached(void);
EK_API int64_t ek_memory_peak(void);
/* Blocks asked of the operating system so far; constant in a steady state. */
EK_API int64_t ek_memory_grown(void);

/* ---- copies: src/ops/copy.cpp ---- */

/* Between tensor memory and a Java array: bytes from host + offset (or to it). */
EK_API void ek_put(void* y, const void* host, int64_t offset, int64_t bytes);
EK_API void ek_get(const void* x, void* host, int64_t offset, int64_t bytes);
EK_API float ek_read_float(const float* x);
EK_API int64_t ek_read_long(const int64_t* x);
EK_API int ek_read_byte(const uint8_t* x);
EK_API int ek_copy(const void* x, void* y, int64_t bytes);
EK_API int ek_fill_float(float* y, float value, int64_t n);
EK_API int ek_fill_long(int64_t* y, int64_t value, int64_t n);
EK_API int ek_fill_byte(uint8_t* y, int value, int64_t n);
/* y[i . ys] = x[i . xs] over all indices i < dims; strides in elements, element size 1, 4 or 8 bytes.
   Serves permute, slice, concatenate, pad, expand and NCHW <-> channels-last. */
EK_API int ek_strided_copy(int ndim, const ek_dim* dims, const ek_dim* xs, const ek_dim* ys, int element, const void* x,
                           void* y);
/* 1 if both hold the same bytes, else 0. */
EK_API int ek_same(const void* x, const void* y, int64_t bytes);
/* Converts between dtypes (enum ek_dtype); float to int truncates, to bool is != 0. */
EK_API int ek_cast(int from, const void* x, int to, void* y, int64_t n);
/* y[i] = x[index[i]]: n rows of `bytes` bytes out of `rows`; EK_INVALID when an index is out of range. */
EK_API int ek_gather_rows(const void* x, int64_t rows, int64_t bytes, const int64_t* index, int64_t n, void* y);
/* gx[index[i]] += gy[i] for float rows of length `row`; gx is zeroed first. */
EK_API int ek_gather_rows_grad(const float* gy, const int64_t* index, int64_t n, int64_t row, float* gx, int64_t rows);
/* y = x * scale + shift for bytes x: images 0..255 to floats. */
EK_API int ek_bytes_to_float(const uint8_t* x, float* y, int64_t n, float scale, float shift);

/* ---- element-wise: src/ops/unary.cpp, activation.cpp ---- */

EK_API int ek_neg(const float* x, float* y, int64_t n);
EK_API int ek_abs(const float* x, float* y, int64_t n);
EK_API int ek_abs_grad(const float* x, const float* gy, float* gx, int64_t n);
EK_API int ek_square(const float* x, float* y, int64_t n);
EK_API int ek_square_grad(const float* x, const float* gy, float* gx, int64_t n);
EK_API int ek_sqrt(const float* x, float* y, int64_t n);
EK_API int ek_sqrt_grad(const float* y, const float* gy, float* gx, int64_t n);
EK_API int ek_exp(const float* x, float* y, int64_t n);
EK_API int ek_exp_grad(const float* y, const float* gy, float* gx, int64_t n);
EK_API int ek_log(const float* x, float* y, int64_t n);
EK_API int ek_log_grad(const float* x, const float* gy, float* gx, int64_t n);
/* y = x^exponent, as C's powf. */
EK_API int ek_pow(const float* x, float exponent, float* y, int64_t n);
EK_API int ek_pow_grad(const float* x, float exponent, const float* gy, float* gx, int64_t n);
/* y = min(max(x, low), high); the gradient passes where low <= x <= high. */
EK_API int ek_clamp(const float* x, float low, float high, float* y, int64_t n);
EK_API int ek_clamp_grad(const float* x, float low, float high, const float* gy, float* gx, int64_t n);
/* y = a x + b: a number added, subtracted or multiplied. */
EK_API int ek_affine(const float* x, float a, float b, float* y, int64_t n);
/* y = x / a */
EK_API int ek_div_scalar(const float* x, float a, float* y, int64_t n);
/* y += a x */
EK_API int ek_axpy(float a, const float* x, float* y, int64_t n);
/* y = a / x: a number divided by a tensor; gx = -gy y / x. */
EK_API int ek_reciprocal(const float* x, float a, float* y, int64_t n);
EK_API int ek_reciprocal_grad(const float* x, const float* y, const float* gy, float* gx, int64_t n);

EK_API int ek_relu(const float* x, float* y, int64_t n);
/* y = max(a + b, 0); ek_relu_grad is the gradient of both. */
EK_API int ek_add_relu(const float* a, const float* b, float* y, int64_t n);
EK_API int ek_relu_grad(const float* y, const float* gy, float* gx, int64_t n);
/* y = min(max(x, 0), 6) */
EK_API int ek_relu6(const float* x, float* y, int64_t n);
EK_API int ek_relu6_grad(const float* y, const float* gy, float* gx, int64_t n);
/* y = x > 0 ? x : slope x */
EK_API int ek_leaky_relu(const float* x, float slope, float* y, int64_t n);
EK_API int ek_leaky_relu_grad(const float* x, float slope, const float* gy, float* gx, int64_t n);
/* y = x > 0 ? x : alpha (e^x - 1) */
EK_API int ek_elu(const float* x, float alpha, float* y, int64_t n);
EK_API int ek_elu_grad(const float* x, float alpha, const float* gy, float* gx, int64_t n);
/* y = x Phi(x) with the normal distribution Phi, or its approximation by tanh. */
EK_API int ek_gelu(const float* x, int approximate, float* y, int64_t n);
EK_API int ek_gelu_grad(const float* x, int approximate, const float* gy, float* gx, int64_t n);
/* y = x / (1 + e^-x) */
EK_API int ek_silu(const float* x, float* y, int64_t n);
EK_API int ek_silu_grad(const float* x, const float* gy, float* gx, int64_t n);
/* y = x > 0 ? 1 : 0 */
EK_API int ek_step(const float* x, float* y, int64_t n);
EK_API int ek_sigmoid(const float* x, float* y, int64_t n);
EK_API int ek_sigmoid_grad(const float* y, const float* gy, float* gx, int64_t n);
EK_API int ek_tanh(const float* x, float* y, int64_t n);
EK_API int ek_tanh_grad(const float* y, const float* gy, float* gx, int64_t n);

/* ---- two operands, broadcast: src/ops/binary.cpp, compare.cpp ---- */

/* z[i] = x[i . xs] (op) y[i . ys], z dense over dims; a stride of 0 repeats. xs and ys in elements. */
EK_API int ek_add(int ndim, const ek_dim* dims, const ek_dim* xs, const ek_dim* ys, const float* x, const float* y,
                  float* z);
EK_API int ek_sub(int ndim, const ek_dim* dims, const ek_dim* xs, const ek_dim* ys, const float* x, const float* y,
                  float* z);
EK_API int ek_mul(int ndim, const ek_dim* dims, const ek_dim* xs, const ek_dim* ys, const float* x, const float* y,
                  float* z);
EK_API int ek_div(int ndim, const ek_dim* dims, const ek_dim* xs, const ek_dim* ys, const float* x, const float* y,
                  float* z);
EK_API int ek_maximum(int ndim, const ek_dim* dims, const ek_dim* xs, const ek_dim* ys, const float* x, const float* y,
                      float* z);
EK_API int ek_minimum(int ndim, const ek_dim* dims, const ek_dim* xs, const ek_dim* ys, const float* x, const float* y,
                      float* z);
/* Comparison (enum ek_comparison) of two operands of one dtype (enum ek_dtype): z is 0 or 1. */
EK_API int ek_compare(int comparison, int dtype, int ndim, const ek_dim* dims, const ek_dim* xs, const ek_dim* ys,
                      const void* x, const void* y, uint8_t* z);
/* z[i] = comparison of x[i] with a number. */
EK_API int ek_compare_scalar(int comparison, int dtype, const void* x, double value, uint8_t* z, int64_t n);

/* ---- reductions of (outer, n, inner) over n: src/ops/reduce.cpp ---- */

/* y[o,i] = scale * sum_n x[o,n,i] */
EK_API int ek_sum(int64_t outer, int64_t n, int64_t inner, const float* x, float scale, float* y);
/* Integer sum of int64, uint8 or bool elements. */
EK_API int ek_sum_long(int dtype, int64_t outer, int64_t n, int64_t inner, const void* x, int64_t* y);
/* y = largest element, index = its position along n (the first one; NaN wins, as in PyTorch). y may be NULL. */
EK_API int ek_max(int64_t outer, int64_t n, int64_t inner, const float* x, float* y, int64_t* index);
EK_API int ek_min(int64_t outer, int64_t n, int64_t inner, const float* x, float* y, int64_t* index);
/* gx[o,index[o,i],i] = gy[o,i], zero elsewhere: the gradient of ek_max and ek_min. */
EK_API int ek_select_grad(int64_t outer, int64_t n, int64_t inner, const float* gy, const int64_t* index, float* gx);

/* ---- softmax and losses: src/ops/softmax.cpp, losses.cpp ---- */

EK_API int ek_softmax(int64_t rows, int64_t n, const float* x, float* y);
EK_API int ek_softmax_grad(int64_t rows, int64_t n, const float* y, const float* gy, float* gx);
EK_API int ek_log_softmax(int64_t rows, int64_t n, const float* x, float* y);
EK_API int ek_log_softmax_grad(int64_t rows, int64_t n, const float* y, const float* gy, float* gx);
/* loss = reduction of -log softmax(x)[label]; p = softmax(x) is kept for the gradient. loss has `rows`
   elements when reduction is EK_NONE, else one. EK_INVALID names the first label outside 0..n-1. */
EK_API int ek_cross_entropy(int64_t rows, int64_t n, const float* x, const int64_t* label, int reduction, float* loss,
                            float* p);
EK_API int ek_cross_entropy_grad(int64_t rows, int64_t n, const float* p, const int64_t* label, int reduction,
                                 const float* gloss, float* gx);
/* loss = reduction of -x[label], x being log-probabilities. */
EK_API int ek_nll(int64_t rows, int64_t n, const float* x, const int64_t* label, int reduction, float* loss);
EK_API int ek_nll_grad(int64_t rows, int64_t n, const int64_t* label, int reduction, const float* gloss, float* gx);
/* loss = reduction of -(t log x + (1-t) log(1-x)), logarithms clamped at -100. EK_INVALID names the first x outside
   0..1, or NaN. */
EK_API int ek_bce(int64_t n, const float* x, const float* t, int reduction, float* loss);
EK_API int ek_bce_grad(int64_t n, const float* x, const float* t, int reduction, const float* gloss, float* gx);
/* loss = reduction of the same with sigmoid(x) for x: max(x,0) - x t + log(1 + e^-|x|) */
EK_API int ek_bce_with_logits(int64_t n, const float* x, const float* t, int reduction, float* loss);
EK_API int ek_bce_with_logits_grad(int64_t n, const float* x, const float* t, int reduction, const float* gloss,
                                   float* gx);
/* loss = reduction of (x-t)^2 */
EK_API int ek_mse(int64_t n, const float* x, const float* t, int reduction, float* loss);
EK_API int ek_mse_grad(int64_t n, const float* x, const float* t, int reduction, const float* gloss, float* gx);

/* ---- random: src/ops/random.cpp; Philox 4x32-10 keyed by seed, counted from offset in blocks of four ---- */

/* Uniform on [low, high). Uses (n + 3) / 4 counts. */
EK_API int ek_uniform(uint64_t seed, uint64_t offset, float low, float high, float* y, int64_t n);
/* Normal by Box-Muller. Uses (n + 3) / 4 counts. */
EK_API int ek_normal(uint64_t seed, uint64_t offset, float mean, float std, float* y, int64_t n);
/* y = x / (1-p) with probability 1-p, else 0. The same call on gy gives gx. Uses (n + 3) / 4 counts. */
EK_API int ek_dropout(uint64_t seed, uint64_t offset, double p, const float* x, float* y, int64_t n);

/* ---- matrices: src/ops/matmul.cpp (oneDNN, OpenBLAS) ---- */

/* C[b] = op(A[b]) op(B[b]) for b < batch, C row-major m x n; op transposes when ta (A stored k x m) or tb (B
   stored n x k). a_step and b_step are the elements from one batch matrix to the next; 0 repeats it. */
EK_API int ek_matmul(int64_t batch, int64_t m, int64_t n, int64_t k, int ta, int tb, const float* a, int64_t a_step,
                     const float* b, int64_t b_step, float* c);

/* What operations may apply to their output, where they say so: y, max(y, 0), tanh(y), 1 / (1 + e^-y),
   min(max(y, 0), 6). */
enum { EK_IDENTITY = 0, EK_RELU = 1, EK_TANH = 2, EK_SIGMOID = 3, EK_RELU6 = 4 };

/* y (m x n) = activation(x (m x k) w^T + b), w being n x k; b may be NULL. */
EK_API int ek_linear(int64_t m, int64_t n, int64_t k, const float* x, const float* w, const float* b, int activation,
                     float* y);
/* The gradients of x, w and b; those that are NULL are left out. y is the output, for activations but EK_IDENTITY. */
EK_API int ek_linear_grad(int64_t m, int64_t n, int64_t k, const float* x, const float* w, const float* y,
                          const float* gy, int activation, float* gx, float* gw, float* gb);

/* ---- convolution: src/ops/conv2d_algorithms.cpp, conv2d_choose.cpp; x (n,h,w,c) and y (n,oh,ow,o) channels-last,
   w (o, c/groups, kh, kw) ---- */

typedef struct ek_conv2d_shape {
  int32_t n, c, h, w;                                 /* input */
  int32_t o, kh, kw;                                  /* output channels, kernel */
  int32_t stride_h, stride_w, dilation_h, dilation_w; /* dilation 1 is dense */
  int32_t pad_top, pad_left, pad_bottom, pad_right;
  int32_t groups;
} ek_conv2d_shape;

/* w_stamp identifies the contents of w: a repacked copy is reused until ek_forget_weights(w_stamp); 0 never caches.
   b may be NULL. activation is applied to y: EK_IDENTITY, EK_RELU or EK_RELU6, else EK_INVALID. */
EK_API int ek_conv2d(const ek_conv2d_shape* shape, const float* x, const float* w, int64_t w_stamp, const float* b,
                     int activation, float* y);
/* add_to: gx is added to what is there. */
EK_API int ek_conv2d_grad_input(const ek_conv2d_shape* shape, const float* gy, const float* w, int64_t w_stamp,
                                int add_to, float* gx);
/* gb, the bias's gradient, may be NULL. */
EK_API int ek_conv2d_grad_weight(const ek_conv2d_shape* shape, const float* x, const float* gy, float* gw, float* gb);
/* The contents with this stamp are gone: its repacked copies are freed. */
EK_API void ek_forget_weights(int64_t w_stamp);
/* The tile (outputs on a side) of Winograd convolution: 4 (the default), 2 (more exact), 0 (not used). */
EK_API int ek_winograd(void);
EK_API int ek_set_winograd(int tile);
/* A pass is 0 (forward), 1 (input gradient) or 2 (weight gradient); each is computed by the first algorithm of a table
   that takes the shape and was measured to be the fastest for it. Texts are valid until this thread's next call, NULL
   where EK_INVALID is meant: the shape or pass cannot be. */
/* The names of the algorithms that can compute a pass, separated by spaces: the table's choice, then the others. All
   there are for a NULL shape. */
EK_API const char* ek_conv2d_candidates(const ek_conv2d_shape* shape, int pass);
/* Computes a pass of a shape by the named algorithm from now on, unless a setting (ek_set_winograd) forbids it.
   EK_INVALID if it does not take the shape. */
EK_API int ek_conv2d_choose(const ek_conv2d_shape* shape, int pass, const char* algorithm);
/* Leaves all to the table again. */
EK_API void ek_conv2d_choose_none(void);
/* The name of an algorithm (NULL: of the one that is taken), the layout in which it computes, and oneDNN's own name of
   its kernel if it has one, separated by spaces. */
EK_API const char* ek_conv2d_explain(const ek_conv2d_shape* shape, int pass, const char* algorithm);
/* Times the candidates in turns, five or more rounds of them, and writes the median of each. packed: with weights that
   do not change, as in inference; else they are repacked each time. EK_INVALID if there are not as many candidates, as
   when ek_set_winograd was called meanwhile. */
EK_API int ek_conv2d_time(const ek_conv2d_shape* shape, int pass, int packed, int candidates, ek_dim* nanoseconds);

/* ---- pooling: src/ops/max_pool2d.cpp, avg_pool2d.cpp; channels-last ---- */

typedef struct ek_pool2d_shape {
  int32_t n, c, h, w;
  int32_t kh, kw, stride_h, stride_w, dilation_h, dilation_w;
  int32_t pad_top, pad_left;
  int32_t oh, ow; /* given by the caller, who knows about ceil mode and the far padding */
  int32_t pad_bottom, pad_right;
  int32_t count_pad; /* average: 1 divides by the padded window, 0 by what lies inside */
} ek_pool2d_shape;

/* position: the tap kh_i * kw + kw_i of each maximum, one byte each; four bytes each (int32_t) where the window
   has more than 255 taps. NULL when no gradient is wanted. The first maximum wins; NaN wins over everything.
   relu: y = max(y, 0), and the position where that cut is kh * kw, which no gradient reaches. */
EK_API int ek_max_pool2d(const ek_pool2d_shape* shape, int relu, const float* x, float* y, void* position);
EK_API int ek_max_pool2d_grad(const ek_pool2d_shape* shape, const float* gy, const void* position, float* gx);

EK_API int ek_avg_pool2d(const ek_pool2d_shape* shape, const float* x, float* y);
EK_API int ek_avg_pool2d_grad(const ek_pool2d_shape* shape, const float* gy, float* gx);

/* ---- images in another size: src/ops/bilinear2d.cpp; x (n,h,w,c) and y (n,oh,ow,c) channels-last ---- */

/* y[n,i,j,c] lies between the rows low and high of i, of which it takes 1 - t and t, and likewise between the columns
   of j. EK_INVALID names the first place that is not in 0..h-1 or 0..w-1; the arrays have oh and ow elements. */
EK_API int ek_bilinear2d(int64_t n, int64_t h, int64_t w, int64_t c, int64_t oh, int64_t ow, const ek_dim* row_low,
                         const ek_dim* row_high, const double* row_t, const ek_dim* column_low,
                         const ek_dim* column_high, const double* column_t, const float* x, float* y);
EK_API int ek_bilinear2d_grad(int64_t n, int64_t h, int64_t w, int64_t c, int64_t oh, int64_t ow, const ek_dim* row_low,
                              const ek_dim* row_high, const double* row_t, const ek_dim* column_low,
                              const ek_dim* column_high, const double* column_t, const float* gy, float* gx);

/* ---- convolution, activation and pooling at once: src/ops/conv2d_pool2d.cpp, conv2d_planar.cpp ---- */

/* The activation between the two is not EK_RELU6.
   y = the largest, or the average, of each window of activated ek_conv2d's, and the gradients of its weights and bias
   (gb may be NULL), without that output or its gradient in memory. planar: y and gy are (n, c, h, w) in memory, else
   channels-last. kept takes so many bytes; -1 where it cannot be had so, or was measured to be no faster, with a
   gradient behind it or without: */
EK_API ek_dim ek_conv2d_pool2d_kept(const ek_conv2d_shape* conv, const ek_pool2d_shape* pool, int average,
                                    int activation, int gradient);
EK_API int ek_conv2d_pool2d(const ek_conv2d_shape* conv, const ek_pool2d_shape* pool, int average, int activation,
                            int planar, const float* x, const float* w, const float* b, float* y, void* kept);
EK_API int ek_conv2d_pool2d_grad(const ek_conv2d_shape* conv, const ek_pool2d_shape* pool, int average, int activation,
                                 int planar, const float* x, const float* gy, const void* kept, float* gw, float* gb);

/* ---- windows as columns: src/ops/unfold.cpp; x (n,c,h,w) and y (n, c kh kw, oh ow) in row-major order ---- */

/* y[n, (c,i,j), (p,q)] = x[n, c, p stride + i dilation - pad, q stride + j dilation - pad], 0 in the padding. */
EK_API int ek_unfold(const ek_pool2d_shape* shape, const float* x, float* y);
/* Its adjoint: x is the sum of what lies over each element. */
EK_API int ek_fold(const ek_pool2d_shape* shape, const float* y, float* x);

/* ---- batch norm over rows of c channels: src/ops/batch_norm.cpp; x is (rows, c), channels-last ---- */

/* Training: mean and inverse deviation of this batch are written to mean and invstd (kept for the gradient);
   running_mean and running_var (either both or neither NULL) move by `momentum` towards the batch's mean and
   unbiased variance. gamma and beta may be NULL (1 and 0). residual (rows, c), unless NULL, is added to y, and then
   activation is applied: EK_IDENTITY, EK_RELU or EK_RELU6, else EK_INVALID. The gradient passes where that did; of a
   sum it is asked for with EK_IDENTITY and the sum's gradient. */
EK_API int ek_batch_norm(int64_t rows, int64_t c, const float* x, const float* gamma, const float* beta, float eps,
                         int activation, const float* residual, float* y, float* mean, float* invstd,
                         float* running_mean, float* running_var, float momentum);
EK_API int ek_batch_norm_grad(int64_t rows, int64_t c, const float* x, const float* gy, const float* gamma,
                              const float* beta, int activation, const float* mean, const float* invstd, float* gx,
                              float* ggamma, float* gbeta);
/* Evaluation with running statistics: y = (x - mean) / sqrt(var + eps) * gamma + beta. invstd is written. */
EK_API int ek_batch_norm_eval(int64_t rows, int64_t c, const float* x, const float* gamma, const float* beta,
                              const float* mean, const float* var, float eps, int activation, float* y, float* invstd);
EK_API int ek_batch_norm_eval_grad(int64_t rows, int64_t c, const float* x, const float* gy, const float* gamma,
                                   const float* beta, int activation, const float* mean, const float* invstd, float* gx,
                                   float* ggamma, float* gbeta);

/* ---- across the channels of a pixel: src/ops/local_response_norm.cpp; x is (rows, c), channels-last ---- */

/* y = x d^-beta with d = k + alpha * sum of x^2 over the channels c - before .. c + after that there are. */
EK_API int ek_local_response_norm(int64_t rows, int64_t c, const float* x, int64_t before, int64_t after, float alpha,
                                  float beta, float k, float* y);
EK_API int ek_local_response_norm_grad(int64_t rows, int64_t c, const float* x, int64_t before, int64_t after,
                                       float alpha, float beta, float k, const float* gy, float* gx);

/* ---- each row by itself: src/ops/layer_norm.cpp; x is (rows, n) ---- */

/* y = (x - mean) invstd gamma + beta; mean and invstd = 1 / sqrt(biased variance + eps) of each row are written and
   kept for the gradient. gamma and beta (n) may be NULL (1 and 0). */
EK_API int ek_layer_norm(int64_t rows, int64_t n, const float* x, const float* gamma, const float* beta, float eps,
                         float* y, float* mean, float* invstd);
/* ggamma and gbeta: both or neither NULL. */
EK_API int ek_layer_norm_grad(int64_t rows, int64_t n, const float* x, const float* gy, const float* gamma,
                              const float* mean, const float* invstd, float* gx, float* ggamma, float* gbeta);

/* ---- optimizers, all parameters in one pass: src/ops/optimizers.cpp; coefficients in double, as PyTorch ---- */

typedef struct ek_param {
  float* p;       /* parameter */
  const float* g; /* gradient */
  float* m;       /* the optimizer's state: up to three tensors, NULL where it needs none */
  float* v;
  float* a;
  int64_t n;
} ek_param;

/* The length of all gradients laid end to end: sqrt of the sum of g^2. */
EK_API double ek_grad_norm(const ek_param* params, int64_t count);
/* g += decay p; m = first ? g : momentum m + (1 - dampening) g; p -= lr (nesterov ? g + momentum m : m);
   m is NULL without momentum. */
EK_API int ek_sgd(const ek_param* params, int64_t count, double lr, double momentum, double dampening, int nesterov,
                  double decay, int first);
/* Adam at step t >= 1 (bias corrected); decoupled decay is AdamW: p -= lr decay p before the step. */
EK_API int ek_adam(const ek_param* params, int64_t count, double lr, double beta1, double beta2, double eps,
                   double decay, int decoupled, int64_t t);
/* Adam's moments, and p -= (grad_step g + moment_step m) / (sqrt(v) / sqrt(1 - beta2^t) + eps). */
EK_API int ek_nadam(const ek_param* params, int64_t count, double lr, double beta1, double beta2, double eps,
                    double decay, int decoupled, double grad_step, double moment_step, int64_t t);
/* g += decay p; m += g^2; p -= lr g / (sqrt(m) + eps). */
EK_API int ek_adagrad(const ek_param* params, int64_t count, double lr, double eps, double decay);
/* g += decay p; m = alpha m + (1-alpha) g^2, less the square of the mean of g if centered; d = g / (sqrt(m) + eps);
   p -= lr d, or, with momentum, lr (b = momentum b + d). b is v; the mean is a with momentum, else v. */
EK_API int ek_rmsprop(const ek_param* params, int64_t count, double lr, double alpha, double eps, double momentum,
                      int centered, double decay);

#ifdef __cplusplus
}
#endif

#endif
