# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One QEMU machine: started, waited for, commanded over ssh, hurt, stopped.

A `Machine` holds no state of its own: what lives is read from its process record, so every process that attached to
the lab may use it. Interfaces are named as inside the machine (eth0, eth1, …); faults take that name.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import network, process, qmp, ssh
from .accelerator import OPTIONS
from .clock import ClockReading, measure, synchronize
from .image import Image
from .paths import LabError, Paths
from .topology import Interface, MachineSpec, Topology, interfaces, management_address
from .warm import Warm

BOOT_LINE = "console=ttyS0 quiet net.ifnames=0 mitigations=off random.trust_cpu=on init_on_alloc=0"
WOKEN = 60.0  # seconds from waking to ssh; 3 on an idle host
NICE = -10  # an emulated machine with less than a third of a core spends it all on its own timer ticks
BOOT_TIMEOUT = 420.0  # seconds from start to ssh; 8 on an idle host, minutes when emulated machines share a busy one


@dataclass(frozen=True, slots=True)
class Machine:
    """`core`: the host's core it is pinned to (emulation only), None when it may run anywhere.
    `warm`: the saved boot that its first start wakes up, None to boot as every later start does."""

    name: str
    topology: Topology
    where: Paths
    image: Image
    accelerator: str
    core: int | None = None
    warm: Warm | None = None

    @property
    def spec(self) -> MachineSpec:
        return self.topology.machine(self.name)

    @property
    def interfaces(self) -> tuple[Interface, ...]:
        return interfaces(self.topology, self.name, self.where.name)

    @property
    def address(self) -> str:
        """On the management network: the one that the host reaches."""
        return str(management_address(self.topology, self.name, self.where.name).ip)

    @property
    def pid(self) -> int | None:
        """Of QEMU, None when the power is off."""
        return process.find(self.records, self.name)

    @property
    def records(self) -> Path:
        return self.where.run / "processes"

    @property
    def control(self) -> Path:
        return self.where.sockets / f"{self.name}.qmp"

    @property
    def port(self) -> Path:
        """The socket behind the virtio serial port on which a woken machine is told who it is."""
        return self.where.sockets / f"{self.name}.port"

    @property
    def serial(self) -> Path:
        return self.where.logs / f"{self.name}.serial"

    @property
    def disk(self) -> Path:
        return self.where.disks / f"{self.name}.qcow2"

    # --- power ----------------------------------------------------------------------------------

    def start(self) -> None:
        """Power on with a fresh disk the first time and with the same disk after. Does not wait for ssh."""
        if self.pid is not None:
            return
        if self.warm and not self.disk.exists() and self.wake(self.warm):
            return
        if not self.disk.exists():
            self.make_disk()
        self.launch(self.qemu(self.boot_words))

    def wake(self, warm: Warm) -> bool:
        """Start from a saved boot; False when the copy did not come to itself, and then nothing of it is left."""
        self.make_disk()
        self.launch(self.qemu(self.boot_words), *warm.options)
        try:
            warm.introduce(self)
            awake = ssh.wait(self.address, WOKEN)
        except (LabError, OSError):
            awake = False
        if not awake:
            self.stop()
            self.disk.unlink()
        return awake

    def make_disk(self) -> None:
        below, kind = (self.warm.disk, "qcow2") if self.warm else (self.image.disk, "raw")
        create = ["qemu-img", "create", "-q", "-f", "qcow2", "-b", str(below), "-F", kind]
        subprocess.run([*create, str(self.disk)], check=True)

    def launch(self, command: list[str], *options: str) -> None:
        """QEMU as a process of its own in the lab's namespace, recorded."""
        pidfile = self.where.sockets / f"{self.name}.pid"
        pidfile.unlink(missing_ok=True)
        before = network.enter_command(self.where.namespace)
        if self.core is not None:
            before += ["taskset", "-c", str(self.core)]
        started = subprocess.run(
            [*before, *command, *options, "-pidfile", str(pidfile), "-daemonize"],
            capture_output=True, text=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if started.returncode != 0:
            raise LabError(f"{self.name} did not start: {started.stderr.strip()}")
        pid = int(pidfile.read_text())
        process.record(self.records, self.name, pid, str(self.control))
        if self.core is not None:
            process.prefer(pid, NICE)

    def qemu(self, words: Sequence[str]) -> list[str]:
        """QEMU's command line, but for the process id file; `words` go to the kernel's."""
        return [
            "qemu-system-x86_64", "-name", self.name, "-machine", "q35", *OPTIONS[self.accelerator],
            "-m", str(self.spec.memory), "-smp", "1", "-nodefaults", "-display", "none", "-rtc", "base=utc",
            "-chardev", f"file,id=serial,path={self.serial},append=on", "-serial", "chardev:serial",
            "-chardev", f"socket,id=port,path={self.port},server=on,wait=off", "-device", "virtio-serial-pci",
            "-device", "virtserialport,chardev=port,name=lab",
            "-qmp", f"unix:{self.control},server=on,wait=off",
            "-drive", f"file={self.disk},if=none,id=d0,cache=unsafe", "-device", "virtio-blk-pci,drive=d0",
            *(word for interface in self.interfaces for word in nic(interface)),
            "-device", "virtio-rng-pci", "-kernel", str(self.image.kernel), "-initrd", str(self.image.initrd),
            "-append", " ".join((BOOT_LINE, f"systemd.hostname={self.name}", *words)),
        ]  # fmt: skip

    @property
    def boot_words(self) -> tuple[str, ...]:
        return tuple(interface.boot_word for interface in self.interfaces)

    def wait(self, within: float = BOOT_TIMEOUT) -> None:
        """Until ssh answers, then set the clock by the host's. Raises LabError with the console's last lines."""
        if not ssh.wait(self.address, within):
            tail = "\n".join(self.serial.read_text(errors="replace").splitlines()[-10:]) if self.serial.exists() else ""
            raise LabError(f"{self.name} did not answer within {within:.0f} s; console: {self.serial}\n{tail}")
        self.synchronize_clock()

    def power_off(self) -> None:
        """Pull the plug (SIGKILL). What the machine had not written is lost."""
        process.end(self.records, self.name)
        self.disconnect()

    def power_on(self, within: float = BOOT_TIMEOUT) -> None:
        """Start with the disk as it was left, and wait for ssh."""
        self.start()
        self.wait(within)

    def shut_down(self, within: float = 60.0) -> None:
        """Press the power button and wait until the machine has powered itself off."""
        qmp.execute(self.control, "system_powerdown")
        if not process.eventually(lambda: self.pid is None, within):
            raise LabError(f"{self.name} did not shut down within {within:.0f} s; console: {self.serial}")
        process.end(self.records, self.name)
        self.disconnect()

    def reboot(self, within: float = BOOT_TIMEOUT) -> None:
        """`systemctl reboot`, and wait until ssh answers in a new boot."""
        before = self.boot_id()
        self.run("systemctl reboot", check=False)
        self.disconnect()
        if not process.eventually(lambda: self.boot_id(quiet=True) not in ("", before), within, every=0.2):
            raise LabError(f"{self.name} did not come back within {within:.0f} s; console: {self.serial}")
        self.synchronize_clock()

    def boot_id(self, *, quiet: bool = False) -> str:
        """The kernel's name for this boot; "" when `quiet` and the machine does not answer."""
        if quiet and not ssh.banner(self.address, 1.0):
            return ""
        answer = self.run("cat /proc/sys/kernel/random/boot_id", check=not quiet, timeout=30)
        return answer.stdout.strip()

    def pause(self) -> None:
        """Stop the virtual processor: the machine is silent, its carrier stays. Its clock stands still as well."""
        qmp.execute(self.control, "stop")

    def resume(self) -> None:
        """Go on where `pause` stopped; the clock is behind by the pause (see `synchronize_clock`)."""
        qmp.execute(self.control, "cont")

    # --- links ----------------------------------------------------------------------------------

    def interface(self, name: str) -> Interface:
        """LabError when the machine has no interface of that name (or network)."""
        for interface in self.interfaces:
            if name in (interface.name, interface.network):
                return interface
        raise LabError(f"{self.name} has no interface {name!r}: {', '.join(i.name for i in self.interfaces)}")

    def set_link(self, name: str, up: bool) -> None:
        """Pull or plug the cable of an interface: the machine loses or gets carrier."""
        qmp.execute(self.control, "set_link", name=self.interface(name).name, up=up)

    def silence(self, name: str) -> None:
        """Lose every frame of an interface, both ways, with the carrier staying up. `heal` ends it."""
        network.unplug(self.where, self.interface(name).tap)

    def drop_sent(self, name: str) -> None:
        """One-way loss: nothing that the machine sends on the interface arrives. `heal` ends it."""
        network.drop(self.where, self.interface(name).tap, sent=True)

    def drop_received(self, name: str) -> None:
        """One-way loss: nothing arrives at the machine on the interface. `heal` ends it."""
        network.drop(self.where, self.interface(name).tap, sent=False)

    def heal(self, name: str | None = None) -> None:
        """End every fault of one interface, or of all: carrier, silence, one-way loss."""
        wanted = [self.interface(name)] if name else list(self.interfaces)
        network.undrop(self.where, [interface.tap for interface in wanted])
        for interface in wanted:
            network.plug(self.where, interface.tap, interface.network)
            if self.pid is not None:
                self.set_link(interface.name, True)

    # --- inside ---------------------------------------------------------------------------------

    def run(
        self, command: str | Sequence[str], *, timeout: float = 60, check: bool = True, stdin: str | None = None
    ) -> ssh.Result:
        """A shell command as root. Raises ssh.CommandFailed (unless `check` is False) and TimeoutExpired."""
        arguments = (self.where, self.image.key, self.address, command)
        return ssh.run(*arguments, timeout=timeout, check=check, stdin=stdin)

    def ssh_command(self, *extra: str) -> list[str]:
        """The command line that opens a shell, for exec or Popen."""
        return ssh.command(self.where, self.image.key, self.address, *extra)

    def disconnect(self) -> None:
        """Close the shared ssh connection."""
        ssh.close(self.where, self.address)

    def clock_offset(self) -> ClockReading:
        """How far the machine's clock is ahead of the host's; see clock.py."""
        return measure(self.ssh_command("-T"))

    def synchronize_clock(self) -> ClockReading:
        """Step the machine's clock to the host's; gives back what is left."""
        return synchronize(self.ssh_command("-T"))

    def copy_logs(self, folder: Path) -> None:
        """The console, and of a machine that answers its journal, into `folder` as NAME.serial and NAME.journal."""
        folder.mkdir(parents=True, exist_ok=True)
        if self.serial.exists():
            (folder / self.serial.name).write_bytes(self.serial.read_bytes())
        if self.pid is not None and ssh.banner(self.address, 2.0):
            journal = self.run("journalctl --no-pager -o short-iso-precise", check=False, timeout=60).stdout
            (folder / f"{self.name}.journal").write_text(journal)

    def stop(self) -> None:
        """For the end of the lab: power off whatever state it is in."""
        process.end(self.records, self.name, signal.SIGKILL)


def nic(interface: Interface) -> list[str]:
    """QEMU's options for one interface; its device is named as the interface, for `set_link`."""
    return [
        "-netdev", f"tap,id=tap-{interface.name},ifname={interface.tap},script=no,downscript=no",
        "-device", f"virtio-net-pci,id={interface.name},netdev=tap-{interface.name},mac={interface.mac},romfile=",
    ]  # fmt: skip
