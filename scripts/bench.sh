#!/usr/bin/env bash
# Measures. Nothing else should run on the machine meanwhile.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

usage() {
  cat <<'END'
usage: scripts/bench.sh peers [OPTION...]              Einkorn beside PyTorch and others on the same work; --help tells
       scripts/bench.sh ops [JMH-OPTION...]            the table of operations through Java; -p op=conv2d for one row
       scripts/bench.sh native [BENCHMARK-OPTION...]   the kernels alone; --benchmark_filter=Conv2d for some
END
}

command=${1:-}
case $command in
  peers | ops | native) shift ;;
  -h | --help) usage; exit ;;
  *) usage >&2; exit 2 ;;
esac

"$root/scripts/setup.sh"
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
    cmake --build "$root/javacpp-presets/target/cmake" --target einkorn_bench -j "$(nproc)" >&2
    peers "$@"
    ;;
  ops)
    exec java -cp "$root/benchmarks/target/classes:$root/benchmarks/target/lib/*" \
      io.github.einkorn.benchmarks.OpBenchmark "$@"
    ;;
  native)
    cmake --build "$root/javacpp-presets/target/cmake" --target einkorn_bench -j "$(nproc)" >&2
    exec "$root/javacpp-presets/target/cmake/einkorn_bench" "$@"
    ;;
esac
