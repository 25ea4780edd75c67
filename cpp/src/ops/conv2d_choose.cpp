// Which algorithm computes a convolution: the table's first, or one chosen in its place; and what can be asked about
// it.
#ifdef EK_BASE
#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>

#include "conv2d_algorithms.h"
#include "conv2d_plain.h"
#include "conv2d_tune.h"
#include "error.h"

namespace ek {
namespace {
typedef ek_conv2d_shape Shape;

// The algorithms chosen for shapes and passes.
struct Choices {
  typedef std::pair<Shape, Conv2dPass> Key;
  struct Less {
    bool operator()(const Key& a, const Key& b) const {
      const int order = std::memcmp(&a.first, &b.first, sizeof(Shape));
      return order ? order < 0 : a.second < b.second;
    }
  };
  std::shared_mutex lock;
  std::map<Key, const Conv2dAlgorithm*, Less> map;
  std::atomic<bool> any{false};
};

// Never destroyed: other threads may still compute while the process ends.
Choices& choices() {
  static Choices* c = new Choices;
  return *c;
}

const Conv2dAlgorithm* chosen(const Shape& s, Conv2dPass pass) {
  Choices& c = choices();
  if (!c.any.load(std::memory_order_acquire)) return nullptr;
  std::shared_lock<std::shared_mutex> hold(c.lock);
  const auto at = c.map.find({s, pass});
  return at == c.map.end() ? nullptr : at->second;
}

bool takes(const Conv2dAlgorithm& a, const Shape& s, Conv2dPass pass) {
  return a.takes(s, pass) && (a.far || !conv2d_far(s));
}

std::string names(const Conv2dAlgorithms& list) {
  std::string text;
  for (const Conv2dAlgorithm* a : list) text += std::string(text.empty() ? "" : " ") + a->name;
  return text;
}

const Conv2dAlgorithm& named(const char* name) {
  for (const Conv2dAlgorithm* a : conv2d_algorithms())
    if (!std::strcmp(a->name, name)) return *a;
  fail(EK_INVALID, "no algorithm of convolution is called '%.40s'; there are: %s", name,
       names(conv2d_algorithms()).c_str());
}

// Throws EK_INVALID unless there is such a pass of such a shape.
Conv2dPass check(const Shape& s, int pass) {
  if (pass < 0 || pass > 2) fail(EK_INVALID, "pass %d of a convolution: expected 0, 1 or 2", pass);
  constexpr int kPads = 11, kNumbers = 16, kMost = 1 << 28;
  int32_t v[kNumbers];
  std::memcpy(v, &s, sizeof s);
  for (int i = 0; i < kNumbers; ++i) {
    const int32_t least = i >= kPads && i < kPads + 4 ? 0 : 1;
    if (v[i] < least || v[i] > kMost)
      fail(EK_INVALID, "number %d of a convolution's shape is %d: expected %d to %d", i, v[i], least, kMost);
  }
  if (s.c % s.groups || s.o % s.groups)
    fail(EK_INVALID, "%d groups do not divide %d and %d channels", s.groups, s.c, s.o);
  const auto fits = [](int32_t in, int32_t before, int32_t after, int32_t kernel, int32_t dilation) {
    return int64_t{dilation} * (kernel - 1) + 1 <= int64_t{in} + before + after;
  };
  if (!fits(s.h, s.pad_top, s.pad_bottom, s.kh, s.dilation_h) ||
      !fits(s.w, s.pad_left, s.pad_right, s.kw, s.dilation_w))
    fail(EK_INVALID, "a kernel of %dx%d does not fit into %dx%d", s.kh, s.kw, s.h, s.w);
  return static_cast<Conv2dPass>(pass);
}

const char* text_of(std::string (*make)(const Shape*, int, const char*), const Shape* s, int pass, const char* name) {
  static thread_local std::string text;
  return status_of([&] { text = make(s, pass, name); }) == EK_OK ? text.c_str() : nullptr;
}
}  // namespace

Conv2dAlgorithms conv2d_candidates(const Shape& s, Conv2dPass pass) {
  Conv2dAlgorithms list;
  for (const Conv2dAlgorithm* a : conv2d_algorithms())
    if (takes(*a, s, pass)) list.push_back(a);
  const auto first = std::find_if(list.begin(), list.end(), [&](auto* a) { return a->wins(s, pass); });
  std::rotate(list.begin(), first, first + 1);
  return list;
}

// A choice that no longer takes the shape (ek_set_winograd) does not count.
const Conv2dAlgorithm& conv2d_algorithm(const Shape& s, Conv2dPass pass) {
  const Conv2dAlgorithm* choice = chosen(s, pass);
  if (choice && takes(*choice, s, pass)) return *choice;
  for (const Conv2dAlgorithm* a : conv2d_algorithms())
    if (a->takes(s, pass) && a->wins(s, pass)) return *a;
  fail(EK_INTERNAL, "no algorithm takes a convolution");
}
}  // namespace ek

extern "C" {
const char* ek_conv2d_candidates(const ek_conv2d_shape* shape, int pass) {
  return ek::text_of(
      [](const ek_conv2d_shape* s, int p, const char*) {
        return ek::names(s ? ek::conv2d_candidates(*s, ek::check(*s, p)) : ek::conv2d_algorithms());
      },
      shape, pass, nullptr);
}

const char* ek_conv2d_explain(const ek_conv2d_shape* shape, int pass, const char* algorithm) {
  return ek::text_of(
      [](const ek_conv2d_shape* s, int number, const char* name) -> std::string {
        const ek::Conv2dPass p = ek::check(*s, number);
        const ek::Conv2dAlgorithm& a = name ? ek::named(name) : ek::conv2d_algorithm(*s, p);
        if (!a.primitive) return std::string(a.name) + " channels-last";
        if (!ek::takes(a, *s, p)) ek::fail(EK_INVALID, "%s does not take pass %d of this shape", a.name, number);
        const ek::DnnlOpPtr op = a.primitive(*s, p);
        return std::string(a.name) + (op->converts() ? " blocked " : " channels-last ") + op->name();
      },
      shape, pass, algorithm);
}

int ek_conv2d_choose(const ek_conv2d_shape* shape, int pass, const char* algorithm) {
  return ek::status_of([&] {
    const ek::Conv2dPass p = ek::check(*shape, pass);
    const ek::Conv2dAlgorithm& a = ek::named(algorithm);
    if (!ek::takes(a, *shape, p)) ek::fail(EK_INVALID, "%s does not take pass %d of this shape", a.name, pass);
    ek::Choices& c = ek::choices();
    std::lock_guard<std::shared_mutex> hold(c.lock);
    c.map[{*shape, p}] = &a;
    c.any.store(true, std::memory_order_release);
  });
}

void ek_conv2d_choose_none(void) {
  ek::Choices& c = ek::choices();
  std::lock_guard<std::shared_mutex> hold(c.lock);
  c.map.clear();
  c.any.store(false, std::memory_order_release);
}

int ek_conv2d_time(const ek_conv2d_shape* shape, int pass, int packed, int candidates, ek_dim* nanoseconds) {
  return ek::status_of([&] {
    const ek::Conv2dPass p = ek::check(*shape, pass);
    const ek::Conv2dAlgorithms found = ek::conv2d_candidates(*shape, p);
    if (static_cast<int>(found.size()) != candidates)
      ek::fail(EK_INVALID, "expected %d algorithms for the convolution, and now there are %d", candidates,
               static_cast<int>(found.size()));
    ek::conv2d_time(*shape, p, found, packed != 0, nanoseconds);
  });
}
}
#endif
