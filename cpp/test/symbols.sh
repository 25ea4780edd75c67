#!/usr/bin/env bash
# Weak symbols of objects compiled for one instruction set must carry its namespace: the linker keeps any one
# copy of a weak symbol, and an AVX2 copy of a shared one would crash a CPU without AVX2.
# usage: symbols.sh BUILD_DIR
set -euo pipefail
leaks=$(find "$1" -path '*ops_avx2.dir*' -name '*.o' -exec nm -A -C --defined-only {} + |
  awk '$2 ~ /^[WVu]$/ && !/avx2::/')
if [ -n "$leaks" ]; then
  printf 'weak symbols compiled with AVX2:\n%s\n' "$leaks"
  exit 1
fi
echo "no weak symbol leaks from the AVX2 objects"
