#!/usr/bin/env bash
# How long exporting a bundle of 50 MB takes beside `tar --sort=name | zstd` at the same level and with one thread, which is
# what a person would type. The two take turns; the medians and their ratio are printed.
#   export.sh ROUNDS
set -euo pipefail
rounds=$1
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
level=$(sed -n 's/^pub const LEVEL: i32 = \([0-9]*\);.*/\1/p' "$project/crates/export/src/frame.rs")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Text that compresses about as well as manifests do: what the project itself is written in, over and over, with numbers in
# between so that no file is another's copy.
bundle=$work/bundle
cp -r "$project/task-templates/blank" "$bundle"
mkdir -p "$bundle/dependencies/data"
(cd "$project" && git ls-files -z '*.rs' '*.md' '*.yaml' | xargs -0 cat -- 2>/dev/null) >"$work/text"
for ((n = 0; n < 48; n++)); do
  LC_ALL=C awk -v n="$n" '
    function put(line) { left -= length(line) + 1; if (left < 0) exit; print line }
    BEGIN { left = 1040000 }
    NR % (n + 3) != 0 { put($0) }
    NR % 17 == 0 { put("# " n * NR) }
  ' "$work/text" "$work/text" "$work/text" "$work/text" >"$bundle/dependencies/data/part-$n.txt"
done
size=$(du -sb "$bundle" | cut -f1)

now() { date +%s%N; }
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
ours() { "$TASKWRIGHT_BIN" export "$bundle" --to "$work/ours.taskbundle" --force >/dev/null 2>&1; }
theirs() {
  tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -C "$work" -cf - bundle |
    zstd -q -f -T1 "-$level" -o "$work/theirs.tar.zst"
  sync "$work/theirs.tar.zst"
}
took() {
  local start
  start=$(now)
  "$1"
  echo $((($(now) - start) / 100000)) >>"$work/$1"
}

ours
theirs
for ((round = 0; round < rounds; round++)); do
  # What was there before would be compared with what is new, which the other does not do.
  rm -f "$work/ours.taskbundle" "$work/theirs.tar.zst"
  took ours
  took theirs
done
mine=$(median <"$work/ours")
other=$(median <"$work/theirs")
printf 'a bundle of %d bytes, zstd level %d, %d rounds in turn\n' "$size" "$level" "$rounds"
printf '%-34s %8.1f ms  %10d bytes\n' "taskwright export" "$((mine / 10)).$((mine % 10))" "$(stat -c %s "$work/ours.taskbundle")"
printf '%-34s %8.1f ms  %10d bytes\n' "tar --sort=name | zstd -T1" "$((other / 10)).$((other % 10))" "$(stat -c %s "$work/theirs.tar.zst")"
awk -v a="$mine" -v b="$other" 'BEGIN { printf "%-34s %8.2f\n", "ratio", a / b }'
