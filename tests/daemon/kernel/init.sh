#!/bin/sh
# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
# Process 1 of the User-Mode Linux machine: its root is the host's disk, read-only. LVSD_JOB (from the kernel's
# command line) is the folder it works for: there it finds `job` and leaves `exit`.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
mount -t devtmpfs devtmpfs /dev 2>/dev/null
mkdir -p /run/job /run/tmp /run/lock /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t hostfs -o "$LVSD_JOB" none /run/job
echo "$LVSD_JOB/modprobe" > /proc/sys/kernel/modprobe
hostname uml
ip link set lo up
"$LVSD_JOB/modprobe" -a ip_vs
cd / && sh /run/job/job < /dev/null > /run/job/output 2>&1
echo $? > /run/job/exit
sync
while :; do sleep 60; done
