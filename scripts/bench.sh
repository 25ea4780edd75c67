#!/usr/bin/env bash
# Measures. Nothing else should run on the machine meanwhile.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

usage() {
  cat <<'END'
usage: scripts/bench.sh peers [OPTION...]              Einkorn beside PyTorch and others on the same work; --help tells
       scripts/bench.sh ops [--only ROW,..] [--threads N,..] [--quick] [-- JMH-OPTION...]
                                                       the table of operations, through Java and natively, beside what
                                                       the machine can do at most; into benchmarks/results
       scripts/bench.sh gate [COMMIT] [--only ROW,..] [--threads N,..] [--rounds N] [--millis N]
                         [--fail]
                                                       the working tree beside another commit (default: the last one),
                                                       and which rows moved by more than the noise of the run
       scripts/bench.sh winograd [--only NET,..] [--seeds N] [--images N] [--epochs N]
                                                       nets trained with each Winograd and without: their accuracy
       scripts/bench.sh native [BENCHMARK-OPTION...]   the kernels alone; --benchmark_filter=Conv2d for some
END
}

native_benchmarks() { cmake --build "$root/javacpp-presets/target/cmake" --target einkorn_bench -j "$(nproc)" >&2; }

command=${1:-}
case $command in
  peers | ops | gate | winograd | native) shift ;;
  -h | --help) usage; exit ;;
  *) usage >&2; exit 2 ;;
esac

if [ "$command" = winograd ]; then "$root/scripts/setup.sh" --fashion; else "$root/scripts/setup.sh"; fi
maven=(mvn -q -ntp -B)
peers() {
  "${maven[@]}" -f "$root/benchmarks/peers/pom.xml" -pl driver -am package -DskipTests >&2
  local target=$root/benchmarks/peers/driver/target
  exec java -cp "$target/classes:$(cat "$target/classpath")" io.github.einkorn.peers.driver.Peers --root="$root" "$@"
}
if [ "$command" = peers ]; then
  for arg in "$@"; do
    case $arg in -h | --help | --list) peers "$@" ;; esac
  done
fi
"${maven[@]}" -f "$root/pom.xml" install -DskipTests -Dmaven.javadoc.skip -Dmaven.source.skip >&2
case $command in
  peers)
    native_benchmarks
    peers "$@"
    ;;
  ops | gate)
    [ "$command" = gate ] || native_benchmarks
    exec java -Dbench.root="$root" -cp "$root/benchmarks/target/classes:$root/benchmarks/target/lib/*" \
      "io.github.einkorn.benchmarks.${command^}" "$@"
    ;;
  winograd)
    "${maven[@]}" -f "$root/benchmarks/peers/pom.xml" -pl einkorn -am package >&2
    target=$root/benchmarks/peers/einkorn/target
    exec java -cp "$target/classes:$(cat "$target/classpath")" io.github.einkorn.peers.WinogradStudy "$@"
    ;;
  native)
    native_benchmarks
    exec "$root/javacpp-presets/target/cmake/einkorn_bench" "$@"
    ;;
esac
