// Failures inside the library are exceptions; at the C boundary `status_of` turns them into a status,
// and so does `guarded`, which operations go through.
#pragma once
#include "einkorn.h"
#include "profile.h"

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
static inline int status_of(const F& f) noexcept {
  try {
    f();
    return EK_OK;
  } catch (...) {
    return caught();
  }
}

// Runs the operation that an entry point stands for, and counts it; by default under the entry point's name.
template <class F>
static inline int guarded(const F& f, const Work& work = {__builtin_FUNCTION()}) noexcept {
  const Stopwatch watch(work);
  return status_of(f);
}
}  // namespace ek
