// Rows of reductions: sums, means and extremes.
#include "row.h"

namespace {
// Dims in the order of memory, and where each of them was.
std::vector<size_t> order(const Row& r) {
  if (r.last) return {0, 2, 3, 1};
  std::vector<size_t> identity(r.inputs[0].size());
  for (size_t i = 0; i < identity.size(); ++i) identity[i] = i;
  return identity;
}

// Settings: whether it is a mean, and the dimensions, none for all.
const Family kSum("sum", [](const Row& r) {
  std::vector<bool> named(r.inputs[0].size(), r.settings.size() == 1);
  for (size_t i = 1; i < r.settings.size(); ++i) named[static_cast<size_t>(r.integer(i))] = true;
  Dims dims, kept;
  std::vector<bool> over;
  for (size_t i : order(r)) {
    dims.push_back(r.inputs[0][i]);
    over.push_back(named[i]);
    kept.push_back(named[i] ? 1 : dims.back());
  }
  const int64_t n = size_of(dims), left = size_of(kept);
  const float scale = r.integer(0) ? static_cast<float>(left) / static_cast<float>(n) : 1;
  const Buffer x(n), y(left), scaled(left), gx(n);
  const Dims xs = stretched(kept, dims), ys = strides(dims);
  return op(sum(dims, over, x, scale, y), [=] {
    if (scale != 1) ek_affine(y, scale, 0, scaled, left);
    ek_strided_copy(static_cast<int>(dims.size()), dims.data(), xs.data(), ys.data(), 4, scaled, gx);
  });
});

// Settings: the largest or smallest, whether only its index, and the dimension, none for all.
const Family kExtreme("extreme", [](const Row& r) {
  const bool largest = r.integer(0) != 0, index_only = r.integer(1) != 0;
  int64_t outer = 1, n = r.size(0), inner = 1;
  if (r.settings.size() > 2) {
    const auto dim = r.inputs[0].begin() + r.integer(2);
    n = *dim;
    outer = size_of(Dims(r.inputs[0].begin(), dim));
    inner = size_of(Dims(dim + 1, r.inputs[0].end()));
  }
  const Buffer x(r.size(0)), y(outer * inner), at(2 * outer * inner), gx(r.size(0));
  const auto forward = [=] { (largest ? ek_max : ek_min)(outer, n, inner, x, y.given(!index_only), at.as<int64_t>()); };
  if (index_only) return Op{forward, {}};
  return op(forward, [=] { ek_select_grad(outer, n, inner, y, at.as<int64_t>(), gx); });
});
}  // namespace
