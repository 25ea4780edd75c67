#include "threads.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>

#include "einkorn.h"
#include "error.h"
#include "float_mode.h"
#include "pool.h"

#if defined(__linux__)
#include <sched.h>

#include <cstdio>
#endif

// oneDNN's, of which nothing else is used.
extern "C" void omp_set_num_threads(int);

namespace ek {
// CPUs this process may use: the affinity mask, cut by the cgroup's quota (v2, then v1).
static int usable_cpus() {
  int n = static_cast<int>(std::thread::hardware_concurrency());
#if defined(__linux__)
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) n = CPU_COUNT(&allowed);
  long quota = -1, period = -1;
  if (FILE* f = std::fopen("/sys/fs/cgroup/cpu.max", "r")) {
    if (std::fscanf(f, "%ld %ld", &quota, &period) != 2) quota = -1;
    std::fclose(f);
  } else {
    if (FILE* q = std::fopen("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "r")) {
      if (std::fscanf(q, "%ld", &quota) != 1) quota = -1;
      std::fclose(q);
    }
    if (FILE* p = std::fopen("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "r")) {
      if (std::fscanf(p, "%ld", &period) != 1) period = -1;
      std::fclose(p);
    }
  }
  if (quota > 0 && period > 0) n = std::min<long>(n, std::max(1L, (quota + period - 1) / period));
#endif
  return std::max(1, n);
}

static std::atomic<int> wanted{0};

// Never destroyed: its threads wait until the process ends.
static Pool& pool() {
  static Pool& one = *new Pool;
  return one;
}

int threads() {
  int n = wanted.load(std::memory_order_relaxed);
  if (n == 0) {
    n = usable_cpus();
    wanted.store(n, std::memory_order_relaxed);
  }
  return n;
}

// A setting of the calling thread: it is repeated before each use (2 ns) rather than remembered.
SingleThread::SingleThread() { omp_set_num_threads(1); }

namespace {
// Chunks that one thread begins with, one after the other; who is done takes those of others. A thread so has the same
// part of the data in every operation, which its cache may still hold, and waits for no core that somebody else slows.
struct alignas(64) Share {
  std::atomic<int64_t> next;
  int64_t end;
};
constexpr int kShares = 64;  // more threads than that have them in common

class Job {
 public:
  Job(int64_t chunks, int threads, void (*fn)(void*, int64_t), void* context)
      : fn_(fn), context_(context), count_(std::min(threads, kShares)) {
    for (int s = 0; s < count_; ++s) {
      shares_[s].next.store(cut(chunks, count_, s), std::memory_order_relaxed);
      shares_[s].end = cut(chunks, count_, s + 1);
    }
  }

  void work(int place) {
    const FloatMode same(mode_);
    for (int k = 0; k < count_; ++k) {
      Share& share = shares_[(place + k) % count_];
      for (int64_t i; (i = share.next.fetch_add(1, std::memory_order_relaxed)) < share.end;) {
        try {
          fn_(context_, i);
        } catch (...) {
          if (!failed_.exchange(true)) failure_ = std::current_exception();
        }
      }
    }
  }

  // When all have ended.
  void rethrow() const {
    if (failed_) std::rethrow_exception(failure_);
  }

 private:
  void (*const fn_)(void*, int64_t);
  void* const context_;
  const int count_;
  const unsigned mode_ = float_mode();
  std::atomic<bool> failed_{false};
  std::exception_ptr failure_;  // the first
  Share shares_[kShares];
};
}  // namespace

void run_chunks(int64_t chunks, void (*fn)(void*, int64_t), void* context) {
  const int most = static_cast<int>(std::min<int64_t>(threads(), chunks));
  if (most <= 1 || !pool().enter()) {
    for (int64_t i = 0; i < chunks; ++i) fn(context, i);
    return;
  }
  const int n = pool().members(most);
  Job job(chunks, n, fn, context);
  pool().run(
      n, [](void* j, int place) { static_cast<Job*>(j)->work(place); }, &job);
  pool().leave();
  job.rethrow();
}
}  // namespace ek

extern "C" {
int ek_threads(void) { return ek::threads(); }

int ek_set_threads(int threads) {
  return ek::status_of([&] {
    if (threads < 1 || threads > 1024) ek::fail(EK_INVALID, "threads must be between 1 and 1024, got %d", threads);
    ek::wanted = threads;
    ek::pool().limit(threads);
  });
}
}
