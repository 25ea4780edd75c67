// Rows of operations that move elements.
#include <cstring>

#include "row.h"

namespace {
// y[i . ys] = x[i . xs] from element x_from to y_from, for i < dims.
Call copy(const Dims& dims, const Buffer& x, int64_t x_from, const Dims& xs, const Buffer& y, int64_t y_from,
          const Dims& ys) {
  return [=] {
    ek_strided_copy(static_cast<int>(dims.size()), dims.data(), xs.data(), ys.data(), 4, x + x_from, y + y_from);
  };
}

// Settings: where each dimension of y was in x.
const Family kPermute("permute", [](const Row& r) {
  const Dims from = strides(r.inputs[0]), to = strides(r.output);
  Dims xs, back(to.size());
  for (size_t i = 0; i < to.size(); ++i) {
    const auto was = static_cast<size_t>(r.integer(i));
    xs.push_back(from[was]);
    back[was] = to[i];
  }
  const Buffer x(r.size(0)), y(r.size(0)), gx(r.size(0));
  return op(copy(r.output, x, 0, xs, y, 0, to), copy(r.inputs[0], y, 0, back, gx, 0, from));
});

// Settings: dimension, start, length.
const Family kNarrow("narrow", [](const Row& r) {
  Dims dims = r.inputs[0];
  const Dims xs = strides(dims);
  const auto dim = static_cast<size_t>(r.integer(0));
  const int64_t from = r.integer(1) * xs[dim], all = r.size(0);
  dims[dim] = r.integer(2);
  const Buffer x(all), y(size_of(dims)), gx(all);
  const Call paste = copy(dims, y, 0, strides(dims), gx, from, xs);
  return op(copy(dims, x, from, xs, y, 0, strides(dims)), [=] {
    ek_fill_float(gx, 0, all);
    paste();
  });
});

// Settings: the dimension. Each input is a block of every row of y.
const Family kCat("cat", [](const Row& r) {
  const Dims& first = r.inputs[0];
  const int64_t rows = size_of(Dims(first.begin(), first.begin() + r.integer(0))), all = size_of(r.output);
  const Buffer y(all);
  std::vector<Call> forward, backward;
  int64_t at = 0;
  for (size_t i = 0; i < r.inputs.size(); at += r.size(i++) / rows) {
    const Buffer x(r.size(i)), gx(r.size(i));
    const Dims block{rows, r.size(i) / rows}, xs{block[1], 1}, ys{all / rows, 1};
    forward.push_back(copy(block, x, 0, xs, y, at, ys));
    backward.push_back(copy(block, y, at, ys, gx, 0, xs));
  }
  const auto each = [](const std::vector<Call>& calls) {
    return [=] {
      for (const Call& call : calls) call();
    };
  };
  return op(each(forward), each(backward));
});

// Settings: rows above, columns at the left.
const Family kPad2d("pad2d", [](const Row& r) {
  const Dims xs = strides(r.inputs[0]), ys = strides(r.output);
  const int64_t n = r.size(0), all = size_of(r.output), rank = static_cast<int64_t>(ys.size());
  const int64_t from = r.integer(0) * ys.at(static_cast<size_t>(rank - 2)) + r.integer(1);
  const Buffer x(n), y(all), gx(n);
  const Call paste = copy(r.inputs[0], x, 0, xs, y, from, ys);
  const auto forward = [=] {
    ek_fill_float(y, 0, all);
    paste();
  };
  return op(forward, copy(r.inputs[0], y, from, ys, gx, 0, xs));
});

// Settings: kernel, strides, dilations, padding before and after.
ek_pool2d_shape window(const Row& r, const Dims& image) {
  const auto x = [&](size_t i) { return static_cast<int32_t>(image[i]); };
  const auto a = [&](size_t i) { return static_cast<int32_t>(r.integer(i)); };
  const auto out = [&](size_t i) {
    const int32_t in = x(2 + i) + a(6 + i) + a(8 + i);
    return (in - a(4 + i) * (a(i) - 1) - 1) / a(2 + i) + 1;
  };
  return {x(0), x(1), x(2), x(3), a(0), a(1), a(2), a(3), a(4), a(5), a(6), a(7), out(0), out(1), a(8), a(9), 0};
}
const Family kUnfold("unfold", [](const Row& r) {
  const ek_pool2d_shape s = window(r, r.inputs[0]);
  const Buffer x(r.size(0)), y(size_of(r.output)), gx(r.size(0));
  return op([=] { ek_unfold(&s, x, y); }, [=] { ek_fold(&s, y, gx); });
});
const Family kFold("fold", [](const Row& r) {
  const ek_pool2d_shape s = window(r, r.output);
  const Buffer y(r.size(0)), x(size_of(r.output)), gy(r.size(0));
  return op([=] { ek_fold(&s, y, x); }, [=] { ek_unfold(&s, x, gy); });
});

// The table, then the rows of it.
const Family kEmbedding("embedding", [](const Row& r) {
  const int64_t rows = r.inputs[0][0], length = r.inputs[0][1], n = r.size(1);
  const Buffer x(r.size(0)), gx(r.size(0)), y(n * length);
  std::vector<int64_t> index;
  for (int64_t i = 0; i < n; ++i) index.push_back(i * 7919 % rows);
  return op([=] { ek_gather_rows(x, rows, 4 * length, index.data(), n, y); },
            [=] { ek_gather_rows_grad(y, index.data(), n, length, gx, rows); });
});

const Family kIndexSelect("indexSelect", [](const Row& r) {
  const int64_t rows = r.inputs[0][0], length = r.size(0) / rows, n = r.size(1);
  const Buffer x(r.size(0)), gx(r.size(0)), y(n * length);
  std::vector<int64_t> index;
  for (int64_t i = 0; i < n; ++i) index.push_back(i * 7919 % rows);
  return op([=] { ek_gather_rows(x, rows, 4 * length, index.data(), n, y); },
            [=] { ek_gather_rows_grad(y, index.data(), n, length, gx, rows); });
});
}  // namespace
