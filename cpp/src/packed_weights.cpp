#include "packed_weights.h"

#include <functional>
#include <mutex>
#include <vector>

#include "einkorn.h"
#include "lru.h"
#include "memory.h"

namespace ek {
namespace {
constexpr size_t kStamps = 4096;           // remembered
constexpr int64_t kPackedBytes = 1 << 30;  // bound of the packed copies

struct Packing {
  uint64_t packer;
  std::shared_ptr<float> copy;  // null until the second use
  int64_t bytes = 0;
};
typedef std::vector<Packing> OfStamp;

Packing* find(OfStamp* all, uint64_t packer) {
  if (all)
    for (Packing& p : *all)
      if (p.packer == packer) return &p;
  return nullptr;
}

struct Packings {
  std::mutex lock;
  Lru<int64_t, OfStamp, std::hash<int64_t>> map;
  int64_t bytes = 0;

  // The rest is called with the lock held.
  void forget(int64_t stamp) {
    if (OfStamp* all = map.find(stamp)) {
      for (const Packing& p : *all) bytes -= p.bytes;
      map.drop_newest();  // which find() made it
    }
  }

  // Drops the oldest until `count` stamps with `limit` bytes remain.
  void shrink(size_t count, int64_t limit) {
    while (map.size() > count || bytes > limit) {
      for (const Packing& p : map.oldest()) bytes -= p.bytes;
      map.drop_oldest();
    }
  }
};

// Never destroyed: other threads may still compute while the process ends.
Packings& packings() {
  static Packings* p = new Packings;
  return *p;
}

void drop_packings() {
  std::lock_guard<std::mutex> hold(packings().lock);
  packings().shrink(0, 0);
}
[[maybe_unused]] const bool registered = (on_pressure(drop_packings), true);
}  // namespace

PackedWeights::PackedWeights(uint64_t packer, int64_t stamp, const float* plain, int64_t floats,
                             const std::function<void(float*)>& pack)
    : data_(plain) {
  if (floats == 0) return;
  Packings& p = packings();
  bool keep = false;
  if (stamp != 0) {
    std::lock_guard<std::mutex> hold(p.lock);
    OfStamp* all = p.map.find(stamp);
    if (!all) all = &p.map.insert(stamp, {});
    Packing* seen = find(all, packer);
    if (seen) copy_ = seen->copy;
    if (!seen) all->push_back({packer, nullptr});
    keep = seen && !copy_;
    p.shrink(kStamps, kPackedBytes);
  }
  if (!copy_) {
    copy_ = std::shared_ptr<float>(static_cast<float*>(allocate(floats * 4)), release);
    pack(copy_.get());
  }
  data_ = copy_.get();
  if (!keep) return;
  std::lock_guard<std::mutex> hold(p.lock);
  Packing* seen = find(p.map.find(stamp), packer);
  if (!seen || seen->copy) return;
  seen->copy = copy_;
  seen->bytes = floats * 4;
  p.bytes += seen->bytes;
  p.shrink(kStamps, kPackedBytes);
}
}  // namespace ek

extern "C" void ek_forget_weights(int64_t stamp) {
  std::lock_guard<std::mutex> hold(ek::packings().lock);
  ek::packings().forget(stamp);
}
