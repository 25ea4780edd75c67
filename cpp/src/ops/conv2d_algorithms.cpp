// The table of the ways to compute a convolution, the choices that override it, and the entry points that run it.
#ifdef EK_BASE
#include "conv2d_algorithms.h"

#include <atomic>
#include <cstring>
#include <map>
#include <shared_mutex>
#include <tuple>

#include "conv2d_few.h"
#include "conv2d_winograd.h"
#include "error.h"

namespace ek {
namespace {
typedef ek_conv2d_shape Shape;

void few(const Shape& s, Conv2dPass pass, const Conv2dOperands& d) {
  switch (pass) {
    case Conv2dPass::forward:
      return few_conv2d(s, d.x, d.w, d.b, d.relu, d.out);
    case Conv2dPass::grad_input:
      return few_grad_input(s, d.gy, d.w, d.out);
    case Conv2dPass::grad_weight:
      return few_grad_weight(s, d.x, d.gy, d.out);
  }
}

template <int WAY>
void winograd(const Shape& s, Conv2dPass pass, const Conv2dOperands& d) {
  switch (pass) {
    case Conv2dPass::forward:
      return winograd_conv2d(WAY, s, d.x, d.w, d.w_stamp, d.b, d.relu, d.out);
    case Conv2dPass::grad_input:
      return winograd_grad_input(WAY, s, d.gy, d.w, d.w_stamp, d.out);
    case Conv2dPass::grad_weight:
      return winograd_grad_weight(WAY, s, d.x, d.gy, d.out);
  }
}
template <int WAY>
bool takes(const Shape& s, Conv2dPass) {
  return winograd_takes(WAY, s);
}
template <int WAY>
bool wins(const Shape& s, Conv2dPass pass) {
  return winograd_wins(WAY, s, pass);
}

void onednn(const Shape& s, Conv2dPass pass, const Conv2dOperands& d) {
  switch (pass) {
    case Conv2dPass::forward:
      return dnnl_conv2d(s, d.x, d.w, d.w_stamp, d.b, d.relu, d.out);
    case Conv2dPass::grad_input:
      return dnnl_grad_input(s, d.gy, d.w, d.w_stamp, d.out);
    case Conv2dPass::grad_weight:
      return dnnl_grad_weight(s, d.x, d.gy, d.out);
  }
}
bool always(const Shape&, Conv2dPass) { return true; }

constexpr Conv2dAlgorithm kTable[] = {
    {"few", few_takes, few_wins, few},
    {"winograd-f4", takes<4>, wins<4>, winograd<4>},
    {"winograd-f2", takes<2>, wins<2>, winograd<2>},
    {"onednn", always, always, onednn},
};

// The algorithms that were asked for instead of the table's first.
struct Choices {
  struct Less {
    bool operator()(const std::pair<Shape, int>& a, const std::pair<Shape, int>& b) const {
      const int order = std::memcmp(&a.first, &b.first, sizeof(Shape));
      return order ? order < 0 : a.second < b.second;
    }
  };
  std::shared_mutex lock;
  std::map<std::pair<Shape, int>, const Conv2dAlgorithm*, Less> map;
  std::atomic<bool> any{false};

