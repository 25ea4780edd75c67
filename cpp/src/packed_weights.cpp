#include "packed_weights.h"

#include <mutex>

#include "einkorn.h"
#include "lru.h"
#include "memory.h"

namespace ek {
namespace {
constexpr size_t kPackings = 4096;         // remembered keys
constexpr int64_t kPackedBytes = 1 << 30;  // bound of the packed copies: those of ResNet-18 are 160 MB

struct Key {
  Packer packer;
  int64_t stamp;
  bool operator==(const Key& k) const {
    return packer.id == k.packer.id && packer.o == k.packer.o && packer.c == k.packer.c && stamp == k.stamp;
  }
};

struct Mix {
  size_t operator()(const Key& k) const {
    const auto u = [](int64_t i) { return static_cast<uint64_t>(i); };
    return (k.packer.id * 0x9E3779B97F4A7C15u) ^ u(k.stamp) << 24 ^ u(k.packer.o) << 12 ^ u(k.packer.c);
  }
};

struct Packing {
  std::shared_ptr<float> copy;  // null until the second use
  int64_t bytes = 0;
};

struct Packings {
  std::mutex lock;
  Lru<Key, Packing, Mix> map;
  int64_t bytes = 0;

  // Drops the oldest until `count` entries of `limit` bytes remain; lock is held.
  void shrink(size_t count, int64_t limit) {
    while (map.size() > count || bytes > limit) {
      bytes -= map.oldest().bytes;
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

PackedWeights::PackedWeights(Packer packer, int64_t stamp, const float* plain, int64_t floats,
                             const std::function<void(float*)>& pack, Pack when)
    : data_(plain) {
  if (floats == 0) return;
  const Key key{packer, stamp};
  Packings& p = packings();
  bool keep = false;
  if (stamp != 0) {
    std::lock_guard<std::mutex> hold(p.lock);
    Packing* seen = p.map.find(key);
    if (seen) copy_ = seen->copy;
    if (!seen) p.map.insert(key, {});
    keep = seen && !copy_;
    p.shrink(kPackings, kPackedBytes);
  }
  if (!copy_ && !keep && when == Pack::when_kept) {
    data_ = nullptr;
    return;
  }
  if (!copy_) {
    copy_ = std::shared_ptr<float>(static_cast<float*>(allocate(floats * 4)), release);
    pack(copy_.get());
  }
  data_ = copy_.get();
  if (!keep) return;
  std::lock_guard<std::mutex> hold(p.lock);
  Packing* seen = p.map.find(key);
  if (!seen || seen->copy) return;
  seen->copy = copy_;
  seen->bytes = floats * 4;
  p.bytes += seen->bytes;
  p.shrink(kPackings, kPackedBytes);
}
}  // namespace ek

extern "C" {
void ek_forget_weights(int64_t stamp) {
  ek::Packings& p = ek::packings();
  std::lock_guard<std::mutex> hold(p.lock);
  p.map.drop_if([&](const ek::Key& key, const ek::Packing& packing) {
    if (key.stamp != stamp) return false;
    p.bytes -= packing.bytes;
    return true;
  });
}
}
