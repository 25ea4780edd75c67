// A caching allocator. Sizes are rounded up to classes, four to each power of two; a freed block waits in its
// class's list. Address space is never unmapped: giving memory back drops the pages and keeps the mapping, so
// that a stale address, which Java refuses but a race between two threads could produce, reads nonsense
// instead of crashing the process. It never meets a header either: blocks stay where they were once cut.
#include "memory.h"

#include <sys/mman.h>

#include <atomic>
#include <climits>
#include <cstring>
#include <mutex>
#include <vector>

#include "einkorn.h"
#include "error.h"

namespace ek {
namespace {
constexpr int64_t kAlign = 64;
constexpr int64_t kPage = 4096;
constexpr int64_t kHuge = 2 << 20;
constexpr int64_t kSmall = 32 << 10;  // blocks up to here are carved from slabs
constexpr int64_t kSlab = 256 << 10;
constexpr int64_t kLargest = int64_t{1} << 46;
constexpr int kClasses = 4 * 48, kSmallClasses = 4 * 9 + 1;

// Lies in the 64 bytes before a block.
struct Header {
  Header* next;  // in a free list
  char* region;  // mapping of a large block, to give its pages back, or the slab of a small one
  int64_t length;
  int32_t size_class;
};
static_assert(sizeof(Header) <= kAlign, "the header precedes an aligned block");

// Blocks of one class, behind this in the first page, which stays.
struct Slab {
  Slab* next;
  int64_t carved, free;  // blocks: so many from the start on; of these in the free list, while trim() counts
};

// Class c holds blocks of (4 + c % 4) << (c / 4 + 4) bytes: 64, 80, 96, 112, 128, …
constexpr int64_t class_bytes(int c) { return int64_t{4 + c % 4} << (c / 4 + 4); }

int class_of(int64_t bytes) {
  if (bytes <= 64) return 0;
  const int top = 63 - __builtin_clzll(static_cast<uint64_t>(bytes - 1));  // 2^top <= bytes - 1
  const int64_t step = int64_t{1} << (top - 2);
  const int quarter = static_cast<int>((bytes - 1 - (int64_t{1} << top)) / step);
  return (top - 6) * 4 + quarter + 1;
}

static_assert(class_bytes(kSmallClasses - 1) == kSmall, "the last small class");

Header* header(void* block) { return reinterpret_cast<Header*>(static_cast<char*>(block) - kAlign); }
void* block_of(Header* h) { return reinterpret_cast<char*>(h) + kAlign; }

// Changed under the lock alone, so that it takes no atomic addition, and read without it.
class Counter {
 public:
  void set(int64_t n) { n_.store(n, std::memory_order_relaxed); }
  void operator+=(int64_t n) { set(*this + n); }
  void operator-=(int64_t n) { *this += -n; }
  operator int64_t() const { return n_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> n_{0};
};

struct Arena {
  std::mutex lock;
  Header* warm[kClasses] = {};      // free, pages kept
  Header* cold[kClasses] = {};      // free, pages given back
  Slab* slabs[kSmallClasses] = {};  // the first one may have room
  Slab* empty[kSmallClasses] = {};  // pages given back
  int64_t colour = 0;
  int64_t limit = 0;
  std::vector<void (*)()> drops;
  Counter used, cached, peak, grown;

  int64_t trim() {
    int64_t given = 0;
    for (int c = 0; c < kClasses; ++c) given += class_bytes(c) * (c < kSmallClasses ? trim_slabs(c) : trim_large(c));
    cached -= given;
    return given;
  }

  // Blocks given back: all that wait.
  int64_t trim_large(int c) {
    int64_t blocks = 0;
    while (Header* h = warm[c]) {
      warm[c] = h->next;
      give_back(h);
      h->next = cold[c];
      cold[c] = h;
      ++blocks;
    }
    return blocks;
  }

  // Those of slabs all of whose blocks wait, which are found here so that taking and freeing need not count.
  int64_t trim_slabs(int c) {
    const auto slab = [](Header* h) { return reinterpret_cast<Slab*>(h->region); };
    const auto unused = [](Slab* s) { return s->free == s->carved; };
    int64_t blocks = 0;
    for (Header* h = warm[c]; h; h = h->next) ++slab(h)->free;
    for (Header** at = &warm[c]; Header* h = *at;) {
      if (unused(slab(h)))
        *at = h->next;
      else
        at = &h->next;
    }
    for (Slab** at = &slabs[c]; Slab* s = *at;) {
      if (unused(s)) {
        blocks += s->carved;
        s->carved = 0;
        madvise(reinterpret_cast<char*>(s) + kPage, kSlab - kPage, MADV_DONTNEED);
        *at = s->next;
        s->next = empty[c];
        empty[c] = s;
      } else {
        at = &s->next;
      }
      s->free = 0;
    }
    return blocks;
  }

  // Drops the whole pages behind the header.
  static void give_back(Header* h) {
    char* from = reinterpret_cast<char*>((reinterpret_cast<uintptr_t>(block_of(h)) + kPage - 1) & ~(kPage - 1));
    char* to = h->region + h->length;
    if (to > from) madvise(from, static_cast<size_t>(to - from), MADV_DONTNEED);
  }

