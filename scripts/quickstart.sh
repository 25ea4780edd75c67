#!/usr/bin/env bash
# One command from a bare machine to a trained network.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

usage() {
  cat <<'END'
usage: scripts/quickstart.sh [--fashion] [--epochs N] [--out FILE] [-h]
Installs what is missing, builds what is stale, trains a small CNN on all 60,000 images of MNIST and shows what it
learned.
  --fashion    train on Fashion-MNIST instead
  --epochs N   passes over the training images (default 4)
  --out FILE   where the model is saved (default src/examples/target/quickstart.safetensors)
END
}

data=--data
for arg in "$@"; do
  case $arg in
    -h | --help) usage; exit ;;
    --fashion) data=--fashion ;;
  esac
done

"$root/scripts/setup.sh" $data
target=$root/src/examples/target
jar=$target/einkorn-examples-0.1.0-SNAPSHOT.jar
stale() {
  [ ! -e "$jar" ] ||
    [ -n "$(find "$root/pom.xml" "$root/cpp" "$root/javacpp-presets" "$root/src" \
      \( -name target -o -name build -o -name test -o -name bench \) -prune -o -type f -newer "$jar" -print -quit)" ]
}
if stale; then
  echo "Building Einkorn (a minute or two; only when something has changed)"
  mkdir -p "$target"
  if ! mvn -q -ntp -B -f "$root/pom.xml" -pl src/examples -am package \
    -Dmaven.test.skip -Dmaven.javadoc.skip -Dmaven.source.skip >"$target/build.log" 2>&1; then
    tail -40 "$target/build.log" >&2
    echo "The build failed; all it said is in $target/build.log" >&2
    exit 1
  fi
  touch "$jar"
fi
exec java -Djava.util.logging.SimpleFormatter.format='%5$s%n' -jar "$jar" --out "$target/quickstart.safetensors" "$@"
