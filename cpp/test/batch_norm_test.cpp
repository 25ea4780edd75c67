#include "testing.h"

using namespace testing_ek;

namespace {
const float kEps = 1e-5f, kMomentum = 0.1f;

struct Reference {
  Doubles mean, var, y, gx, ggamma, gbeta;

  Reference(int64_t rows, int64_t c, const Floats& x, const Floats& gamma, const Floats& beta, const Floats& gy)
      : mean(c), var(c), y(x.size()), gx(x.size()), ggamma(c), gbeta(c) {
    for (size_t i = 0; i < x.size(); ++i) mean[i % c] += x[i] / static_cast<double>(rows);
    for (size_t i = 0; i < x.size(); ++i) var[i % c] += std::pow(x[i] - mean[i % c], 2) / static_cast<double>(rows);
    const auto hat = [&](size_t i) { return (x[i] - mean[i % c]) / std::sqrt(var[i % c] + kEps); };
    for (size_t i = 0; i < x.size(); ++i) {
      y[i] = hat(i) * gamma[i % c] + beta[i % c];
      ggamma[i % c] += gy[i] * hat(i);
      gbeta[i % c] += gy[i];
    }
    for (size_t i = 0; i < x.size(); ++i)
      gx[i] =
          gamma[i % c] / std::sqrt(var[i % c] + kEps) * (gy[i] - gbeta[i % c] / rows - hat(i) * ggamma[i % c] / rows);
  }
};

struct Case {
  int64_t rows, c;
  float mean, std;
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (int64_t rows : {2, 3, 31, 100, 1009, 6272})
    for (int64_t c : {1, 3, 8, 13, 64, 100}) all.push_back({rows, c, 0.5f, 2});
  all.push_back({77, 1031, 0, 1});
  all.push_back({1500, 192, 0.5f, 2});
  all.push_back({333, 512, 0.5f, 2});
  all.push_back({100000, 8, 0.5f, 2});
  all.push_back({200003, 1, 0.5f, 2});
  return all;
}

Floats join(std::initializer_list<Floats> parts) {
  Floats all;
  for (const Floats& p : parts) all.insert(all.end(), p.begin(), p.end());
  return all;
}
}  // namespace

TEST(BatchNorm, TrainingAndItsGradient) {
  for (const Case& t : cases()) {
    const std::string what = std::to_string(t.rows) + "x" + std::to_string(t.c);
    const int64_t n = t.rows * t.c;
    const size_t c = static_cast<size_t>(t.c);
    const Floats x = normals(n, 1, t.mean, t.std), gamma = normals(t.c, 2), beta = normals(t.c, 3), gy = normals(n, 4);
    const Reference e(t.rows, t.c, x, gamma, beta, gy);
    Floats y, mean, invstd, gx, ggamma, gbeta, running_mean, running_var;
    same_for_all_threads(
        [&] {
          y.assign(x.size(), NAN), gx = y;
          mean.assign(c, NAN), invstd = ggamma = gbeta = mean;
          running_mean.assign(c, 3), running_var.assign(c, 5);
          EXPECT_EQ(ek_batch_norm(t.rows, t.c, x.data(), gamma.data(), beta.data(), kEps, 0, nullptr, y.data(),
                                  mean.data(), invstd.data(), running_mean.data(), running_var.data(), kMomentum),
                    EK_OK);
          EXPECT_EQ(ek_batch_norm_grad(t.rows, t.c, x.data(), gy.data(), gamma.data(), beta.data(), 0, mean.data(),
                                       invstd.data(), gx.data(), ggamma.data(), gbeta.data()),
                    EK_OK);
          return join({y, gx, mean, invstd, ggamma, gbeta, running_mean, running_var});
        },
        what);
    Doubles moved_mean, moved_var;
    for (size_t j = 0; j < c; ++j) {
      moved_mean.push_back(0.9 * 3 + 0.1 * e.mean[j]);
      moved_var.push_back(0.9 * 5 + 0.1 * e.var[j] * static_cast<double>(t.rows) / static_cast<double>(t.rows - 1));
    }
    expect_close(mean, e.mean, 1e-6, "mean " + what);
    expect_close(running_mean, moved_mean, 1e-6, "running mean " + what);
    expect_close(running_var, moved_var, 1e-6, "running variance " + what);
    expect_close(ggamma, e.ggamma, 4e-6, "ggamma " + what);
    expect_close(gbeta, e.gbeta, 4e-6, "gbeta " + what);
    if (t.rows == 2) continue;  // x - mean and its gradient cancel
    expect_close(y, e.y, 2e-6, "y " + what);
    expect_close(gx, e.gx, 4e-6, "gx " + what);
  }
}

