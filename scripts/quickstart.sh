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
"$root/scripts/build.sh"
target=$root/src/examples/target
exec java -Djava.util.logging.SimpleFormatter.format='%5$s%n' -jar "$target/einkorn-examples-0.1.0-SNAPSHOT.jar" \
  --out "$target/quickstart.safetensors" "$@"
