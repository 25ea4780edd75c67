// Weights rearranged for an algorithm, kept while their contents are the same.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>

namespace ek {
// Who packs them, which tells in what order: own kernels have ids below this, and the channels; oneDNN's ops
// have ids above, which stand for everything.
constexpr uint64_t kOwnPackings = 128;
// Winograd's are from 32 on.
enum : uint64_t { kWhole = 1, kDepthwise, kDepthwiseFlipped, kPointwise, kPointwiseBack, kWindowed };
struct Packer {
  uint64_t id;
  int64_t o = 0, c = 0;
};

enum class Pack { always, when_kept };

// What pack() writes, `floats` of it, or the plain weights where that is none. A stamp's copy is kept from its second
// use on: in training each stamp is used once per direction, and a copy would only take memory. Stamp 0 never is.
// Who can do without them asks for those that are kept, and gets null where none are.
class PackedWeights {
 public:
  PackedWeights(Packer packer, int64_t stamp, const float* plain, int64_t floats,
                const std::function<void(float*)>& pack, Pack when = Pack::always);
  operator const float*() const { return data_; }

 private:
  std::shared_ptr<float> copy_;
  const float* data_;
};
}  // namespace ek
