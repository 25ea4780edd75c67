// Rows of softmax and losses.
#include "row.h"

namespace {
using Kernel = int (*)(int64_t, int64_t, const float*, float*);
using Grad = int (*)(int64_t, int64_t, const float*, const float*, float*);

// Exchanges dimension 1 with the last one, as softmax over channels does; to and fro are the same copy.
Call exchanged(const Dims& dims, const Buffer& x, const Buffer& y) {
  Dims to = dims, xs = strides(dims);
  std::swap(to[1], to.back());
  std::swap(xs[1], xs.back());
  return [=] { ek_strided_copy(static_cast<int>(to.size()), to.data(), xs.data(), strides(to).data(), 4, x, y); };
}

// Settings: none along the last dimension, 1 along dimension 1.
Family softmax(const char* name, Kernel f, Grad g) {
  return {name, [=](const Row& r) {
            const bool channels = !r.settings.empty();
            const Dims dims = r.inputs[0];
            const int64_t all = r.size(0), n = channels ? dims[1] : dims.back();
            const Buffer x(all), y(all), gy(all), gx(all), x_last(all), y_last(all);
            if (!channels) return op([=] { f(all / n, n, x, y); }, [=] { g(all / n, n, y, gy, gx); });
            Dims last = dims;
            std::swap(last[1], last.back());
            const Call in = exchanged(dims, x, x_last), out = exchanged(last, y_last, y);
            const Call grad_in = exchanged(dims, gy, x_last), grad_out = exchanged(last, x_last, gx);
            const auto forward = [=] {
              in();
              f(all / n, n, x_last, y_last);
              out();
            };
            return op(forward, [=] {
              grad_in();
              g(all / n, n, y_last, x_last, x_last);
              grad_out();
            });
          }};
}
const Family kSoftmax = softmax("softmax", ek_softmax, ek_softmax_grad);
const Family kLogSoftmax = softmax("logSoftmax", ek_log_softmax, ek_log_softmax_grad);

// Rows (n, classes) and their labels; images (n, c, h, w) become rows of pixels first. Settings: the reduction.
struct Labelled {
  explicit Labelled(const Row& r)
      : dims(r.inputs[0]),
        classes(dims[1]),
        rows(r.size(0) / classes),
        reduction(static_cast<int>(r.integer(0))),
        x(r.size(0)),
        p(r.size(0)),
        loss(rows),
        gx(r.size(0)) {
    for (int64_t i = 0; i < rows; ++i) labels.push_back(i * 7 % classes);
    if (dims.size() == 4) pixels = Dims{dims[0], dims[2] * dims[3], classes};
  }
  void to_rows() const {
    if (pixels.empty()) return;
    const Dims xs{classes * pixels[1], 1, pixels[1]};
    ek_strided_copy(3, pixels.data(), xs.data(), strides(pixels).data(), 4, x, p);
  }
  Dims dims, pixels;
  int64_t classes, rows;
  int reduction;
  Buffer x, p, loss, gx;
  std::vector<int64_t> labels;
};
const Family kCrossEntropy("crossEntropy", [](const Row& r) {
  const Labelled d(r);
  const Buffer x = d.pixels.empty() ? d.x : d.p, p(r.size(0));
  const auto forward = [=] {
    d.to_rows();
    ek_cross_entropy(d.rows, d.classes, x, d.labels.data(), d.reduction, d.loss, p);
  };
  return op(forward, [=] { ek_cross_entropy_grad(d.rows, d.classes, p, d.labels.data(), d.reduction, d.loss, d.gx); });
});
const Family kNll("nll", [](const Row& r) {
  const Labelled d(r);
  return op([=] { ek_nll(d.rows, d.classes, d.x, d.labels.data(), d.reduction, d.loss); },
            [=] { ek_nll_grad(d.rows, d.classes, d.labels.data(), d.reduction, d.loss, d.gx); });
});

const Family kMse("mse", [](const Row& r) {
  const int64_t n = r.size(0);
  const int reduction = static_cast<int>(r.integer(0));
  const Buffer x(n), t(n), loss(n), gx(n), gt(n);
  return op([=] { ek_mse(n, x, t, reduction, loss); },
            [=] {
              ek_mse_grad(n, x, t, reduction, loss, gx);
              ek_neg(gx, gt, n);
            });
});
const Family kBce("bce", [](const Row& r) {
  const int64_t n = r.size(0);
  const int reduction = static_cast<int>(r.integer(0));
  const Buffer x(n), t(n), loss(n), gx(n);
  return op([=] { ek_bce(n, x, t, reduction, loss); }, [=] { ek_bce_grad(n, x, t, reduction, loss, gx); });
});
const Family kBceWithLogits("bceWithLogits", [](const Row& r) {
  const int64_t n = r.size(0);
  const int reduction = static_cast<int>(r.integer(0));
  const Buffer x(n), t(n), loss(n), gx(n);
  return op([=] { ek_bce_with_logits(n, x, t, reduction, loss); },
            [=] { ek_bce_with_logits_grad(n, x, t, reduction, loss, gx); });
});
}  // namespace