TEST(BatchNorm, SurvivesALargeMean) {
  for (const Case& t : {Case{5000, 13, 1e4f, 1}, Case{5000, 64, -1e4f, 0.1f}, Case{50000, 1, 1e5f, 3}}) {
    const int64_t n = t.rows * t.c;
    const Floats x = normals(n, 1, t.mean, t.std), one(static_cast<size_t>(t.c), 1), none(one.size(), 0);
    const Reference e(t.rows, t.c, x, one, none, x);
    Floats y(x.size()), mean(one.size()), invstd(one.size());
    ASSERT_EQ(ek_batch_norm(t.rows, t.c, x.data(), nullptr, nullptr, kEps, 0, nullptr, y.data(), mean.data(),
                            invstd.data(), nullptr, nullptr, 0),
              EK_OK);
    Doubles expected;
    for (double v : e.var) expected.push_back(1 / std::sqrt(v + kEps));
    expect_close(invstd, expected, 1e-6, "inverse deviation");
    expect_close(mean, e.mean, 1e-7, "mean");
    expect_close(y, e.y, std::fabs(t.mean) / t.std * 1.2e-7, "y");  // what rounding the mean to a float costs
  }
}

TEST(BatchNorm, OutlierAtTheStartOfABlock) {
  Floats x = normals(4096, 1);
  for (size_t i = 0; i < x.size(); i += 128) x[i] = 1e4f;
  const Floats one(1, 1), none(1, 0);
  const Reference e(4096, 1, x, one, none, x);
  Floats y(x.size()), mean(1), invstd(1);
  ASSERT_EQ(ek_batch_norm(4096, 1, x.data(), nullptr, nullptr, kEps, 0, nullptr, y.data(), mean.data(), invstd.data(),
                          nullptr, nullptr, 0),
            EK_OK);
  EXPECT_NEAR(invstd[0] * std::sqrt(e.var[0]), 1, 2e-6);
}

TEST(BatchNorm, Evaluation) {
  for (const Case& t : cases()) {
    const int64_t n = t.rows * t.c;
    const size_t c = static_cast<size_t>(t.c);
    const Floats x = normals(n, 1), gamma = normals(t.c, 2), beta = normals(t.c, 3), gy = normals(n, 4),
                 mean = normals(t.c, 5);
    Floats var = normals(t.c, 6);
    for (float& v : var) v = v * v + 0.1f;
    Floats y(x.size()), gx(x.size()), invstd(c), ggamma(c), gbeta(c);
    ASSERT_EQ(ek_batch_norm_eval(t.rows, t.c, x.data(), gamma.data(), beta.data(), mean.data(), var.data(), kEps, 0,
                                 y.data(), invstd.data()),
              EK_OK);
    ASSERT_EQ(ek_batch_norm_eval_grad(t.rows, t.c, x.data(), gy.data(), gamma.data(), beta.data(), 0, mean.data(),
                                      invstd.data(), gx.data(), ggamma.data(), gbeta.data()),
              EK_OK);
    Doubles ey, egx, eggamma(c), egbeta(c);
    for (size_t i = 0; i < x.size(); ++i) {
      const double s = 1 / std::sqrt(static_cast<double>(var[i % c]) + kEps), hat = (x[i] - mean[i % c]) * s;
      ey.push_back(hat * gamma[i % c] + beta[i % c]);
      egx.push_back(gy[i] * s * gamma[i % c]);
      eggamma[i % c] += gy[i] * hat;
      egbeta[i % c] += gy[i];
    }
    const std::string what = std::to_string(t.rows) + "x" + std::to_string(t.c);
    expect_close(y, ey, 1e-6, "y " + what);
    expect_close(gx, egx, 1e-6, "gx " + what);
    expect_close(ggamma, eggamma, 4e-6, "ggamma " + what);
    expect_close(gbeta, egbeta, 4e-6, "gbeta " + what);
  }
}

