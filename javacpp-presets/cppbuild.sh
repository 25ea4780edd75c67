#!/usr/bin/env bash
# Builds the library of ../cpp with CMake (its tests are built by whoever runs them). Called by the Maven build with
# CMAKE_BUILD, EINKORN_DEPS and EINKORN_PLATFORM set.
set -euo pipefail
# The linker looks for libdnnl.so and libopenblas.so; the jars hold only the versioned files.
for library in dnnl/"$EINKORN_PLATFORM"/libdnnl.so.3 openblas/"$EINKORN_PLATFORM"/libopenblas.so.0; do
  file=$EINKORN_DEPS/org/bytedeco/$library
  [ ! -e "$file" ] || ln -sf "$(basename "$file")" "${file%.so.*}.so"
done
generator=()
if command -v ninja >/dev/null; then generator=(-G Ninja); fi
cmake -S ../cpp -B "$CMAKE_BUILD" "${generator[@]}" -DEINKORN_DEPS="$EINKORN_DEPS" -DEINKORN_PLATFORM="$EINKORN_PLATFORM"
cmake --build "$CMAKE_BUILD" --target einkorn -j "$(nproc)"
