#include "pool.h"

#include <chrono>
#include <system_error>
#include <thread>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace ek {
namespace {
constexpr uint64_t kInside = 0xffff, kOpen = uint64_t{1} << 31;

uint32_t number(uint64_t word) { return static_cast<uint32_t>(word >> 32); }
int places(uint64_t word) { return static_cast<int>(word >> 16 & 0x7fff); }

void relax() {
#if defined(__x86_64__)
  _mm_pause();
#endif
}

// Whether `ready` became true within the time that is worth spinning, which is longer than what lies between two
// operations of a step (docs/decisions/0006).
template <class F>
bool spin(const F& ready) {
  if (ready()) return true;
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end = Clock::now() + std::chrono::microseconds(50);
  do {
    for (int i = 0; i < 16; ++i) {
      if (ready()) return true;
      relax();
    }
  } while (Clock::now() < end);
  return false;
}
}  // namespace

int Pool::members(int n) {
  while (started_ < n - 1 && (refused_ == 0 || n < refused_)) {
    try {
      std::thread(&Pool::serve, this, started_ + 1).detach();
      ++started_;
    } catch (const std::system_error&) {  // no more threads for this process or container: those there are will do
      refused_ = n;
    }
  }
  return started_ + 1 < n ? started_ + 1 : n;
}

void Pool::run(int n, Work work, void* context) {
  work_ = work, context_ = context;
  const uint64_t job = uint64_t{number(word_.load(std::memory_order_relaxed)) + 1} << 32;
  word_.store(job | kOpen | static_cast<uint64_t>(n) << 16);
  if (asleep_.load() > 0) {
    { const std::lock_guard<std::mutex> until_they_wait(mutex_); }
    bell_.notify_all();
  }
  work(context, 0);
  word_.fetch_and(~kOpen);
  const auto empty = [this] { return (word_.load() & kInside) == 0; };
  if (spin(empty)) return;
  std::unique_lock<std::mutex> lock(mutex_);
  awaited_.store(true);
  done_.wait(lock, empty);
  awaited_.store(false);
}

void Pool::limit(int n) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    limit_ = n;
  }
  raised_.notify_all();
}

// The word as soon as it is of another job than the last.
uint64_t Pool::next_job(uint32_t last, int place) {
  uint64_t word;
  const auto ready = [&] { return number(word = word_.load()) != last; };
  if (spin(ready)) return word;
  std::unique_lock<std::mutex> lock(mutex_);
  raised_.wait(lock, [&] { return place < limit_; });
  asleep_.fetch_add(1);  // before the word is read: who writes it afterwards rings
  bell_.wait(lock, ready);
  asleep_.fetch_sub(1);
  return word;
}

bool Pool::join(uint64_t word, int place) {
  const uint32_t job = number(word);
  while (number(word) == job && (word & kOpen) && place < places(word)) {
    if (word_.compare_exchange_weak(word, word + 1)) return true;
  }
  return false;
}

void Pool::serve(int place) {
#if defined(__linux__)
  pthread_setname_np(pthread_self(), "einkorn");
#endif
  for (uint32_t last = 0;;) {
    const uint64_t word = next_job(last, place);
    last = number(word);
    if (!join(word, place)) continue;
    work_(context_, place);
    const uint64_t left = word_.fetch_sub(1) - 1;
    if ((left & (kInside | kOpen)) == 0 && awaited_.load()) {
      { const std::lock_guard<std::mutex> until_it_waits(mutex_); }
      done_.notify_one();
    }
  }
}
}  // namespace ek
