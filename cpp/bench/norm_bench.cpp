// Rows of normalizations across channels and of layers; batch norm is in batch_norm_bench.cpp.
#include "row.h"

namespace {
// Inputs: x, then gamma and beta or neither. Settings: eps, and how many of the last dimensions are normalized.
const Family kLayerNorm("layerNorm", [](const Row& r) {
  const Dims& dims = r.inputs[0];
  const int64_t all = r.size(0), n = size_of(Dims(dims.end() - r.integer(1), dims.end())), rows = all / n;
  const float eps = r.number(0);
  const bool affine = r.inputs.size() > 1;
  const Buffer x(all), y(all), gy(all), gx(all), gamma(n), beta(n), mean(rows), s(rows), gg(n), gb(n);
  return op([=] { ek_layer_norm(rows, n, x, gamma.given(affine), beta.given(affine), eps, y, mean, s); },
            [=] {
              ek_layer_norm_grad(rows, n, x, gy, gamma.given(affine), mean, s, gx, gg.given(affine), gb.given(affine));
            });
});

// Settings: channels before and after, alpha, beta, k.
const Family kLocalResponseNorm("localResponseNorm", [](const Row& r) {
  const int64_t all = r.size(0), c = r.inputs[0][1], rows = all / c, before = r.integer(0), after = r.integer(1);
  const float alpha = r.number(2), beta = r.number(3), k = r.number(4);
  const Buffer x(all), y(all), gy(all), gx(all);
  return op([=] { ek_local_response_norm(rows, c, x, before, after, alpha, beta, k, y); },
            [=] { ek_local_response_norm_grad(rows, c, x, before, after, alpha, beta, k, gy, gx); });
});
}  // namespace
