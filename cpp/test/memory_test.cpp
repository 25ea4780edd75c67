#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "einkorn.h"

static const int64_t MB = 1 << 20;

TEST(Memory, BlocksAreAlignedAndDistinct) {
  std::vector<void*> blocks;
  for (int64_t bytes : {0, 1, 63, 64, 65, 1000, 4096, 32768, 32769, 100000, 3 << 20, 9 << 20}) {
    void* p = ek_alloc(bytes);
    ASSERT_NE(p, nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(p) % 64, 0u);
    std::memset(p, static_cast<int>(blocks.size() + 1), static_cast<size_t>(bytes));
    blocks.push_back(p);
  }
  const int64_t sizes[] = {0, 1, 63, 64, 65, 1000, 4096, 32768, 32769, 100000, 3 << 20, 9 << 20};
  for (size_t b = 0; b < blocks.size(); ++b) {
    const unsigned char* p = static_cast<unsigned char*>(blocks[b]);
    for (int64_t i = 0; i < sizes[b]; i += 61) ASSERT_EQ(p[i], b + 1);
    if (sizes[b]) {
      ASSERT_EQ(p[sizes[b] - 1], b + 1);
    }
    ek_free(blocks[b]);
  }
}

TEST(Memory, SteadyStateAsksTheSystemForNothing) {
  for (int round = 0; round < 3; ++round) {
    const int64_t grown = ek_memory_grown();
    std::vector<void*> blocks;
    for (int64_t bytes = 100; bytes < 8 * MB; bytes *= 3) blocks.push_back(ek_alloc(bytes));
    for (void* p : blocks) ek_free(p);
    if (round > 0) {
      EXPECT_EQ(ek_memory_grown(), grown);
    }
  }
}

TEST(Memory, LimitIsAStatusAndLeavesTheRestUsable) {
  ek_memory_trim();  // a block of this size that waits would be taken
  ek_memory_limit(1);
  EXPECT_EQ(ek_alloc(MB), nullptr);  // the packed weights that other tests left behind are dropped
  const int64_t used = ek_memory_used();
  ek_memory_trim();
  ek_memory_limit(ek_memory_used() + ek_memory_cached() + 20 * MB);
  void* a = ek_alloc(12 * MB);
  ASSERT_NE(a, nullptr);
  EXPECT_EQ(ek_alloc(12 * MB), nullptr);
  EXPECT_NE(std::string(ek_error()).find("limit"), std::string::npos);
  ek_free(a);
  void* b = ek_alloc(16 * MB);  // needs the cached 12 MB given back first
  EXPECT_NE(b, nullptr);
  ek_free(b);
  ek_memory_limit(0);
  EXPECT_EQ(ek_memory_used(), used);
}

TEST(Memory, TrimKeepsAddressesReadable) {
  float* p = static_cast<float*>(ek_alloc(4 * MB));
  p[1000] = 1;
  ek_free(p);
  EXPECT_GE(ek_memory_trim(), 4 * MB);
  EXPECT_EQ(p[100000], 0);  // a stale read finds zero pages, not a fault
}

TEST(Memory, NegativeAndHugeSizesAreRefused) {
  EXPECT_EQ(ek_alloc(-1), nullptr);
  EXPECT_EQ(ek_alloc(INT64_MAX), nullptr);
}
