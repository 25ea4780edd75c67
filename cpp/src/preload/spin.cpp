// Loaded before libgomp, which reads its environment once. By default its idle threads spin for milliseconds before
// they sleep; with a busy neighbour on the machine they then hold the very core that the working thread waits for
// (docs/decisions/0006). What the user has set stays.
#include <cstdlib>

__attribute__((constructor)) static void spin_briefly() {
  if (!std::getenv("OMP_WAIT_POLICY")) setenv("GOMP_SPINCOUNT", "1000", 0);
}
