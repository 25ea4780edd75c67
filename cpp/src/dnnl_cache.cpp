#include "dnnl_cache.h"

#include <atomic>
#include <cstring>
#include <mutex>

#include "error.h"
#include "float_mode.h"
#include "lru.h"
#include "memory.h"

namespace ek {
namespace {
constexpr size_t kPrimitives = 1024;  // kept primitives, some 10 KB each

struct Mix {
  size_t operator()(const DnnlKey& k) const {
    uint64_t h = 0;
    for (int64_t v : k.v) h = (h ^ static_cast<uint64_t>(v)) * 0x9E3779B97F4A7C15u, h ^= h >> 29;
    return h;
  }
};

struct Primitives {
  std::mutex lock;
  Lru<DnnlKey, DnnlOpPtr, Mix> map;
};

// Never destroyed: other threads may still compute while the process ends.
Primitives& primitives() {
  static Primitives* p = new Primitives;
  return *p;
}

void check(dnnl_status_t status, const char* what) {
  if (status != dnnl_success) throw dnnl::error(status, what);
}

// The arguments of one execution: the C interface spares the map and the reference counts of the C++ one.
class Arguments {
 public:
  void add(const_dnnl_memory_desc_t desc, int name, const void* data) {
    dnnl_memory_t memory;
    check(dnnl_memory_create(&memory, desc, dnnl_engine().get(), const_cast<void*>(data)), "memory");
    list_[count_++] = {name, memory};
  }
  void execute(const dnnl::primitive& primitive) const {
    const KeepDenormals keep;
    static thread_local dnnl::stream stream(dnnl_engine());
    check(dnnl_primitive_execute(primitive.get(), stream.get(), count_, list_), "execute");
  }
  ~Arguments() {
    for (int i = 0; i < count_; ++i) dnnl_memory_destroy(list_[i].memory);
  }

 private:
  dnnl_exec_arg_t list_[8];
  int count_ = 0;
};

const_dnnl_memory_desc_t desc_of(const dnnl::primitive& p, int name) {
  return dnnl_primitive_desc_query_md(p.get_primitive_desc(), dnnl_query_exec_arg_md, name);
}

void convert(const dnnl::primitive& reorder, const float* from, float* to) {
  Arguments args;
  args.add(desc_of(reorder, DNNL_ARG_FROM), DNNL_ARG_FROM, from);
  args.add(desc_of(reorder, DNNL_ARG_TO), DNNL_ARG_TO, to);
  args.execute(reorder);
}
}  // namespace

const dnnl::engine& dnnl_engine() {
  static const dnnl::engine* engine = new dnnl::engine(dnnl::engine::kind::cpu, 0);
  return *engine;
}

dnnl::primitive_attr dnnl_attributes() {
  dnnl::primitive_attr attr;
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attr;
}

DnnlKey::DnnlKey(Kind kind, std::initializer_list<int64_t> numbers) {
  v[0] = kind;
  int i = 1;
  for (int64_t n : numbers) v[i++] = n;
}

bool DnnlKey::operator==(const DnnlKey& other) const { return !std::memcmp(v, other.v, sizeof v); }

DnnlOp::DnnlOp(const dnnl::primitive_desc_base& desc, dnnl::primitive primitive)
    : primitive_(std::move(primitive)),
      name_(desc.impl_info_str()),
      scratchpad_floats_(static_cast<int64_t>(desc.scratchpad_desc().get_size() + 63) / 64 * 16),
      scratch_floats_(scratchpad_floats_) {
  static std::atomic<uint64_t> ids{kOwnPackings};
  id_ = ++ids;
}

DnnlOp::DnnlOp(const dnnl::primitive_desc_base& desc, dnnl::primitive primitive, int packed,
               const dnnl::memory::desc& plain)
    : DnnlOp(desc, std::move(primitive)) {
  layout_ = desc.query_md(dnnl::query::exec_arg_md, packed);
  if (layout_ == plain) return;
  const dnnl::engine& e = dnnl_engine();
  pack_ = dnnl::reorder(dnnl::reorder::primitive_desc(e, plain, e, layout_));
  unpack_ = dnnl::reorder(dnnl::reorder::primitive_desc(e, layout_, e, plain));
  packed_bytes_ = static_cast<int64_t>(layout_.get_size());
}

void DnnlOp::take(int argument, const dnnl::memory::desc& given, bool output) {
  dnnl_memory_desc_t copy;
  check(dnnl_memory_desc_clone(&copy, desc_of(primitive_, argument)), "layout");
  const dnnl::memory::desc own(copy);
  if (own == given) return;
  const dnnl::engine& e = dnnl_engine();
  const dnnl::memory::desc &from = output ? own : given, &to = output ? given : own;
  converted_.push_back({argument, output, dnnl::reorder({e, from, e, to}), scratch_floats_});
  scratch_floats_ += static_cast<int64_t>(own.get_size() + 63) / 64 * 16;  // so that the next one is aligned
}

const DnnlOp::Converted* DnnlOp::converted(int argument) const {
  for (const Converted& c : converted_)
    if (c.argument == argument) return &c;
  return nullptr;
}

void DnnlOp::run(std::initializer_list<DnnlArg> args) const {
  Arguments list;
  const Scratch scratch(scratch_floats_);
  if (scratchpad_floats_) list.add(desc_of(primitive_, DNNL_ARG_SCRATCHPAD), DNNL_ARG_SCRATCHPAD, scratch.get());
  for (const DnnlArg& a : args) {
    if (!a.data) continue;
    const Converted* c = converted(a.name);
    if (c && !c->output) convert(c->reorder, static_cast<const float*>(a.data), scratch + c->at);
    list.add(desc_of(primitive_, a.name), a.name, c ? scratch + c->at : a.data);
  }
  list.execute(primitive_);
  for (const DnnlArg& a : args)
    if (const Converted* c = converted(a.name); c && c->output)
      convert(c->reorder, scratch + c->at, const_cast<float*>(static_cast<const float*>(a.data)));
}

void DnnlOp::pack(const float* plain, float* packed) const { convert(pack_, plain, packed); }
void DnnlOp::unpack(const float* packed, float* plain) const { convert(unpack_, packed, plain); }

DnnlOpPtr dnnl_find(const DnnlKey& key) {
  Primitives& p = primitives();
  std::lock_guard<std::mutex> hold(p.lock);
  DnnlOpPtr* found = p.map.find(key);
  return found ? *found : nullptr;
}

DnnlOpPtr dnnl_keep(const DnnlKey& key, DnnlOpPtr op) {
  Primitives& p = primitives();
  std::lock_guard<std::mutex> hold(p.lock);
  if (DnnlOpPtr* found = p.map.find(key)) return *found;
  p.map.insert(key, op);
  if (p.map.size() > kPrimitives) p.map.drop_oldest();
  return op;
}
}  // namespace ek
