#!/usr/bin/env bash
# Measures. Nothing else should run on the machine meanwhile.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

usage() {
  cat <<'END'
usage: scripts/bench.sh peers [ROUNDS [WORKLOAD...]]   Einkorn beside PyTorch's Java preset, alternating rounds in
                                                       separate processes: W2, quickstart (default: 15 rounds of both)
       scripts/bench.sh ops [--only ROW,..] [--threads N,..] [--quick] [-- JMH-OPTION...]
                                                       the table of operations, through Java and natively, beside what
                                                       the machine can do at most; into benchmarks/results
       scripts/bench.sh gate [COMMIT] [--only ROW,..] [--threads N,..] [--rounds N] [--fail]
                                                       the working tree beside another commit (default: the last one),
                                                       and which rows moved by more than the noise of the run
       scripts/bench.sh native [BENCHMARK-OPTION...]   the kernels alone; --benchmark_filter=Conv2d for some
END
}

native_benchmarks() { cmake --build "$root/javacpp-presets/target/cmake" --target einkorn_bench -j "$(nproc)" >&2; }

command=${1:-}
case $command in
  peers | ops | gate | native) shift ;;
  -h | --help) usage; exit ;;
  *) usage >&2; exit 2 ;;
esac

"$root/scripts/setup.sh"
maven=(mvn -q -ntp -B)
"${maven[@]}" -f "$root/pom.xml" install -DskipTests -Dmaven.javadoc.skip -Dmaven.source.skip >&2
case $command in
  peers)
    target=$root/benchmarks/peers/target
    "${maven[@]}" -f "$root/benchmarks/peers/pom.xml" compile dependency:build-classpath \
      -Dmdep.outputFile="$target/classpath" >&2
    exec java -cp "$target/classes:$(cat "$target/classpath")" io.github.einkorn.peers.Peers "$@"
    ;;
  ops | gate)
    [ "$command" = gate ] || native_benchmarks
    exec java -Dbench.root="$root" -cp "$root/benchmarks/target/classes:$root/benchmarks/target/lib/*" \
      "io.github.einkorn.benchmarks.${command^}" "$@"
    ;;
  native)
    native_benchmarks
    exec "$root/javacpp-presets/target/cmake/einkorn_bench" "$@"
    ;;
esac
