#!/usr/bin/env bash
# The programs of the lectures: lists them, or runs one.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

usage() {
  cat <<'END'
usage: scripts/example.sh                   lists the programs
       scripts/example.sh NAME [OPTION...]  runs one; installs what is missing, builds what is stale
       scripts/example.sh NAME --help       tells its options: --seed N, --out DIR, --quick; --epochs N if it
                                            trains, --limit N if on MNIST, …
Pictures go to src/examples/target/pictures.
END
}

case "${1:-} $* " in
  -h\ * | --help\ *) usage; exit ;;
  ' '* | *' --quick '* | *' --help '* | *' -h '*) data=() ;;
  [Ff]ashion*) data=(--data --fashion) ;;
  *) data=(--data) ;;
esac
"$root/scripts/setup.sh" ${data[@]+"${data[@]}"}
"$root/scripts/build.sh"
target=$root/src/examples/target
program=(java -Djava.util.logging.SimpleFormatter.format='%5$s%n' -cp "$target/einkorn-examples-0.1.0-SNAPSHOT.jar"
  io.github.einkorn.examples.Examples)
case ${1:-} in
  '' | -*) exec "${program[@]}" "$@" ;;
  *) exec "${program[@]}" "$1" --out "$target/pictures" "${@:2}" ;;
esac
