#!/bin/sh
# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes the initial RAM disk: a static busybox, the drivers of a virtio machine, and init.
# usage: initrd.sh TREE GUEST BUILD
set -eu
tree=$1 guest=$2 build=$3
release=$(cat "$build/release")
root=$build/initrd
mkdir -p "$root/bin" "$root/proc" "$root/sys" "$root/dev" "$root/root" "$root/lib"
cp "$(command -v busybox)" "$root/bin/busybox"
install -m 755 "$guest/init" "$root/init"
for driver in virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk \
    failover net_failover virtio_net crc32c_generic ext4; do
    modprobe -d "$tree" -S "$release" --show-depends "$driver"
done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++' >"$build/modules"
while read -r path; do
    cp "$path" "$root/lib/"
    echo "/lib/${path##*/}"
done <"$build/modules" >"$root/modules"
(cd "$root" && find . | cpio --quiet -o -H newc) | gzip -1 >"$build/initrd.img"
rm -rf "$root" "$build/modules" "$build/release"
