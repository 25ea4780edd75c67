#!/usr/bin/env bash
# A Java shell with the library in it.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

usage() {
  cat <<'END'
usage: scripts/jshell.sh [OPTION of jshell...] [FILE...]
Installs what is missing, builds what is stale, and starts jshell with Einkorn's classes imported. Files are run first;
"-" among them reads from the standard input.
END
}

case ${1:-} in
  -h | --help) usage; exit ;;
esac
"$root/scripts/setup.sh" >&2
"$root/scripts/build.sh" >&2
exec jshell --class-path "$root/src/examples/target/einkorn-examples-0.1.0-SNAPSHOT.jar" \
  --startup "$root/docs/jshell/einkorn.jsh" -R-Djava.util.logging.SimpleFormatter.format='%5$s%n' \
  -R--enable-native-access=ALL-UNNAMED "$@"
