#!/usr/bin/env bash
# How long checking takes: N bundles in one run, and one bundle from process start to exit beside
# `kubectl version --client`.
#   check.sh BUNDLES ROUNDS
set -euo pipefail
bundles=$1
rounds=$2
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for ((n = 0; n < bundles; n++)); do cp -r "$project/task-templates/postgres-recovery" "$work/bundle-$n"; done

now() { date +%s%N; }
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# Prints the median of ROUNDS runs, in tenths of a millisecond; `what` ran before once, so the disk is warm.
measure() {
  local round start
  "$@" >/dev/null
  for ((round = 0; round < rounds; round++)); do
    start=$(now)
    "$@" >/dev/null
    echo $((($(now) - start) / 100000))
  done | median
}

print() { awk -v name="$1" -v tenths="$2" 'BEGIN { printf "%-34s %8.1f ms\n", name, tenths / 10 }'; }

print "check of $bundles bundles" "$(measure "$TASKWRIGHT_BIN" check "$work"/bundle-*)"
print "check of one bundle" "$(measure "$TASKWRIGHT_BIN" check "$work/bundle-0")"
if command -v kubectl >/dev/null; then
  print "kubectl version --client" "$(measure kubectl version --client)"
fi
