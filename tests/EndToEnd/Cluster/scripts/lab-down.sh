#!/bin/sh
# lab-down.sh NAME
# Ends what still runs in the namespaces of a laboratory, if anything, and removes them; their links go with them.
set -eu
for place in /run/netns/"$1"-*; do
  [ -e "$place" ] || continue
  for pid in $(ip netns pids "${place##*/}"); do
    kill -9 "$pid" 2>/dev/null || true
  done
  ip netns del "${place##*/}"
done
