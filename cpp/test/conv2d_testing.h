// What the tests of convolution share: shapes, every product written out, and the calls.
#pragma once
#include "testing.h"

namespace testing_ek {
using Shape = ek_conv2d_shape;

inline std::string name(const Shape& s) {
  std::string text = "n" + std::to_string(s.n);
  const auto put = [&](const char* label, int a, int b) {
    text += std::string(" ") + label + std::to_string(a) + "," + std::to_string(b);
  };
  put("c,o ", s.c, s.o);
  put("x ", s.h, s.w);
  put("k ", s.kh, s.kw);
  put("s ", s.stride_h, s.stride_w);
  put("d ", s.dilation_h, s.dilation_w);
  put("p ", s.pad_top, s.pad_left);
  put("p ", s.pad_bottom, s.pad_right);
  return text + " g" + std::to_string(s.groups);
}

inline int64_t oh(const Shape& s) {
  return (s.h + s.pad_top + s.pad_bottom - s.dilation_h * (s.kh - 1) - 1) / s.stride_h + 1;
}
inline int64_t ow(const Shape& s) {
  return (s.w + s.pad_left + s.pad_right - s.dilation_w * (s.kw - 1) - 1) / s.stride_w + 1;
}
inline int64_t x_size(const Shape& s) { return int64_t{s.n} * s.h * s.w * s.c; }
inline int64_t w_size(const Shape& s) { return int64_t{s.o} * (s.c / s.groups) * s.kh * s.kw; }
inline int64_t y_size(const Shape& s) { return s.n * oh(s) * ow(s) * s.o; }

// f(x index, y index) of the first channels wherever tap (i, j) of a window lies inside the image.
template <class F>
void for_places(const Shape& s, int i, int j, const F& f) {
  for (int n = 0; n < s.n; ++n)
    for (int p = 0; p < oh(s); ++p)
      for (int q = 0; q < ow(s); ++q) {
        const int h = p * s.stride_h - s.pad_top + i * s.dilation_h, w = q * s.stride_w - s.pad_left + j * s.dilation_w;
        if (h < 0 || w < 0 || h >= s.h || w >= s.w) continue;
        f(((int64_t{n} * s.h + h) * s.w + w) * s.c, ((n * oh(s) + p) * ow(s) + q) * s.o);
      }
}

// f(x index, w index, y index) for every product of the convolution.
template <class F>
void for_products(const Shape& s, const F& f) {
  const int cg = s.c / s.groups, og = s.o / s.groups;
  for (int i = 0; i < s.kh; ++i)
    for (int j = 0; j < s.kw; ++j)
      for_places(s, i, j, [&](int64_t ix, int64_t iy) {
        for (int o = 0; o < s.o; ++o)
          for (int c = 0; c < cg; ++c) f(ix + o / og * cg + c, ((int64_t{o} * cg + c) * s.kh + i) * s.kw + j, iy + o);
      });
}

inline Floats forward(const Shape& s, const Floats& x, const Floats& w, const Floats& b, int64_t stamp = 0,
                      int activation = EK_IDENTITY) {
  Floats y(static_cast<size_t>(y_size(s)), NAN);
  EXPECT_EQ(ek_conv2d(&s, x.data(), w.data(), stamp, b.empty() ? nullptr : b.data(), activation, y.data()), EK_OK)
      << ek_error();
  return y;
}
inline Floats grad_input(const Shape& s, const Floats& gy, const Floats& w, int64_t stamp = 0) {
  Floats gx(static_cast<size_t>(x_size(s)), NAN);
  EXPECT_EQ(ek_conv2d_grad_input(&s, gy.data(), w.data(), stamp, 0, gx.data()), EK_OK) << ek_error();
  return gx;
}
// Of the weights, and behind it of the bias.
inline Floats grad_weight(const Shape& s, const Floats& x, const Floats& gy) {
  Floats g(static_cast<size_t>(w_size(s) + s.o), NAN);
  EXPECT_EQ(ek_conv2d_grad_weight(&s, x.data(), gy.data(), g.data(), g.data() + w_size(s)), EK_OK) << ek_error();
  return g;
}
inline void append_grad_bias(const Shape& s, const Floats& gy, Doubles& gw) {
  gw.resize(static_cast<size_t>(w_size(s) + s.o));
  for (size_t i = 0; i < gy.size(); ++i) gw[w_size(s) + i % s.o] += gy[i];
}

// The results in double.
struct Reference {
  Doubles y, gx, gw;  // the bias's gradient behind the weights'
};

// Every product as in for_products, but the weights of a tap at a time, by output (oc) and by input channel (co): then
// the innermost loops walk through memory, which is ten times as fast.
inline Reference reference(const Shape& s, const Floats& x, const Floats& w, const Floats& gy) {
  Reference r{Doubles(y_size(s)), Doubles(x_size(s)), Doubles(w_size(s))};
  const Doubles xs(x.begin(), x.end()), gys(gy.begin(), gy.end());
  const int cg = s.c / s.groups, og = s.o / s.groups;
  Doubles oc(int64_t{og} * cg), co(int64_t{og} * cg), gco(int64_t{og} * cg);
  const auto times = [](double a, const double* b, int count, double* sum) {
    for (int i = 0; i < count; ++i) sum[i] += a * b[i];
  };
  for (int g = 0; g < s.groups; ++g)
    for (int i = 0; i < s.kh; ++i)
      for (int j = 0; j < s.kw; ++j) {
        const auto weight = [&](int o, int c) { return ((int64_t{g} * og + o) * cg + c) * s.kh * s.kw + i * s.kw + j; };
        for (int o = 0; o < og; ++o)
          for (int c = 0; c < cg; ++c) oc[o * cg + c] = co[c * og + o] = w[weight(o, c)];
        std::fill(gco.begin(), gco.end(), 0);
        for_places(s, i, j, [&](int64_t ix, int64_t iy) {
          ix += g * cg, iy += g * og;
          for (int c = 0; c < cg; ++c) {
            times(xs[ix + c], &co[c * og], og, &r.y[iy]);
            times(xs[ix + c], &gys[iy], og, &gco[c * og]);
          }
          for (int o = 0; o < og; ++o) times(gys[iy + o], &oc[o * cg], cg, &r.gx[ix]);
        });
        for (int o = 0; o < og; ++o)
          for (int c = 0; c < cg; ++c) r.gw[weight(o, c)] = gco[c * og + o];
      }
  append_grad_bias(s, gy, r.gw);
  return r;
}

// The largest error over the root mean square of what is wanted.
inline double error(const Floats& got, const Doubles& want) {
  double squares = 0, worst = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    squares += want[i] * want[i];
    worst = std::fmax(worst, std::isnan(got[i]) ? INFINITY : std::fabs(got[i] - want[i]));
  }
  return worst / std::sqrt(squares / static_cast<double>(want.size()));
}

// No Winograd while it lives: sums and products of integers are exact then.
struct Direct {
  Direct() { ek_set_winograd(0); }
  ~Direct() { ek_set_winograd(before); }
  const int before = ek_winograd();
};

inline bool vectors() { return std::string(ek_isa()) != "scalar"; }

// A choice while it lives.
struct Chosen {
  Chosen(const Shape& s, int pass, const std::string& name) : shape(s), pass(pass) {
    EXPECT_EQ(ek_conv2d_choose(&shape, pass, name.c_str()), EK_OK) << ek_error();
  }
  ~Chosen() { ek_conv2d_choose_none(); }
  const Shape shape;
  const int pass;
};
}  // namespace testing_ek
