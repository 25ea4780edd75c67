#include "threads.h"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <exception>

#include "einkorn.h"
#include "error.h"
#include "float_mode.h"

#if defined(__linux__)
#include <sched.h>

#include <cstdio>
#include <cstring>
#endif

namespace ek {
// CPUs this process may use: the affinity mask, cut by the cgroup's quota (v2, then v1).
static int usable_cpus() {
  int n = omp_get_num_procs();
#if defined(__linux__)
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
static std::atomic<bool> busy{false};

int threads() {
  int n = wanted.load(std::memory_order_relaxed);
  if (n == 0) {
    n = usable_cpus();
    wanted.store(n, std::memory_order_relaxed);
  }
  return n;
}

// A setting of the calling thread, and inside a parallel region of that region alone: it is repeated before
// each use (2 ns) rather than remembered.
static void set_team_size(int n) { omp_set_num_threads(n); }

static bool take_pool() { return !busy.exchange(true, std::memory_order_acquire); }
static void leave_pool() { busy.store(false, std::memory_order_release); }

SingleThread::SingleThread() { set_team_size(1); }

namespace {
// Chunks that one thread begins with, one after the other; who is done takes those of others. A thread so has the same
// part of the data in every operation, which its cache may still hold, and waits for no core that somebody else slows.
struct alignas(64) Share {
  std::atomic<int64_t> next;
  int64_t end;
};
constexpr int kShares = 64;  // more threads than that have them in common
}  // namespace

void run_chunks(int64_t chunks, void (*fn)(void*, int64_t), void* context) {
  const int n = static_cast<int>(std::min<int64_t>(threads(), chunks));
  if (n <= 1 || omp_in_parallel() || !take_pool()) {
    for (int64_t i = 0; i < chunks; ++i) fn(context, i);
    return;
  }
  set_team_size(threads());
  Share shares[kShares];
  const int count = std::min(n, kShares);
  for (int s = 0; s < count; ++s) {
    shares[s].next.store(cut(chunks, count, s), std::memory_order_relaxed);
    shares[s].end = cut(chunks, count, s + 1);
  }
  std::exception_ptr failure;  // an exception must not leave the parallel region: the first one waits outside
  std::atomic<bool> failed{false};
  const unsigned mode = float_mode();
#pragma omp parallel num_threads(n)
  {
    const FloatMode same(mode);
    for (int k = 0; k < count; ++k) {
      Share& share = shares[(omp_get_thread_num() + k) % count];
      for (int64_t i; (i = share.next.fetch_add(1, std::memory_order_relaxed)) < share.end;) {
        try {
          fn(context, i);
        } catch (...) {
          if (!failed.exchange(true)) failure = std::current_exception();
        }
      }
    }
  }
  leave_pool();
  if (failed) std::rethrow_exception(failure);
}
}  // namespace ek

extern "C" {
int ek_threads(void) { return ek::threads(); }

int ek_set_threads(int threads) {
  return ek::status_of([&] {
    if (threads < 1 || threads > 1024) ek::fail(EK_INVALID, "threads must be between 1 and 1024, got %d", threads);
    ek::wanted = threads;
  });
}
}
