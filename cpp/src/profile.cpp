#include "profile.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <mutex>
#include <string>

#include "error.h"
#include "lru.h"

namespace ek {
namespace {
constexpr size_t kRows = 1024;  // shapes may change without end: the least recent go

struct Key {
  const char *op, *algorithm;
  int32_t numbers[16];

  bool operator==(const Key& other) const { return !std::memcmp(this, &other, sizeof *this); }
};

struct Mix {
  size_t operator()(const Key& k) const {
    uint64_t words[sizeof(Key) / 8], h = 0;
    std::memcpy(words, &k, sizeof k);
    for (uint64_t v : words) h = (h ^ v) * 0x9E3779B97F4A7C15u, h ^= h >> 29;
    return h;
  }
};

struct Row {
  int64_t calls, nanoseconds;
  double flops;
  int count;
};

struct Profile {
  std::mutex lock;
  Lru<Key, Row, Mix> rows;
};

std::atomic<bool> all{false};

// Never destroyed: other threads may still compute while the process ends.
Profile& profile() {
  static Profile* p = new Profile;
  return *p;
}

void count(const Work& w, int64_t nanoseconds) {
  Key key{w.op, w.algorithm, {}};
  std::copy_n(w.numbers, w.count, key.numbers);
  Profile& p = profile();
  std::lock_guard<std::mutex> hold(p.lock);
  Row* row = p.rows.find(key);
  if (!row) row = &p.rows.insert(key, {0, 0, 0, w.count});
  ++row->calls;
  row->nanoseconds += nanoseconds;
  row->flops += w.flops;
  if (p.rows.size() > kRows) p.rows.drop_oldest();
}
}  // namespace

int64_t nanoseconds() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

Stopwatch::Stopwatch(const Work& work)
    : work_(work), start_(work.always || all.load(std::memory_order_relaxed) ? nanoseconds() : 0) {}

Stopwatch::~Stopwatch() {
  if (!start_) return;
  try {
    count(work_, nanoseconds() - start_);
  } catch (...) {  // no memory for a new row: a call that is not counted is no harm, an exception from here the end
  }
}
}  // namespace ek

extern "C" {
int ek_profiling(void) { return ek::all; }

int ek_set_profiling(int all) {
  return ek::status_of([&] {
    ek::Profile& p = ek::profile();
    std::lock_guard<std::mutex> hold(p.lock);
    while (p.rows.size()) p.rows.drop_oldest();
    ek::all = all != 0;
  });
}

const char* ek_profile(void) {
  static thread_local std::string text;
  const int status = ek::status_of([&] {
    text.clear();
    ek::Profile& p = ek::profile();
    std::lock_guard<std::mutex> hold(p.lock);
    p.rows.each([&](const ek::Key& key, const ek::Row& row) {
      text += std::string(key.op + (std::strncmp(key.op, "ek_", 3) ? 0 : 3)) + '\t';
      text += std::string(key.algorithm ? key.algorithm : "") + '\t' + std::to_string(row.calls) + '\t';
      text += std::to_string(row.nanoseconds) + '\t' + std::to_string(static_cast<int64_t>(row.flops)) + '\t';
      for (int i = 0; i < row.count; ++i) text += (i ? " " : "") + std::to_string(key.numbers[i]);
      text += '\n';
    });
  });
  return status == EK_OK ? text.c_str() : "";
}
}
