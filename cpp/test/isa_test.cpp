#include "isa.h"

#include <unistd.h>

#include "testing.h"

// Not more than the C library counts, which may be all that lie beside each other.
TEST(Isa, KnowsTheLastCache) {
  EXPECT_GE(ek::cache_bytes(), int64_t{1} << 17);
  const long all = sysconf(_SC_LEVEL3_CACHE_SIZE);
  EXPECT_LE(ek::cache_bytes(), all > 0 ? int64_t{all} : int64_t{1} << 30);
}
