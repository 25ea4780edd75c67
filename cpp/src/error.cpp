#include "error.h"

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <new>

#include "dnnl.hpp"

namespace ek {
static thread_local char last_error[256] = "";

void fail(int status, const char* format, ...) {
  Failure f;
  f.status = status;
  va_list args;
  va_start(args, format);
  vsnprintf(f.message, sizeof f.message, format, args);
  va_end(args);
  throw f;
}

static int record(int status, const char* message) noexcept {
  snprintf(last_error, sizeof last_error, "%s", message);
  return status;
}

int caught() noexcept {
  try {
    throw;
  } catch (const Failure& f) {
    return record(f.status, f.message);
  } catch (const std::bad_alloc&) {
    return record(EK_OUT_OF_MEMORY, "out of memory");
  } catch (const dnnl::error& e) {
    const bool memory = e.status == dnnl_out_of_memory;
    char text[sizeof last_error];
    snprintf(text, sizeof text, "oneDNN: %s (status %d)", e.what(), static_cast<int>(e.status));
    return record(memory ? EK_OUT_OF_MEMORY : EK_INTERNAL, text);
  } catch (const std::exception& e) {
    return record(EK_INTERNAL, e.what());
  } catch (...) {
    return record(EK_INTERNAL, "unknown native failure");
  }
}
}  // namespace ek

extern "C" const char* ek_error(void) { return ek::last_error; }
