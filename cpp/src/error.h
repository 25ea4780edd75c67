// Failures inside the library are exceptions; at the C boundary `guarded` turns them into a status.
#pragma once
#include "einkorn.h"

namespace ek {
struct Failure {
  int status;
  char message[240];
};

// Throws a Failure with a printf-style message.
[[noreturn]] void fail(int status, const char* format, ...) __attribute__((format(printf, 2, 3)));

// Records the exception in flight as this thread's error; returns its status. Call inside a catch block.
int caught() noexcept;

template <class F>
static inline int guarded(const F& f) noexcept {
  try {
    f();
    return EK_OK;
  } catch (...) {
    return caught();
  }
}
}  // namespace ek
