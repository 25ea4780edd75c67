// Several steps of every optimizer over parameters of many sizes, against the formulas in double.
#include "testing.h"

using namespace testing_ek;

namespace {
const Longs kSizes = {1, 100003, 3, 7, 0, 8, 9, 13, 64, 33000};

// Parameters, their state, and the same in double.
struct Model {
  std::vector<Floats> p, g, m, v, a;
  std::vector<Doubles> dp, dm, dv, da;
  std::vector<ek_param> params;

  explicit Model(bool moments) {
    for (int64_t n : kSizes) {
      p.push_back(normals(n, 1));
      g.push_back(Floats(static_cast<size_t>(n)));
      m.push_back(Floats(static_cast<size_t>(n), moments ? 0 : NAN));
      v.push_back(Floats(static_cast<size_t>(n), 0));
      a.push_back(Floats(static_cast<size_t>(n), 0));
      dp.emplace_back(p.back().begin(), p.back().end());
      dm.emplace_back(static_cast<size_t>(n), 0);
      dv.emplace_back(static_cast<size_t>(n), 0);
      da.emplace_back(static_cast<size_t>(n), 0);
    }
    for (size_t k = 0; k < p.size(); ++k)
      params.push_back({p[k].data(), g[k].data(), m[k].data(), v[k].data(), a[k].data(), kSizes[k]});
  }

  // New gradients, then f(p, g, m, v, a) on doubles.
  template <class F>
  void step(uint32_t seed, const F& f) {
    for (size_t k = 0; k < p.size(); ++k) {
      const Floats fresh = normals(kSizes[k], seed);
      std::copy(fresh.begin(), fresh.end(), g[k].begin());
      for (size_t i = 0; i < fresh.size(); ++i) f(dp[k][i], fresh[i], dm[k][i], dv[k][i], da[k][i]);
    }
  }