// More than a cache holds is written past it.
TEST(BatchNorm, OfALargeTensor) {
  const int64_t rows = 150001, n = rows * 64;
  const Floats x = normals(n, 1), mean = normals(64, 2), var(64, 4), gamma = normals(64, 3), beta = normals(64, 4);
  Floats y(x.size()), invstd(64);
  ASSERT_EQ(ek_batch_norm_eval(rows, 64, x.data(), gamma.data(), beta.data(), mean.data(), var.data(), kEps, 0,
                               y.data(), invstd.data()),
            EK_OK);
  double worst = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const size_t j = i % 64;
    const double z = (double{x[i]} - mean[j]) / std::sqrt(4 + double{kEps}) * gamma[j] + beta[j];
    worst = std::max(worst, std::fabs(z - y[i]));
  }
  EXPECT_LT(worst, 2e-6);
}

// Whatever memory is refused, the running statistics have moved as a whole or not at all.
TEST(BatchNorm, WithoutMemoryNothingHasMoved) {
  std::vector<void*> held;  // all small blocks that wait, and one of each size more: none beside it can be given back
  for (int limit : {1, 0}) {
    ek_memory_limit(limit);
    for (int64_t size = 64; size <= 4096; size *= 2)
      for (int64_t bytes = size; bytes < 2 * size; bytes += size / 4) do
          held.push_back(ek_alloc(bytes));
        while (limit && held.back());
  }
  const Floats x = normals(8 * 64, 1), start(64, 3);
  Floats y(x.size()), mean(64), invstd(64), running_mean = start, running_var = start;
  int status = EK_OUT_OF_MEMORY;
  for (int64_t limit = ek_memory_used() + ek_memory_cached(), steps = 0; status != EK_OK; limit += 64, ++steps) {
    ASSERT_TRUE(same_bits(running_mean, start) && same_bits(running_var, start)) << steps;
    ek_memory_limit(limit);
    status = ek_batch_norm(8, 64, x.data(), nullptr, nullptr, kEps, 0, nullptr, y.data(), mean.data(), invstd.data(),
                           running_mean.data(), running_var.data(), kMomentum);
    ek_memory_limit(0);
    ASSERT_EQ(status, steps < 8 ? EK_OUT_OF_MEMORY : status == EK_OK ? EK_OK : EK_OUT_OF_MEMORY);
  }
  EXPECT_FALSE(same_bits(running_mean, start) || same_bits(running_var, start));
  for (void* p : held) ek_free(p);
}

TEST(BatchNorm, SeveralCallersAtOnce) {
  const Floats x = normals(64 * 3000, 1);
  expect_same_at_once(
      [&] {
        Floats y(x.size()), mean(64), invstd(64);
        EXPECT_EQ(ek_batch_norm(3000, 64, x.data(), nullptr, nullptr, kEps, 0, nullptr, y.data(), mean.data(),
                                invstd.data(), nullptr, nullptr, 0),
                  EK_OK);
        return y;
      },
      "batch norm");
}

