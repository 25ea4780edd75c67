// Threads can be set with EINKORN_THREADS; the instruction set with EINKORN_ISA.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>

#include "einkorn.h"

int main(int argc, char** argv) {
  const char* threads = std::getenv("EINKORN_THREADS");
  if (ek_init() != EK_OK || (threads && ek_set_threads(std::atoi(threads)) != EK_OK)) {
    std::fprintf(stderr, "%s\n", ek_error());
    return 1;
  }
  benchmark::AddCustomContext("einkorn", ek_versions());
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
