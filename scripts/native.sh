#!/usr/bin/env bash
# Builds the C++ kernels alone, with their tests, against the oneDNN and OpenBLAS that Maven unpacks.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

usage() {
  cat <<'END'
usage: scripts/native.sh [-h] [CMAKE-OPTION...]
Builds cpp into cpp/build and runs its tests; options such as -DEINKORN_SANITIZE=address go to CMake.
END
}

case ${1:-} in -h | --help) usage; exit ;; esac
"$root/scripts/setup.sh"
deps=$root/javacpp-presets/target/deps
if [ ! -e "$deps/org/bytedeco/dnnl/linux-x86_64/include/dnnl.hpp" ]; then
  mvn -q -ntp -B -Dstyle.color=never -f "$root/pom.xml" -pl javacpp-presets initialize
fi
cmake -S "$root/cpp" -B "$root/cpp/build" -G Ninja -DEINKORN_DEPS="$deps" "$@"
cmake --build "$root/cpp/build" -j "$(nproc)"
ctest --test-dir "$root/cpp/build" --output-on-failure
