#!/usr/bin/env bash
# Weak symbols of objects compiled for one instruction set must carry its namespace: the linker keeps any one
# copy of a weak symbol, and an AVX2 copy of a shared one would crash a CPU without AVX2.
# usage: symbols.sh BUILD_DIR
set -euo pipefail
for isa in avx2 avx512; do
  leaks=$(find "$1" -path "*_$isa.dir*" -name '*.o' -exec nm -A -C --defined-only {} + |
    awk -v own="$isa::" '$2 ~ /^[WVu]$/ && !index($0, own)')
  if [ -n "$leaks" ]; then
    printf 'weak symbols compiled with %s:\n%s\n' "$isa" "$leaks"
    exit 1
  fi
done
echo "no weak symbol leaks from the AVX2 and AVX-512 objects"
