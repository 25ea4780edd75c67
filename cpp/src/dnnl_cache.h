// oneDNN's primitives and repacked weights, kept between calls: making a primitive costs 12 us, more than many
// of them take to run.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "dnnl.hpp"
#include "packed_weights.h"

namespace ek {
const dnnl::engine& dnnl_engine();

// What tells one primitive from another: the kind of op and its numbers, zeros behind them.
struct DnnlKey {
  enum Kind : int64_t { kMatmul, kConv, kConvGradInput, kConvGradWeight };

  DnnlKey(Kind kind, std::initializer_list<int64_t> numbers);
  bool operator==(const DnnlKey& other) const;

  int64_t v[20] = {};
};

struct DnnlArg {
  int name;  // DNNL_ARG_…
  const void* data;
};

// A primitive with its scratchpad in user mode, so that several threads may run it at once. When `packed` (one of
// its arguments, say the weights) has a layout of oneDNN's choice, pack and unpack convert the plain one.
class DnnlOp {
 public:
  // desc must have been made with dnnl_attributes().
  DnnlOp(const dnnl::primitive_desc_base& desc, dnnl::primitive primitive);
  DnnlOp(const dnnl::primitive_desc_base& desc, dnnl::primitive primitive, int packed, const dnnl::memory::desc& plain);

  // From now on run() is given an argument as `given`: it converts an input before, and an output after the primitive,
  // where that has another layout.
  void take(int argument, const dnnl::memory::desc& given, bool output);
  bool converts() const { return !converted_.empty(); }

  void run(std::initializer_list<DnnlArg> args) const;
  const char* name() const { return name_.c_str(); }

  bool packs() const { return packed_bytes_ > 0; }
  const dnnl::memory::desc& layout() const { return layout_; }
  int64_t packed_floats() const { return (packed_bytes_ + 3) / 4; }
  void pack(const float* plain, float* packed) const;
  void unpack(const float* packed, float* plain) const;

 private:
  friend class DnnlWeights;
  struct Converted {
    int argument;
    bool output;
    dnnl::reorder reorder;
    int64_t at;  // its floats in the scratch memory
  };
  const Converted* converted(int argument) const;

  std::vector<Converted> converted_;
  dnnl::primitive primitive_, pack_, unpack_;
  dnnl::memory::desc layout_;
  std::string name_;
  int64_t scratchpad_floats_, scratch_floats_;  // the primitive's, with the converted arguments behind
  int64_t packed_bytes_ = 0;
  uint64_t id_;
};

dnnl::primitive_attr dnnl_attributes();

using DnnlOpPtr = std::shared_ptr<const DnnlOp>;

// The op of a key, or null; dnnl_keep adds one (and returns the first where two threads made it at once).
DnnlOpPtr dnnl_find(const DnnlKey& key);
DnnlOpPtr dnnl_keep(const DnnlKey& key, DnnlOpPtr op);

template <class Make>
DnnlOpPtr dnnl_cached(const DnnlKey& key, const Make& make) {
  DnnlOpPtr op = dnnl_find(key);
  return op ? op : dnnl_keep(key, make());
}

// Weights in the layout an op asks for.
class DnnlWeights : public PackedWeights {
 public:
  DnnlWeights(const DnnlOp& op, const float* plain, int64_t stamp)
      : PackedWeights({op.id_}, stamp, plain, op.packed_floats(), [&](float* to) { op.pack(plain, to); }) {}
};
}  // namespace ek
