#!/usr/bin/env bash
# Builds the library and the examples, if something has changed since.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

target=$root/src/examples/target
jar=$target/einkorn-examples-0.1.0-SNAPSHOT.jar
stale() {
  [ ! -e "$jar" ] ||
    [ -n "$(find "$root/pom.xml" "$root/cpp" "$root/javacpp-presets" "$root/src" \
      \( -name target -o -name build -o -name test -o -name bench \) -prune -o -type f -newer "$jar" -print -quit)" ]
}
if stale; then
  echo "Building Einkorn (a minute or two; only when something has changed)" >&2
  mkdir -p "$target"
  if ! mvn -q -ntp -B -f "$root/pom.xml" -pl src/examples -am package \
    -Dmaven.test.skip -Dmaven.javadoc.skip -Dmaven.source.skip >"$target/build.log" 2>&1; then
    tail -40 "$target/build.log" >&2
    echo "The build failed; all it said is in $target/build.log" >&2
    exit 1
  fi
  touch "$jar"
fi