  const Conv2dAlgorithm* find(const Shape& s, Conv2dPass pass) {
    if (!any.load(std::memory_order_acquire)) return nullptr;
    std::shared_lock<std::shared_mutex> hold(lock);
    const auto at = map.find({s, static_cast<int>(pass)});
    return at == map.end() ? nullptr : at->second;
  }
};

// Never destroyed: other threads may still compute while the process ends.
Choices& choices() {
  static Choices* c = new Choices;
  return *c;
}

const Conv2dAlgorithm* first_of(const Shape& s, Conv2dPass pass) {
  const Conv2dAlgorithm* a = kTable;
  while (!a->takes(s, pass) || !a->wins(s, pass)) ++a;
  return a;
}

// What was chosen, unless it no longer takes the shape (ek_set_winograd).
const Conv2dAlgorithm& algorithm_of(const Shape& s, Conv2dPass pass) {
  const Conv2dAlgorithm* chosen = choices().find(s, pass);
  return chosen && chosen->takes(s, pass) ? *chosen : *first_of(s, pass);
}

std::string names(const std::vector<const Conv2dAlgorithm*>& list) {
  std::string text;
  for (const Conv2dAlgorithm* a : list) text += std::string(text.empty() ? "" : " ") + a->name;
  return text;
}

std::vector<const Conv2dAlgorithm*> whole_table() {
  std::vector<const Conv2dAlgorithm*> list;
  for (const Conv2dAlgorithm& a : kTable) list.push_back(&a);
  return list;
}

const Conv2dAlgorithm& named(const char* name) {
  for (const Conv2dAlgorithm& a : kTable)
    if (!std::strcmp(a.name, name)) return a;
  fail(EK_INVALID, "no algorithm of convolution is called '%.40s'; there are: %s", name, names(whole_table()).c_str());
}

int run(const Shape& s, Conv2dPass pass, const Conv2dOperands& d) {
  static const char* const names[] = {"conv2d", "conv2d_grad_input", "conv2d_grad_weight"};
  static_assert(sizeof(Shape) == 16 * sizeof(int32_t), "its fields are numbers of Work");
  Work work{names[static_cast<int>(pass)], &s.n, 16, conv2d_flops(s), true};
  return guarded(
      [&] {
        const Conv2dAlgorithm& a = algorithm_of(s, pass);
        work.algorithm = a.name;
        a.run(s, pass, d);
      },
      work);
}
}  // namespace

std::vector<const Conv2dAlgorithm*> conv2d_candidates(const Shape& s, Conv2dPass pass) {
  std::vector<const Conv2dAlgorithm*> found{first_of(s, pass)};
  for (const Conv2dAlgorithm& a : kTable)
    if (&a != found[0] && a.takes(s, pass)) found.push_back(&a);
  return found;
}

Conv2dPass conv2d_check(const Shape& s, int pass) {
  if (pass < 0 || pass > 2) fail(EK_INVALID, "pass %d of a convolution: expected 0, 1 or 2", pass);
  constexpr int kPads = 11, kNumbers = 16;
  int32_t v[kNumbers];
  std::memcpy(v, &s, sizeof s);
  for (int i = 0; i < kNumbers; ++i) {
    const int32_t least = i >= kPads && i < kPads + 4 ? 0 : 1;
    if (v[i] < least || v[i] > 1 << 24)
      fail(EK_INVALID, "number %d of a convolution's shape is %d: expected %d to %d", i, v[i], least, 1 << 24);
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
}  // namespace ek

extern "C" {
int ek_conv2d(const ek_conv2d_shape* shape, const float* x, const float* w, int64_t w_stamp, const float* b, int relu,
              float* y) {
  return ek::run(*shape, ek::Conv2dPass::forward, {x, nullptr, w, w_stamp, b, relu != 0, y});
}

int ek_conv2d_grad_input(const ek_conv2d_shape* shape, const float* gy, const float* w, int64_t w_stamp, float* gx) {
  return ek::run(*shape, ek::Conv2dPass::grad_input, {nullptr, gy, w, w_stamp, nullptr, false, gx});
}

int ek_conv2d_grad_weight(const ek_conv2d_shape* shape, const float* x, const float* gy, float* gw) {
  return ek::run(*shape, ek::Conv2dPass::grad_weight, {x, gy, nullptr, 0, nullptr, false, gw});
}

const char* ek_conv2d_explain(const ek_conv2d_shape* shape, int pass, const char* algorithm) {
  static thread_local std::string text;
  const int status = ek::status_of([&] {
    const ek::Conv2dPass p = ek::conv2d_check(*shape, pass);
    const ek::Conv2dAlgorithm& a = algorithm ? ek::named(algorithm) : ek::algorithm_of(*shape, p);
    text = std::string(a.name) + " channels-last";
    if (a.run == ek::onednn) text += " " + ek::dnnl_kernel(*shape, p);
  });
  return status == EK_OK ? text.c_str() : nullptr;
}

const char* ek_conv2d_candidates(const ek_conv2d_shape* shape, int pass) {
  static thread_local std::string text;
  const int status = ek::status_of([&] {
    text = ek::names(shape ? ek::conv2d_candidates(*shape, ek::conv2d_check(*shape, pass)) : ek::whole_table());
  });
  return status == EK_OK ? text.c_str() : nullptr;
}

int ek_conv2d_choose(const ek_conv2d_shape* shape, int pass, const char* algorithm) {
  return ek::status_of([&] {
    const ek::Conv2dPass p = ek::conv2d_check(*shape, pass);
    const ek::Conv2dAlgorithm& a = ek::named(algorithm);
    if (!a.takes(*shape, p)) ek::fail(EK_INVALID, "%s does not take pass %d of this shape", a.name, pass);
    ek::Choices& c = ek::choices();
    std::lock_guard<std::shared_mutex> hold(c.lock);
    c.map[{*shape, pass}] = &a;
    c.any.store(true, std::memory_order_release);
  });
}

void ek_conv2d_choose_none(void) {
  ek::Choices& c = ek::choices();
  std::lock_guard<std::shared_mutex> hold(c.lock);
  c.map.clear();
  c.any.store(false, std::memory_order_release);
}
}
#endif
