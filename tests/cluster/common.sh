# shellcheck shell=bash
# Sourced by the tests of this folder: the sweep in a checkout of its own, and what one machine makes of it.
#
#   TEST PROGRAM
blis=$(realpath "${1:?the program}")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'stop_all 2>/dev/null; rm -rf "$work"' EXIT
stop_all() { :; }
BLIS_DATA=$(cd "$here/../.." && pwd)
export BLIS_DATA
mkdir "$work/first"
cp "$here/sweep.yaml" "$here/scenario.yaml" "$work/first"
"$blis" compare "$work/first/sweep.yaml" -j 1 -q -o "$work/whole" >/dev/null

# Merges what is in the folder of shards, in another checkout, and holds it against one machine's.
expect_the_bytes_of_one_machine() {
  cp -r "$work/first" "$work/second"
  touch "$work/second/scenario.yaml"
  "$blis" compare "$work/second/sweep.yaml" --merge "$1" -q -o "$work/merged" >/dev/null
  # These two name the scenario, and so the checkout.
  sed -i "s:$work/second/:$work/first/:" "$work/merged/compare.json" "$work/merged/sweep.resolved.yaml"
  diff -r -x meta.json "$work/whole" "$work/merged"  # meta.json says when, and by which command
}
points_in() { find "$1/points" -name '*.json' 2>/dev/null | wc -l; }
