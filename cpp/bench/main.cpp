// Without arguments of its own it runs the benchmarks of these files; --rows=FILE runs rows of the table of operations
// instead (row.h). Threads can be set with EINKORN_THREADS; the instruction set with EINKORN_ISA.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "einkorn.h"
#include "row.h"

int main(int argc, char** argv) {
  const char* threads = std::getenv("EINKORN_THREADS");
  if (ek_init() != EK_OK || (threads && ek_set_threads(std::atoi(threads)) != EK_OK)) {
    std::fprintf(stderr, "%s\n", ek_error());
    return 1;
  }
  benchmark::AddCustomContext("einkorn", ek_versions());
  benchmark::Initialize(&argc, argv);
  const char rows[] = "--rows=";
  try {
    for (int i = 1; i < argc; ++i) {
      if (std::strncmp(argv[i], rows, sizeof rows - 1) != 0) continue;
      benchmark::ClearRegisteredBenchmarks();
      register_rows(argv[i] + sizeof rows - 1);
    }
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
  benchmark::RunSpecifiedBenchmarks();
}
