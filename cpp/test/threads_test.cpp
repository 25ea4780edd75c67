#include "threads.h"

#include <dirent.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "testing.h"

namespace {
class Threads : public ::testing::Test {
 protected:
  ~Threads() override { ek_set_threads(before_); }

 private:
  int before_ = ek_threads();
};

// Whether as many threads work on a job at the same time: each of its chunks waits until all have begun.
bool all_come(int threads) {
  std::atomic<int> begun{0};
  std::atomic<bool> late{false};
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  ek::parallel(threads, 1, [&](int64_t, int64_t) {
    ++begun;
    while (begun < threads && !late) {
      if (std::chrono::steady_clock::now() > end) late = true;
      std::this_thread::yield();
    }
  });
  return !late;
}

// Threads of the pool in this process.
int pool_threads() {
  const std::string tasks = "/proc/self/task/";
  DIR* folder = opendir(tasks.c_str());
  int count = 0;
  while (const dirent* task = readdir(folder)) {
    std::string name;
    std::getline(std::ifstream(tasks + task->d_name + "/comm"), name);
    count += name == "einkorn";
  }
  closedir(folder);
  return count;
}
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

TEST_F(Threads, ComeWhenTheyHaveSleptAndWhenTheirNumberChanges) {
  for (int threads : {2, 4, 2, 3, 1, 5}) {
    ASSERT_EQ(ek_set_threads(threads), EK_OK);
    EXPECT_TRUE(all_come(threads)) << threads;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_TRUE(all_come(threads)) << threads << ", after a pause";
  }
}

TEST_F(Threads, AreOnePoolForAllCallers) {
  ASSERT_EQ(ek_set_threads(3), EK_OK);
  const int before = std::max(2, pool_threads());
  std::atomic<int> runs{0};
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 20; ++caller) {
    callers.emplace_back([&] {
      for (int job = 0; job < 200; ++job) {
        ek::parallel(10, 1, [&](int64_t, int64_t) { ek::parallel(2, 1, [&](int64_t, int64_t) { ++runs; }); });
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(runs, 20 * 200 * 10 * 2);
  EXPECT_LE(pool_threads(), before);
}

TEST_F(Threads, AreAsManyAsTheSystemGrants) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto with_few = [] {
    rlimit address_space;
    getrlimit(RLIMIT_AS, &address_space);
    std::ifstream("/proc/self/statm") >> address_space.rlim_cur;
    address_space.rlim_cur = address_space.rlim_cur * 4096 + (200 << 20);  // some twenty stacks more
    setrlimit(RLIMIT_AS, &address_space);
    ek_set_threads(1000);
    std::atomic<int> runs{0};
    for (int job = 0; job < 3; ++job) ek::parallel(2000, 1, [&](int64_t, int64_t) { ++runs; });
    std::_Exit(runs == 6000 && pool_threads() < 100 ? 0 : 1);
  };
  EXPECT_EXIT(with_few(), testing::ExitedWithCode(0), "");
}
