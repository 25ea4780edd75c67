#include "isa.h"

#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>

#include "dnnl.hpp"
#include "einkorn.h"
#include "error.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

extern "C" {
char* openblas_get_corename(void);
char* openblas_get_config(void);
void openblas_set_num_threads(int);
}

namespace ek {
static bool cpu_has_avx2() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return false;
#endif
}

static bool cpu_has_avx512() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return cpu_has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
#else
  return false;
#endif
}

static std::string cpu_name() {
#if defined(__x86_64__)
  unsigned brand[12] = {};
  for (unsigned i = 0; i < 3; ++i)
    if (!__get_cpuid(0x80000002 + i, brand + 4 * i, brand + 4 * i + 1, brand + 4 * i + 2, brand + 4 * i + 3)) return "";
  const std::string name(reinterpret_cast<const char*>(brand), sizeof brand);
  const size_t first = name.find_first_not_of(' '), end = name.find_last_not_of(std::string(" \0", 2)) + 1;
  return first < end ? name.substr(first, end - first) : "";
#else
  return "";
#endif
}

// EINKORN_ISA=scalar also holds oneDNN to its oldest kernels, so that one machine can rehearse another.
static Isa choose() {
  const char* forced = std::getenv("EINKORN_ISA");
  const auto is = [=](const char* name) { return forced && !std::strcmp(forced, name); };
  if (is("scalar")) dnnl_set_max_cpu_isa(dnnl_cpu_isa_sse41);
  if (is("avx2")) dnnl_set_max_cpu_isa(dnnl_cpu_isa_avx2);
  if (!cpu_has_avx2() || is("scalar")) return Isa::scalar;
  return cpu_has_avx512() && !is("avx2") ? Isa::avx512 : Isa::avx2;
}

Isa isa() {
  static const Isa chosen = choose();
  return chosen;
}

bool avx512_in_halves() {
  static const bool halves = [] {
#if defined(__x86_64__)
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (isa() != Isa::avx512 || !__get_cpuid(0, &a, &b, &c, &d) || b != signature_AMD_ebx ||
        !__get_cpuid(1, &a, &b, &c, &d))
      return false;
    constexpr unsigned kZen4 = 0x19;
    return (a >> 8 & 15) + (a >> 20 & 255) == kZen4;
#else
    return false;
#endif
  }();
  return halves;
}

// Of the caches that the processor lists, the last: sets x ways x partitions x bytes of a line. (Of some processors the
// C library knows only what all of their third caches hold together.)
static int64_t last_cache() {
  int64_t last = 0;
#if defined(__x86_64__)
  for (unsigned leaf : {0x4u, 0x8000001Du})  // Intel's and AMD's
    for (unsigned i = 0, a, b, c, d; __get_cpuid_count(leaf, i, &a, &b, &c, &d) && (a & 31) != 0; ++i)
      last = (int64_t{c} + 1) * ((b >> 22) + 1) * ((b >> 12 & 0x3FF) + 1) * ((b & 0xFFF) + 1);
#endif
#if defined(_SC_LEVEL3_CACHE_SIZE)
  if (last <= 0) last = sysconf(_SC_LEVEL3_CACHE_SIZE);
#endif
  return last > 0 ? last : int64_t{16} << 20;
}

int64_t cache_bytes() {
  static const int64_t bytes = last_cache();
  return bytes;
}

// A third cache larger than a core has near is one that all cores of a server share over a mesh: it is hardly faster
// than memory.
int64_t kept_bytes() {
  constexpr int64_t kNear = int64_t{96} << 20, kBehindMesh = 8 << 20;
  return cache_bytes() > kNear ? kBehindMesh : cache_bytes();
}

// EINKORN_ISA must name something this machine can run.
static void check_forced_isa() {
  const char* forced = std::getenv("EINKORN_ISA");
  if (!forced || !*forced) return;
  const bool wide = !std::strcmp(forced, "avx512");
  if (!wide && std::strcmp(forced, "scalar") && std::strcmp(forced, "avx2"))
    fail(EK_INVALID, "EINKORN_ISA=%.40s: expected scalar, avx2 or avx512", forced);
  if (wide && !cpu_has_avx512()) fail(EK_INVALID, "EINKORN_ISA=avx512, but this CPU has no AVX-512 (F, DQ, BW, VL)");
  if (!std::strcmp(forced, "avx2") && !cpu_has_avx2())
    fail(EK_INVALID, "EINKORN_ISA=avx2, but this CPU has no AVX2 and FMA");
}
}  // namespace ek

extern "C" {
int ek_init(void) {
  return ek::status_of([] {
    ek::check_forced_isa();
    ek::isa();
    openblas_set_num_threads(1);  // its own pool would spin beside ours
  });
}

const char* ek_isa(void) {
  const char* names[] = {"scalar", "avx2", "avx512"};
  return names[static_cast<int>(ek::isa())];
}

const char* ek_cpu(void) {
  static const std::string name = ek::cpu_name();
  return name.c_str();
}

const char* ek_versions(void) {
  static const std::string text = [] {
    const dnnl_version_t* v = dnnl_version();
    return "einkorn " EK_VERSION " (" + std::string(ek_isa()) + "), oneDNN " + std::to_string(v->major) + "." +
           std::to_string(v->minor) + "." + std::to_string(v->patch) + ", " + openblas_get_config();
  }();
  return text.c_str();
}
}
