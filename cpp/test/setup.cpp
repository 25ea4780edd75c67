#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "einkorn.h"

namespace {
constexpr int kSkipped = 77;  // what CMakeLists.txt tells ctest

struct Library : testing::Environment {
  void SetUp() override {
    const int status = ek_init();
    if (status != EK_OK && std::strstr(ek_error(), "this CPU has no")) {
      std::printf("not run: %s\n", ek_error());
      std::fflush(stdout);
      std::_Exit(kSkipped);
    }
    ASSERT_EQ(status, EK_OK) << ek_error();
  }
};
[[maybe_unused]] const auto* library = testing::AddGlobalTestEnvironment(new Library);
}  // namespace
