#include "index.h"

#include "error.h"

namespace ek {
void check_range(const int64_t* index, int64_t count, int64_t n, const char* what, const char* where) {
  for (int64_t i = 0; i < count; ++i) {
    if (static_cast<uint64_t>(index[i]) < static_cast<uint64_t>(n)) continue;
    fail(EK_INVALID, "%s %lld at %s %lld is outside 0..%lld", what, static_cast<long long>(index[i]), where,
         static_cast<long long>(i), static_cast<long long>(n - 1));
  }
}
}  // namespace ek
