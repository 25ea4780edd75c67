// Labels, positions and row numbers come from users: checked as a whole before a kernel writes anything.
#pragma once
#include <stdint.h>

namespace ek {
// Fails with "label 12 at row 3 is outside 0..9" (`what` is "label", `where` is "row") unless every one of
// `count` indices lies in 0..n-1.
void check_range(const int64_t* index, int64_t count, int64_t n, const char* what, const char* where);

// An index after its check, which another thread may have overwritten since: memory stays safe.
static inline __attribute__((always_inline)) int64_t pinned(const int64_t* index, int64_t n) {
  const int64_t k = __atomic_load_n(index, __ATOMIC_RELAXED);
  return static_cast<uint64_t>(k) < static_cast<uint64_t>(n) ? k : 0;
}
}  // namespace ek
