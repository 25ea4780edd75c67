// Rows of operations of two operands, stretched to a common shape.
#include "row.h"

namespace {
using Kernel = int (*)(int, const ek_dim*, const ek_dim*, const ek_dim*, const float*, const float*, float*);

// Operands of one row and their gradients; z = x (op) y.
struct Pair {
  explicit Pair(const Row& r)
      : dims(r.output),
        y_dims(r.inputs[1]),
        xs(stretched(r.inputs[0], dims)),
        ys(stretched(y_dims, dims)),
        one(strides(dims)),
        n(size_of(dims)),
        x(r.size(0)),
        y(r.size(1)),
        z(n),
        gz(n),
        gx(n),
        full(n),
        gy(r.size(1)) {}

  // z = x (op) y
  Call forward(Kernel f) const {
    const Pair p = *this;
    return [=] { f(p.rank(), p.dims.data(), p.xs.data(), p.ys.data(), p.x, p.y, p.z); };
  }
  // to = a (op) y for a as large as z
  void with_y(Kernel f, const Buffer& a, const Buffer& to) const {
    f(rank(), dims.data(), one.data(), ys.data(), a, y, to);
  }
  // to = a (op) b, all as large as z
  void dense(Kernel f, const Buffer& a, const Buffer& b, const Buffer& to) const {
    const ek_dim step = 1;
    f(1, &n, &step, &step, a, b, to);
  }
  // bits = x (comparison) y
  void compare(int comparison, const Buffer& bits) const {
    ek_compare(comparison, EK_FLOAT32, rank(), dims.data(), xs.data(), ys.data(), x, y, bits.as<uint8_t>());
  }
  // gx = gz, of which Java makes a copy where the operand is a parameter
  void pass_on() const { ek_copy(gz, gx, 4 * n); }
  Call reduced(const Buffer& g) const { return reduce(dims, y_dims, g, gy); }
  int rank() const { return static_cast<int>(dims.size()); }

  Dims dims, y_dims, xs, ys, one;
  int64_t n;
  Buffer x, y, z, gz, gx, full, gy;
};

const Family kAdd("add", [](const Row& r) {
  const Pair p(r);
  const Call reduced = p.reduced(p.gz);
  return op(p.forward(ek_add), [=] {
    p.pass_on();
    reduced();
  });
});
const Family kAddRelu("addRelu", [](const Row& r) {
  const Pair p(r);
  return op([=] { ek_add_relu(p.x, p.y, p.z, p.n); }, [=] { ek_relu_grad(p.z, p.gz, p.gx, p.n); });
});
const Family kSub("sub", [](const Row& r) {
  const Pair p(r);
  const Call reduced = p.reduced(p.gz);
  return op(p.forward(ek_sub), [=] {
    p.pass_on();
    reduced();
    ek_neg(p.gy, p.gy, size_of(p.y_dims));
  });
});
const Family kMul("mul", [](const Row& r) {
  const Pair p(r);
  const Call reduced = p.reduced(p.full);
  return op(p.forward(ek_mul), [=] {
    p.with_y(ek_mul, p.gz, p.gx);
    p.dense(ek_mul, p.gz, p.x, p.full);
    reduced();
  });
});
const Family kDiv("div", [](const Row& r) {
  const Pair p(r);
  const Call reduced = p.reduced(p.full);
  return op(p.forward(ek_div), [=] {
    p.with_y(ek_div, p.gz, p.gx);
    p.dense(ek_mul, p.gx, p.z, p.full);
    reduced();
    ek_neg(p.gy, p.gy, size_of(p.y_dims));
  });
});

// Half of gz goes to each operand where they are equal: (x > y) / 2 + (x >= y) / 2, or the other way round.
Op extreme(const Row& r, Kernel f, int strict, int loose) {
  const Pair p(r);
  const Call reduced = p.reduced(p.full);
  const Buffer bits(p.n / 4 + 1), one(p.n), other(p.n);
  const auto compare = [=](int comparison, const Buffer& to) {
    p.compare(comparison, bits);
    ek_cast(EK_BOOL, bits, EK_FLOAT32, to, p.n);
  };
  return op(p.forward(f), [=] {
    compare(strict, one);
    compare(loose, other);
    p.dense(ek_add, one, other, other);
    ek_affine(other, 0.5f, 0, one, p.n);
    p.dense(ek_mul, p.gz, one, p.gx);
    p.dense(ek_sub, p.gz, p.gx, p.full);
    reduced();
  });
}
const Family kMaximum("maximum", [](const Row& r) { return extreme(r, ek_maximum, EK_GT, EK_GE); });
const Family kMinimum("minimum", [](const Row& r) { return extreme(r, ek_minimum, EK_LT, EK_LE); });

// Settings: the comparison, and a number to compare with if there is no second operand.
const Family kCompare("compare", [](const Row& r) {
  const int comparison = static_cast<int>(r.integer(0));
  if (r.inputs.size() == 1) {
    const int64_t n = r.size(0);
    const Buffer x(n), z(n / 4 + 1);
    const double value = r.settings.at(1);
    return Op{[=] { ek_compare_scalar(comparison, EK_FLOAT32, x, value, z.as<uint8_t>(), n); }, {}};
  }
  const Pair p(r);
  return Op{[=] { p.compare(comparison, p.z); }, {}};
});
}  // namespace