// The activation inside is the one that follows: the same bits, in the gradients too.
TEST(BatchNorm, ActivationInside) {
  for (int activation : {EK_RELU, EK_RELU6})
    for (const Case& t : cases()) {
      const std::string what =
          std::to_string(activation) + " behind " + std::to_string(t.rows) + "x" + std::to_string(t.c);
      const int64_t n = t.rows * t.c;
      const size_t c = static_cast<size_t>(t.c);
      Floats x = normals(n, 1, t.mean, t.std);
      const Floats gamma = normals(t.c, 2, 0, 4), beta = normals(t.c, 3, 1), gy = normals(n, 4), var(c, 2);
      const auto behind = activation == EK_RELU ? ek_relu : ek_relu6;
      const auto behind_grad = activation == EK_RELU ? ek_relu_grad : ek_relu6_grad;
      const auto run = [&](bool training, bool along) {
        const int inside = along ? activation : EK_IDENTITY;
        Floats y(x.size()), gx(x.size()), masked = gy, mean(c, 0.5f), invstd(c), ggamma(c), gbeta(c);
        const float *g = gamma.data(), *b = beta.data();
        if (training)
          ek_batch_norm(t.rows, t.c, x.data(), g, b, kEps, inside, nullptr, y.data(), mean.data(), invstd.data(),
                        nullptr, nullptr, 0);
        else
          ek_batch_norm_eval(t.rows, t.c, x.data(), g, b, mean.data(), var.data(), kEps, inside, y.data(),
                             invstd.data());
        if (!along) behind(y.data(), y.data(), n), behind_grad(y.data(), gy.data(), masked.data(), n);
        const auto grad = training ? ek_batch_norm_grad : ek_batch_norm_eval_grad;
        EXPECT_EQ(grad(t.rows, t.c, x.data(), masked.data(), g, b, inside, mean.data(), invstd.data(), gx.data(),
                       ggamma.data(), gbeta.data()),
                  EK_OK);
        return join({y, gx, ggamma, gbeta});
      };
      EXPECT_TRUE(same_bits(run(true, true), run(true, false))) << "training " << what;
      const Floats inside = run(false, true), after = run(false, false);
      for (size_t i = 0; i < inside.size(); ++i) ASSERT_EQ(inside[i], after[i]) << "evaluation " << what;  // -0 is 0
      x[static_cast<size_t>(n) / 2] = NAN;
      EXPECT_TRUE(std::isnan(run(false, true)[static_cast<size_t>(n) / 2])) << what;
    }
}

// So is the sum inside.
TEST(BatchNorm, ResidualInside) {
  std::vector<Case> all = cases();
  all.push_back({64 * 56 * 56, 64, 0, 1});  // past the caches
  for (int activation : {EK_IDENTITY, EK_RELU, EK_RELU6})
    for (const Case& t : all) {
      const int64_t n = t.rows * t.c;
      const size_t c = static_cast<size_t>(t.c);
      const Floats x = normals(n, 1, t.mean, t.std), residual = normals(n, 2), gamma = normals(t.c, 3);
      const auto run = [&](const float* along, int inside) {
        Floats y(x.size()), mean(c), invstd(c);
        EXPECT_EQ(ek_batch_norm(t.rows, t.c, x.data(), gamma.data(), nullptr, kEps, inside, along, y.data(),
                                mean.data(), invstd.data(), nullptr, nullptr, 0),
                  EK_OK);
        return y;
      };
      Floats after = run(nullptr, EK_IDENTITY);
      for (size_t i = 0; i < after.size(); ++i) after[i] += residual[i];
      if (activation == EK_RELU) ek_relu(after.data(), after.data(), n);
      if (activation == EK_RELU6) ek_relu6(after.data(), after.data(), n);
      const Floats inside = same_for_all_threads([&] { return run(residual.data(), activation); }, "residual");
      EXPECT_TRUE(same_bits(inside, after)) << activation << " of " << t.rows << "x" << t.c;
    }
}

TEST(BatchNorm, OtherActivationsAreRefused) {
  float one[2] = {1, 1};
  for (int activation : {int{EK_TANH}, int{EK_SIGMOID}, 5, -1}) {
    EXPECT_EQ(ek_batch_norm(2, 1, one, one, one, kEps, activation, nullptr, one, one, one, nullptr, nullptr, 0),
              EK_INVALID);
    EXPECT_EQ(ek_batch_norm_grad(2, 1, one, one, one, one, activation, one, one, one, one, one), EK_INVALID);
    EXPECT_EQ(ek_batch_norm_eval(2, 1, one, one, one, one, one, kEps, activation, one, one), EK_INVALID);
    EXPECT_EQ(ek_batch_norm_eval_grad(2, 1, one, one, one, one, activation, one, one, one, one, one), EK_INVALID);
  }
}
