#include <gtest/gtest.h>

#include "einkorn.h"

namespace {
struct Library : testing::Environment {
  void SetUp() override { ASSERT_EQ(ek_init(), EK_OK) << ek_error(); }
};
[[maybe_unused]] const auto* library = testing::AddGlobalTestEnvironment(new Library);
}  // namespace
