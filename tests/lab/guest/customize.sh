#!/bin/sh
# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Customize hook of mmdebstrap: turns a fresh tree into the lab's machine.
# usage: customize.sh TREE GUEST BUILD   (GUEST: this folder, BUILD: where kernel and key are)
# Lines that start with "## " are progress and reach the terminal; the rest goes to the log.
set -eu
tree=$1 guest=$2 build=$3
words() { grep -v '^#' "$1"; }

echo "## kernel: download and unpack"
meta=linux-image-cloud-amd64
package=$(APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-cache depends "$meta" | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p')
mkdir -p "$build/kernel"
(cd "$build/kernel" && APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get -q download "$package" && dpkg-deb -x ./*.deb .)
release=${package#linux-image-}
cp "$build/kernel/boot/vmlinuz-$release" "$build/vmlinuz"
cp "$build/kernel/boot/config-$release" "$tree/boot/"
cp -a "$build/kernel/lib/modules" "$tree/lib/"
depmod -b "$tree" "$release"
echo "$release" >"$build/release"
rm -rf "$build/kernel"

echo "## repository: download what roles install"
mkdir -p "$tree/srv/repo/partial"
# shellcheck disable=SC2046
chroot "$tree" apt-get -qy --no-install-recommends --download-only -o Dir::Cache::archives=/srv/repo install $(words "$guest/repository.txt")
rm -rf "$tree/srv/repo/partial" "$tree/srv/repo/lock"
(cd "$tree/srv/repo" && dpkg-scanpackages --multiversion . /dev/null >Packages)
rm -rf "$tree/var/lib/apt/lists" "$tree"/etc/apt/sources.list.d/* "$tree"/var/cache/apt/*
mkdir -p "$tree/var/lib/apt/lists/partial" "$tree/var/cache/apt/archives/partial"
echo 'deb [trusted=yes] file:/srv/repo ./' >"$tree/etc/apt/sources.list"
chroot "$tree" apt-get -q update
chroot "$tree" apt-cache gencaches

echo "## settings: network by kernel command line, ssh key, masked units"
for unit in lab-network lab-warm; do
    install -m 755 "$guest/$unit" "$tree/usr/local/sbin/$unit"
    install -m 644 "$guest/$unit.service" "$tree/etc/systemd/system/$unit.service"
    chroot "$tree" systemctl -q enable "$unit.service"
done
chroot "$tree" systemctl -q disable nginx.service
install -m 644 "$guest/nginx.conf" "$tree/etc/nginx/conf.d/lab.conf"
rm "$tree/etc/nginx/sites-enabled/default"
install -d -m 700 "$tree/root/.ssh"
install -m 600 "$build/id_ed25519.pub" "$tree/root/.ssh/authorized_keys"
install -m 644 "$guest/modprobe.conf" "$tree/etc/modprobe.d/lab.conf"
# A boot under emulation costs seconds of processor time, most of it in starting units: these serve no lab machine.
chroot "$tree" systemctl -q mask systemd-binfmt.service proc-sys-fs-binfmt_misc.automount dev-hugepages.mount \
  dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount \
  sys-fs-fuse-connections.mount systemd-pstore.service systemd-update-utmp.service \
  systemd-update-utmp-runlevel.service modprobe@configfs.service modprobe@drm.service modprobe@efi_pstore.service \
  modprobe@fuse.service modprobe@loop.service modprobe@dm_mod.service
chroot "$tree" systemctl -q mask getty.target getty@.service serial-getty@.service systemd-timesyncd.service \
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer e2scrub_all.timer e2scrub_reap.service
: >"$tree/etc/machine-id"
rm -f "$tree/etc/hostname" "$tree/etc/resolv.conf" "$tree/etc/apt/apt.conf.d/99mmdebstrap"
echo '127.0.0.1 localhost' >"$tree/etc/hosts"
