#!/usr/bin/env bash
# A time within the year 2026 that follows from the contents of the libraries in a folder: the same ones give the same
# jar, and others another time. Even seconds, as archives keep them.
# usage: timestamp.sh FOLDER
set -euo pipefail
hash=$(find "$1" -name '*.so' -o -name '*.dll' | LC_ALL=C sort | xargs cat | sha256sum | cut -c1-8)
date -u -d "@$((1767225600 + 0x$hash % 15768000 * 2))" +%Y-%m-%dT%H:%M:%SZ
