#!/bin/sh
# lab-up.sh NAME NUMBER HOST=LAST[,LAST...]...
# Makes network namespaces NAME-HOST with the addresses 198.18.NUMBER.LAST (that range is set aside for tests of networks), and
# NAME-switch with the bridge between them. The machine itself gets one interface, its way in, with the address .254; nothing
# else of it is touched: a dockerd's rules are its own namespace's, and the bridge's frames pass no rules of the machine's.
# Exit code 3: the number is taken.
set -eu
name=$1 number=$2
shift 2
net=198.18.$number
trap '[ $? = 0 ] || "$(dirname "$0")/lab-down.sh" "$name"' EXIT

ip netns add "$name-switch"
# The name of this link is the claim to the number.
ip link add name "instlab$number" type veth peer name uplink netns "$name-switch" 2>/dev/null || exit 3

switch() { ip -n "$name-switch" "$@"; }
switch link set lo up
switch link add name bridge0 type bridge
switch link set bridge0 up
switch link set dev uplink master bridge0 up
ip addr add "$net.254/24" dev "instlab$number"
ip link set "instlab$number" up

for host in "$@"; do
  ip netns add "$name-${host%%=*}"
  switch link add name "${host%%=*}" type veth peer name eth0 netns "$name-${host%%=*}"
  switch link set dev "${host%%=*}" master bridge0 up
  ip -n "$name-${host%%=*}" link set lo up
  for last in $(echo "${host#*=}" | tr , ' '); do
    ip -n "$name-${host%%=*}" addr add "$net.$last/24" dev eth0
  done
  ip -n "$name-${host%%=*}" link set eth0 up
done
