# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
# The memory of each daemon with the demo's configuration, by a shell alone: nothing else of Python runs, whose pages
# would be shared with ours and counted for less.  Prints KIND and kilobytes, a line per process and round.
# Usage: memory.sh ROUNDS SECONDS FOLDER PYTHON RUNTIME NEWEST...   NEWEST: the words that start the newest keepalived
rounds=$1 seconds=$2 folder=$3 python=$4
export PYTHONPATH="$5" PYTHONPYCACHEPREFIX=/run/tmp/pycache
shift 5
mkdir -p "$folder" && cd "$folder" || exit 1

for interface in eth0=192.168.122.141/24 eth1=10.10.10.10/24 eth2=10.0.0.2/24; do
    ip link add "${interface%=*}" type dummy
    ip addr add "${interface#*=}" dev "${interface%=*}"
    ip link set "${interface%=*}" up
done
ip addr add 10.0.0.11/32 dev lo # the real servers, which refuse connections
ip addr add 10.0.0.12/32 dev lo

processes() { # PARENT: its pid and its children's
    echo "$1"
    grep -l "^PPid:[[:space:]]*$1\$" /proc/[0-9]*/status 2>/dev/null | cut -d/ -f3
}

measure() { # KIND WORDS...
    kind=$1; shift
    rm -f ./*.pid # keepalived takes the number in one for a keepalived that runs
    "$@" > daemon.log 2>&1 &
    pid=$!
    tries=300
    until [ "$(processes "$pid" | wc -l)" -eq 3 ] || [ "$tries" -eq 0 ]; do sleep 0.2; tries=$((tries - 1)); done
    sleep "$seconds"
    for process in $(processes "$pid"); do
        kilobytes=$(sed -n 's/^Pss:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$process/smaps_rollup")
        echo "$kind $kilobytes"
        echo "  $kind, process $process: $kilobytes kB" >&2
    done
    kill "$pid"
    wait "$pid"
}

files="-n -l -G -f $folder/conf -p $folder/parent.pid -r $folder/vrrp.pid -c $folder/checker.pid"
ours="$python -sS -m lvsd $files --runtime-dir $folder/run --state-dir $folder/state"
measure compiled $ours >/dev/null 2>&1 # once uncounted: with compiled modules, as on a director

round=0
while [ "$round" -lt "$rounds" ]; do
    round=$((round + 1))
    echo round
    measure lvsd $ours
    measure keepalived keepalived $files
    measure "the newest keepalived" "$@" $files
done
for interface in eth0 eth1 eth2; do ip link del "$interface"; done
ip addr flush dev lo scope global
