#!/usr/bin/env bash
# Everything there is to test, from a bare machine. Ends with a line "N passed, N failed".
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

usage() {
  cat <<'END'
usage: scripts/test.sh [-h]
Installs what is missing, builds and installs everything with Maven, and runs: format checks, the C++ and Java suites
under each instruction set, the acceptance programs on the packaged jars, and a project of its own that depends on
einkorn-platform alone, on every JDK from 17 on in /usr/lib/jvm. Logs are in target/test.
END
}

case ${1:-} in
  '') ;;
  -h | --help) usage; exit ;;
  *) usage >&2; exit 2 ;;
esac

"$root/scripts/setup.sh" --test --data
logs=$root/target/test
rm -rf "$logs"
mkdir -p "$logs"
passed=0 failed=0
maven=(mvn -q -ntp -B -f "$root/pom.xml")
lib=$root/src/examples/target/lib
isas=(scalar)
if grep -qw avx2 /proc/cpuinfo && grep -qw fma /proc/cpuinfo; then isas+=(avx2); fi

# check NAME COMMAND...: runs it with its output in a log, which is shown if it fails
check() {
  local name=$1 start=$SECONDS
  shift
  if ("$@") >"$logs/$name.log" 2>&1 </dev/null; then
    passed=$((passed + 1))
    printf 'ok      %s (%d s)\n' "$name" $((SECONDS - start))
  else
    failed=$((failed + 1))
    printf 'FAILED  %s (%d s), %s ends:\n' "$name" $((SECONDS - start)) "$logs/$name.log"
    tail -n 40 "$logs/$name.log" | sed 's/^/    /'
    return 1
  fi
}

# tally NAME PASSED FAILED: adds the cases of a suite, whose check itself is not to be counted twice
tally() {
  printf '        %s: %d passed, %d failed\n' "$1" "$2" "$3"
  passed=$((passed + $2))
  failed=$((failed + $3))
}

junit_cases() { # NAME: what surefire reported
  local totals
  totals=$(find "$root"/src/*/target/surefire-reports -name 'TEST-*.xml' -exec sed -n \
    '/<testsuite /{s/.*<testsuite //;s/>.*//;p}' {} + 2>/dev/null | awk '
      function number(name) { return match($0, " " name "=\"[0-9]+\"") ? substr($0, RSTART + length(name) + 3) + 0 : 0 }
      { bad += number("errors") + number("failures"); n += number("tests") - number("skipped") }
      END { print n - bad, bad + 0 }')
  # shellcheck disable=SC2086
  tally "$1" $totals
}

format() {
  find "$root/cpp" -path "$root/cpp/build" -prune -o \( -name '*.cpp' -o -name '*.h' \) -print0 |
    xargs -0 clang-format --dry-run -Werror
  local bad
  bad=$(find "$root/src" "$root/javacpp-presets" "$root/benchmarks" -name target -prune -o -name '*.java' -print0 |
    xargs -0 awk '{ if (length($0) > 120) why = "longer than 120 columns"; else if (/\t/) why = "tab";
      else if (/[ \r]$/) why = "blank at the end"; else next; print FILENAME ":" FNR ": " why }')
  [ -z "$bad" ] || { echo "$bad"; return 1; }
  for script in "$root"/scripts/*.sh "$root"/cpp/test/*.sh "$root/.ci/run"; do bash -n "$script"; done
}

# The newest symbols that the library asks of the system: those of Debian 12, Ubuntu 22.04 and RHEL 9.
symbols() {
  local so=$root/javacpp-presets/target/native/io/github/einkorn/linux-x86_64/libjnieinkorn.so
  local name floor newest
  for name in GLIBC:2.34 GLIBCXX:3.4.29 CXXABI:1.3.13; do
    floor=${name#*:}
    newest=$(objdump -T "$so" | grep -o "${name%:*}_[0-9.]*" | sed 's/.*_//' | sort -uV | tail -1)
    echo "${name%:*} $newest, at most $floor allowed"
    [ "$(printf '%s\n%s\n' "$floor" "${newest:-0}" | sort -V | tail -1)" = "$floor" ]
  done
}

acceptance() { # PROGRAM EXPECTATION ARGUMENTS...: compiled unchanged, run, and its output given to awk
  local program=$1 expect=$2
  shift 2
  local classes=$logs/acceptance
  mkdir -p "$classes"
  javac --release 17 -d "$classes" -cp "$lib/*" "$root/src/examples/acceptance/$program.java"
  java -cp "$classes:$lib/*" "$program" "$@" | tee "$logs/$program.out"
  awk "$expect" "$logs/$program.out" || { echo "the output is not what is expected: $expect"; return 1; }
}

ctest_isa() { EINKORN_ISA=$1 "$root"/javacpp-presets/target/cmake/einkorn_test; }

check format format || true
if check build "${maven[@]}" install -DskipTests; then
  check symbols symbols || true
  check ctest ctest --test-dir "$root/javacpp-presets/target/cmake" --output-on-failure -V || true
  grep -ho '\[  PASSED  \] [0-9]* test\|\[  FAILED  \] [0-9]* test' "$logs/ctest.log" |
    awk '{ n[$2] += $4 } END { print n["PASSED"] + 0, n["FAILED"] + 0 }' >"$logs/ctest.count"
  read -r good bad <"$logs/ctest.count"
  tally 'C++ cases, each under every instruction set' "$good" "$bad"
  for isa in "${isas[@]}"; do
    check "junit-$isa" env EINKORN_ISA="$isa" "${maven[@]}" surefire:test -pl src/core,src/examples -fae \
      -Dsurefire.failIfNoSpecifiedTests=false || true
    junit_cases "Java cases under $isa"
  done
  check xor acceptance Xor '/^slp cost=0.693147 accuracy=0.50$/ { n++ } /^mlp .*accuracy=1.00$/ { n++ } END { exit n != 2 }' ||
    true
  check custom-layer acceptance CustomLayer \
    '/^fell true$/ { n++ } /Linear/ && /1x10 and 3136x10/ { n++ } END { exit n != 2 }' || true
  check mnist-loop acceptance MnistLoop '/^Accuracy: / { a = $2 } END { exit !(a >= 0.978) }' || true
  check fit-mnist acceptance FitMnist '/^test accuracy / { a = $3 } /^label 7 predicted 7$/ { p = 1 }
    END { exit !(a >= 0.990 && p) }' "$logs/fit" 5 || true
  consumer=$(mktemp -d)
  trap 'rm -rf "$consumer"' EXIT
  check consumer-build "$root/scripts/consumer/build.sh" "$consumer" || true
  for java in /usr/lib/jvm/*/bin/java; do
    [ "$(readlink -f "$java")" = "$java" ] || continue
    version=$("$java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')
    [ "${version:-0}" -ge 17 ] || continue
    check "consumer-jdk$version-class-path" "$root/scripts/consumer/run.sh" "$consumer" "$java" class-path || true
    check "consumer-jdk$version-module-path" "$root/scripts/consumer/run.sh" "$consumer" "$java" module-path || true
  done
fi
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
