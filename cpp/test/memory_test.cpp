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

// Small blocks share a mapping, which is given back when all of them are free.
TEST(Memory, SmallBlocksGiveWayToLargeOnes) {
  for (int64_t bytes : {int64_t{100}, int64_t{3136}, int64_t{32768}}) {
    ek_memory_trim();
    const int64_t used = ek_memory_used();
    ek_memory_limit(used + ek_memory_cached() + 80 * MB);
    std::vector<void*> blocks;
    for (int64_t i = 0; i < 60 * MB / bytes; ++i) blocks.push_back(ek_alloc(bytes));
    void* lives = blocks.back();
    blocks.pop_back();
    std::memset(lives, 7, static_cast<size_t>(bytes));
    for (void* p : blocks) ek_free(p);
    void* large = ek_alloc(64 * MB);
    EXPECT_NE(large, nullptr) << ek_error();
    ek_free(large);
    for (void*& p : blocks) std::memset(p = ek_alloc(bytes), 1, static_cast<size_t>(bytes));
    for (int64_t i = 0; i < bytes; ++i) ASSERT_EQ(static_cast<char*>(lives)[i], 7);
    EXPECT_GE(ek_memory_used() - used, 59 * MB);
    blocks.push_back(lives);
    for (void* p : blocks) ek_free(p);
    EXPECT_GE(ek_memory_trim(), 59 * MB);
    size_t left = 0;  // as for large ones: a stale read finds zeros, but where headers are near, and not a fault
    for (void* p : blocks) left += static_cast<char*>(p)[bytes / 2] != 0;
    EXPECT_LT(left, blocks.size() / 10);
    EXPECT_EQ(ek_memory_used(), used);
    ek_memory_limit(0);
  }
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
