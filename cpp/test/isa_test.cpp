#include "isa.h"

#include <fstream>

#include "testing.h"

TEST(Isa, KnowsTheLastCacheOfThisCore) {
  EXPECT_GE(ek::cache_bytes(), int64_t{1} << 17);
  EXPECT_LE(ek::cache_bytes(), int64_t{1} << 32);
  std::ifstream file("/sys/devices/system/cpu/cpu0/cache/index3/size");  // as "32768K"
  int64_t kilobytes = 0;
  char unit = 0;
  if (file >> kilobytes >> unit && unit == 'K') EXPECT_EQ(ek::cache_bytes(), kilobytes << 10);
}