  Floats flat() const {
    Floats all;
    for (const Floats& x : p) all.insert(all.end(), x.begin(), x.end());
    return all;
  }
  Doubles flat_expected() const {
    Doubles all;
    for (const Doubles& x : dp) all.insert(all.end(), x.begin(), x.end());
    return all;
  }
  int64_t count() const { return static_cast<int64_t>(params.size()); }
};

struct SgdOptions {
  double momentum, dampening, decay;
  bool nesterov;
};

TEST(Sgd, FollowsPyTorch) {
  for (const SgdOptions& o : {SgdOptions{0, 0, 0, false},
                              {0, 0, 0.1, false},
                              {0.9, 0, 0, false},
                              {0.9, 0.5, 0.01, false},
                              {0.9, 0, 0.01, true}}) {
    Doubles expected;
    const Floats p = same_for_all_threads([&] {
      Model model(false);
      if (o.momentum == 0)
        for (ek_param& q : model.params) q.m = nullptr;
      for (uint32_t t = 1; t <= 3; ++t) {
        model.step(t, [&](double& p, double g, double& m, double&, double&) {
          g += o.decay * p;
          if (o.momentum != 0) {
            m = t == 1 ? g : o.momentum * m + (1 - o.dampening) * g;
            g = o.nesterov ? g + o.momentum * m : m;
          }
          p -= 0.1 * g;
        });
        EXPECT_EQ(ek_sgd(model.params.data(), model.count(), 0.1, o.momentum, o.dampening, o.nesterov, o.decay, t == 1),
                  EK_OK);
      }
      expected = model.flat_expected();
      return model.flat();
    });
    expect_close(p, expected, 5e-7, "sgd");
  }
}

TEST(Adam, FollowsPyTorch) {
  const double beta1 = 0.9, beta2 = 0.999, eps = 1e-8, lr = 0.01;
  for (double decay : {0.0, 0.1})
    for (bool decoupled : {false, true}) {
      Doubles expected;
      const Floats p = same_for_all_threads([&] {
        Model model(true);
        for (uint32_t t = 1; t <= 4; ++t) {
          model.step(t, [&](double& p, double g, double& m, double& v, double&) {
            if (decoupled)
              p *= 1 - lr * decay;
            else
              g += decay * p;
            m += (1 - beta1) * (g - m);
            v = beta2 * v + (1 - beta2) * g * g;
            const double c1 = 1 - std::pow(beta1, t), c2 = 1 - std::pow(beta2, t);
            p -= lr / c1 * m / (std::sqrt(v) / std::sqrt(c2) + eps);
          });
          EXPECT_EQ(ek_adam(model.params.data(), model.count(), lr, beta1, beta2, eps, decay, decoupled, t), EK_OK);
        }
        expected = model.flat_expected();
        return model.flat();
      });
      expect_close(p, expected, 1e-6, "adam");
    }
}

TEST(Nadam, FollowsPyTorch) {
  const double beta1 = 0.9, beta2 = 0.99, eps = 1e-6, lr = 0.02;
  for (double decay : {0.0, 0.1})
    for (bool decoupled : {false, true}) {
      Doubles expected;
      const Floats p = same_for_all_threads([&] {
        Model model(true);
        for (uint32_t t = 1; t <= 4; ++t) {
          const double grad_step = 0.3 / t, moment_step = 0.2 * t;
          model.step(t, [&](double& p, double g, double& m, double& v, double&) {
            if (decoupled)
              p *= 1 - lr * decay;
            else
              g += decay * p;
            m = beta1 * m + (1 - beta1) * g;
            v = beta2 * v + (1 - beta2) * g * g;
            p -= (grad_step * g + moment_step * m) / (std::sqrt(v / (1 - std::pow(beta2, t))) + eps);
          });
          EXPECT_EQ(ek_nadam(model.params.data(), model.count(), lr, beta1, beta2, eps, decay, decoupled, grad_step,
                             moment_step, t),
                    EK_OK);
        }
        expected = model.flat_expected();
        return model.flat();
      });
      expect_close(p, expected, 1e-6, "nadam");
    }
}

TEST(Adagrad, FollowsPyTorch) {
  for (double decay : {0.0, 0.1}) {
    Doubles expected;
    const Floats p = same_for_all_threads([&] {
      Model model(true);
      for (uint32_t t = 1; t <= 4; ++t) {
        model.step(t, [&](double& p, double g, double& m, double&, double&) {
          g += decay * p;
          m += g * g;
          p -= 0.1 * g / (std::sqrt(m) + 1e-10);
        });
        EXPECT_EQ(ek_adagrad(model.params.data(), model.count(), 0.1, 1e-10, decay), EK_OK);
      }
      expected = model.flat_expected();
      return model.flat();
    });
    expect_close(p, expected, 1e-6, "adagrad");
  }
}

TEST(Rmsprop, FollowsPyTorch) {
  const double alpha = 0.9, eps = 1e-3, lr = 0.02;
  for (double momentum : {0.0, 0.8})
    for (bool centered : {false, true})
      for (double decay : {0.0, 0.1}) {
        Doubles expected;
        const Floats p = same_for_all_threads([&] {
          Model model(true);
          for (uint32_t t = 1; t <= 4; ++t) {
            model.step(t, [&](double& p, double g, double& m, double& v, double& a) {
              g += decay * p;
              m = alpha * m + (1 - alpha) * g * g;
              a = alpha * a + (1 - alpha) * g;
              v = momentum * v + g / (std::sqrt(centered ? m - a * a : m) + eps);
              p -= lr * v;
            });
            EXPECT_EQ(ek_rmsprop(model.params.data(), model.count(), lr, alpha, eps, momentum, centered, decay), EK_OK);
          }
          expected = model.flat_expected();
          return model.flat();
        });
        expect_close(p, expected, 1e-5, "rmsprop");
      }
}

TEST(Optimizers, GradientNorm) {
  double expected = 0;
  const Floats norms = same_for_all_threads([&] {
    Model model(true);
    expected = 0;
    model.step(5, [&](double&, double g, double&, double&, double&) { expected += g * g; });
    return Floats{static_cast<float>(ek_grad_norm(model.params.data(), model.count()))};
  });
  EXPECT_NEAR(norms[0], std::sqrt(expected), 1e-6 * std::sqrt(expected));
  EXPECT_EQ(ek_grad_norm(nullptr, 0), 0);
}

TEST(Optimizers, NoParameters) {
  EXPECT_EQ(ek_sgd(nullptr, 0, 0.1, 0, 0, 0, 0, 1), EK_OK);
  EXPECT_EQ(ek_adam(nullptr, 0, 0.1, 0.9, 0.999, 1e-8, 0, 0, 1), EK_OK);
}

// A zero gradient moves nothing, even where the second moment is zero.
TEST(Optimizers, ZeroGradient) {
  Floats p = {1, 2, 3}, g(3), m(3), v(3);
  const ek_param param = {p.data(), g.data(), m.data(), v.data(), nullptr, 3};
  ek_adam(&param, 1, 0.1, 0.9, 0.999, 1e-8, 0, 0, 1);
  EXPECT_EQ(p, (Floats{1, 2, 3}));
}

// 1 - beta2 is as exact as the double: from floats, 1 - 0.999f, it would be 1.3e-5 off.
TEST(Adam, MomentsHaveExactCoefficients) {
  Floats p = {1}, g = {1}, m = {0}, v = {0};
  const ek_param param = {p.data(), g.data(), m.data(), v.data(), nullptr, 1};
  EXPECT_EQ(ek_adam(&param, 1, 0.1, 0.9, 0.999, 1e-8, 0, 0, 1), EK_OK);
  EXPECT_FLOAT_EQ(m[0], 0.1f);
  EXPECT_FLOAT_EQ(v[0], 0.001f);
}

// 0.9 of the smallest denormal rounds to itself, so that such a moment would stay, and slow every step.
TEST(Optimizers, MomentsWithoutGradientsReachZero) {
  const int64_t n = 100;
  Floats p = normals(n, 1), g(n, 0.0f), m(n, 1.0f), v(n, 1.0f), a(n, 0.0f);
  const ek_param params{p.data(), g.data(), m.data(), v.data(), a.data(), n};
  for (int t = 1; t <= 1000; ++t) ASSERT_EQ(ek_adam(&params, 1, 1e-3, 0.9, 0.999, 1e-8, 0, 0, t), EK_OK);
  for (float moment : m) EXPECT_EQ(moment, 0.0f);
  volatile float smallest = 1.4e-45f;  // the caller's own arithmetic is as it was
  EXPECT_GT(smallest * 2, 0.0f);
}
}  // namespace
