#include "threads.h"

#include <atomic>
#include <memory>
#include <stdexcept>

#include "testing.h"

namespace {
class Threads : public ::testing::Test {
 protected:
  ~Threads() override { ek_set_threads(before_); }

 private:
  int before_ = ek_threads();
};
}  // namespace

TEST_F(Threads, EveryChunkIsRunOnce) {
  for (int threads : {1, 2, 3, 4, 70}) {
    ASSERT_EQ(ek_set_threads(threads), EK_OK);
    for (int64_t chunks : {1, 2, 3, 63, 64, 65, 1000}) {
      const std::unique_ptr<std::atomic<int>[]> runs(new std::atomic<int>[chunks]());
      ek::parallel(chunks, 1, [&](int64_t i, int64_t) { ++runs[i]; });
      for (int64_t i = 0; i < chunks; ++i) ASSERT_EQ(runs[i], 1) << "chunk " << i << " of " << chunks;
    }
  }
}

TEST_F(Threads, AnExceptionComesOutWhenAllHaveEnded) {
  for (int threads : {1, 2, 4}) {
    ASSERT_EQ(ek_set_threads(threads), EK_OK);
    std::atomic<int> running{0};
    const auto fail_at_five = [&](int64_t i, int64_t) {
      ++running;
      const bool fails = i == 5;
      --running;
      if (fails) throw std::runtime_error("five");
    };
    EXPECT_THROW(ek::parallel(100, 1, fail_at_five), std::runtime_error) << threads;
    EXPECT_EQ(running, 0);
    std::atomic<int> runs{0};
    ek::parallel(100, 1, [&](int64_t, int64_t) { ++runs; });
    EXPECT_EQ(runs, 100) << "the pool after a failure, " << threads;
  }
}