  bool fits(int64_t bytes) const { return limit == 0 || used + cached + bytes <= limit; }

  Header* take(int c, bool& mapped) {
    const int64_t bytes = class_bytes(c);
    mapped = true;
    Header* h = warm[c];
    if (h) {
      warm[c] = h->next;
      cached -= bytes;
      return h;
    }
    if (!fits(bytes) && (trim() == 0 || !fits(bytes))) return nullptr;
    if ((h = cold[c])) {
      cold[c] = h->next;
      return h;
    }
    h = c < kSmallClasses ? carve(c) : map(bytes);
    mapped = h != nullptr;
    if (h) h->size_class = c;
    return h;
  }

  // The next block of a slab. Those of different classes start at different offsets within a page.
  Header* carve(int c) {
    const int64_t first = kAlign + c % 8 * 512, step = (class_bytes(c) + 2 * kAlign - 1) / kAlign * kAlign;
    Slab* s = slabs[c];
    if (!s || first + (s->carved + 1) * step > kSlab) {
      if ((s = empty[c])) {
        empty[c] = s->next;
      } else {
        void* p = mmap(nullptr, kSlab, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED) return nullptr;
        s = static_cast<Slab*>(p);
        grown += 1;
      }
      s->next = slabs[c];
      slabs[c] = s;
    }
    Header* h = reinterpret_cast<Header*>(reinterpret_cast<char*>(s) + first + s->carved++ * step);
    h->region = reinterpret_cast<char*>(s);
    return h;
  }

  // A mapping of its own, on huge pages where it is large; blocks start at different offsets within a page
  // so that equal sizes do not meet in the same cache sets.
  Header* map(int64_t bytes) {
    const bool huge = bytes >= 2 * kHuge;
    const int64_t shift = (colour++ % 8) * 512;
    const int64_t length = (bytes + kAlign + shift + kPage - 1) / kPage * kPage;
    const int64_t span = huge ? length + kHuge : length;
    void* p = mmap(nullptr, static_cast<size_t>(span), PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) return nullptr;
    char* base = static_cast<char*>(p);
    if (huge) {
      base = reinterpret_cast<char*>((reinterpret_cast<uintptr_t>(base) + kHuge - 1) & ~(kHuge - 1));
      madvise(base, static_cast<size_t>(length), MADV_HUGEPAGE);
    }
    grown += 1;
    Header* h = reinterpret_cast<Header*>(base + shift);
    h->region = base;
    h->length = length;
    return h;
  }
};

// Never destroyed: blocks may be freed while the process ends.
Arena& arena() {
  static Arena* a = new Arena;
  return *a;
}
}  // namespace

static void* try_allocate(int64_t bytes, bool& mapped) {
  Arena& a = arena();
  std::lock_guard<std::mutex> hold(a.lock);
  Header* h = a.take(class_of(bytes), mapped);
  if (!h) return nullptr;
  a.used += class_bytes(h->size_class);
  if (a.used > a.peak) a.peak.set(a.used);
  return block_of(h);
}

void* allocate(int64_t bytes) {
  if (bytes < 0 || bytes > kLargest) fail(EK_INVALID, "cannot allocate %lld bytes", static_cast<long long>(bytes));
  bool mapped = true;
  if (void* p = try_allocate(bytes, mapped)) return p;
  for (auto drop : arena().drops) drop();
  if (void* p = try_allocate(bytes, mapped)) return p;
  Arena& a = arena();
  if (!mapped) fail(EK_OUT_OF_MEMORY, "the operating system refused %lld bytes", static_cast<long long>(bytes));
  fail(EK_OUT_OF_MEMORY, "%lld bytes asked for, %lld in use, limit %lld", static_cast<long long>(bytes),
       static_cast<long long>(a.used), static_cast<long long>(a.limit));
}

void release(void* block) noexcept {
  if (!block) return;
  Arena& a = arena();
  std::lock_guard<std::mutex> hold(a.lock);
  Header* h = header(block);
  const int c = h->size_class;
  a.used -= class_bytes(c);
  a.cached += class_bytes(c);
  h->next = a.warm[c];
  a.warm[c] = h;
}

void on_pressure(void (*drop)()) {
  std::lock_guard<std::mutex> hold(arena().lock);
  arena().drops.push_back(drop);
}
}  // namespace ek

extern "C" {
void* ek_alloc(int64_t bytes) {
  void* p = nullptr;
  ek::status_of([&] { p = ek::allocate(bytes); });
  return p;
}

void ek_free(void* block) { ek::release(block); }

void ek_memory_limit(int64_t bytes) {
  std::lock_guard<std::mutex> hold(ek::arena().lock);
  ek::arena().limit = bytes;
}

int64_t ek_memory_trim(void) {
  std::lock_guard<std::mutex> hold(ek::arena().lock);
  return ek::arena().trim();
}

int64_t ek_memory_used(void) { return ek::arena().used; }
int64_t ek_memory_cached(void) { return ek::arena().cached; }
int64_t ek_memory_peak(void) { return ek::arena().peak; }
int64_t ek_memory_grown(void) { return ek::arena().grown; }
}
