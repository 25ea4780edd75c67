// Bilinear resampling, channels-last.
#include <algorithm>
#include <vector>

#include "buffer.h"
#include "row.h"

namespace {
// The places of a direction, spread evenly as those of both conventions are.
struct Between {
  std::vector<ek_dim> low, high;
  std::vector<double> t;
  Between(int64_t in, int64_t out) : t(static_cast<size_t>(out), 0.25) {
    for (int64_t i = 0; i < out; ++i) {
      low.push_back(i * in / out);
      high.push_back(std::min(low.back() + 1, in - 1));
    }
  }
};

const Family kBilinear2d("bilinear2d", [](const Row& r) {
  const Dims &in = r.inputs[0], &out = r.output;
  const Between rows(in[2], out[2]), columns(in[3], out[3]);
  const Buffer x(r.size(0)), y(size_of(out)), gx(r.size(0));
  const auto run = [=](const auto& pass, const float* from, float* to) {
    pass(in[0], in[2], in[3], in[1], out[2], out[3], rows.low.data(), rows.high.data(), rows.t.data(),
         columns.low.data(), columns.high.data(), columns.t.data(), from, to);
  };
  return op([=] { run(ek_bilinear2d, x, y); }, [=] { run(ek_bilinear2d_grad, y, gx); });
});
}  // namespace
