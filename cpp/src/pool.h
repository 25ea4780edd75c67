// Threads that help the one which has a job. They are the process's only ones that compute: oneDNN and OpenBLAS run on
// the thread that calls them (docs/decisions/0003).
#pragma once
#include <pthread.h>
#include <stdint.h>

#include <atomic>
#include <mutex>

namespace ek {
// std::condition_variable, whose wait of a new libstdc++ would be missing in an older one.
class Condition {
 public:
  template <class F>
  void wait(std::unique_lock<std::mutex>& lock, const F& ready) {
    while (!ready()) pthread_cond_wait(&condition_, lock.mutex()->native_handle());
  }
  void notify_one() { pthread_cond_signal(&condition_); }
  void notify_all() { pthread_cond_broadcast(&condition_); }

 private:
  pthread_cond_t condition_ = PTHREAD_COND_INITIALIZER;
};

class Pool {
 public:
  using Work = void (*)(void* context, int place);

  // Whether the caller may have the pool, until `leave`: one thread at a time, and never from inside a job.
  bool enter() { return !busy_.exchange(true, std::memory_order_acquire); }
  void leave() { busy_.store(false, std::memory_order_release); }

  // With the caller, how many threads there are now for jobs of n. Starts those that are missing, which the system may
  // refuse. For who has the pool.
  int members(int n);

  // Runs work(context, 0) on the caller, and work(context, place) on each thread 1..n-1 that comes before the caller is
  // done: a thread that sleeps longer, or whose core somebody else has, is not waited for, so the work must be whole
  // without it. Neither throws. For who has the pool.
  void run(int n, Work work, void* context);

  // Threads beyond n sleep until it is raised again.
  void limit(int n);

 private:
  void serve(int place);
  uint64_t next_job(uint32_t last, int place);
  bool join(uint64_t word, int place);

  std::atomic<bool> busy_{false};
  int started_ = 0, refused_ = 0;  // threads beside callers; what the system did not grant
  Work work_ = nullptr;
  void* context_ = nullptr;

  // The job in one word, so that a thread joins it as one step or not at all: its number (32 bits), whether it can be
  // joined (1), for how many places it is (15), how many threads are inside (16).
  alignas(64) std::atomic<uint64_t> word_{0};
  alignas(64) std::atomic<int> asleep_{0};
  std::atomic<bool> awaited_{false};
  std::mutex mutex_;
  int limit_ = 1 << 15;  // guarded by it
  Condition bell_, raised_, done_;
};
}  // namespace ek
