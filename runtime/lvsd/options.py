# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of `lvsd`, as a value: keepalived's options with keepalived's meaning, and a few of our own.

Options that keepalived has and that mean nothing here are accepted and named in `Options.unused`, so that an
init script written for keepalived keeps working and its operator learns what has no effect.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path

from lvsd.record import record
from lvsd.worker.registry import WORKERS

FACILITIES = ("user", "daemon", *(f"local{n}" for n in range(8)))
SIGNALS = {"STOP": 15, "RELOAD": 1}  # --signum; keepalived's other ones dump files: here lvsctl shows
LEAST_LIMIT, MOST_LIMIT = 0.1, 86400.0  # seconds: --script-timeout, --script-wait
HELP_WIDTH = 100  # fixed: to ask for the width of the terminal, argparse would import three compressors at every start


@record(frozen=True, slots=True, kw_only=True)
class Options:
    """What the operator said.  Paths are as typed; None = the default of the process that uses it."""

    config: Path = Path("/etc/lvsd/lvsd.conf")
    workers: tuple[str, ...] = field(default_factory=lambda: tuple(WORKERS))  # those that may run: -P, -C
    all_workers: bool = False  # --all: even with nothing to do
    log_console: bool = False
    log_detail: bool = False
    log_facility: str = "daemon"
    log_file: Path | None = None
    syslog: bool = True
    keep: frozenset[str] = frozenset()  # the workers that leave in the kernel what they put there: -V, -I
    respawn: bool = True
    fork: bool = True
    dump: bool = False
    pid_file: Path | None = None
    worker_pid_files: Mapping[str, Path] = field(default_factory=dict)  # by worker: -r, -c
    config_id: str | None = None
    namespace: str | None = None
    all_config: bool = False  # a missing include file is an error
    umask: int | None = None
    script_timeout: float = 60.0  # seconds that a notify script may take
    script_wait: float = 10.0  # and while a newer state waits for it
    test: bool = False
    test_output: Path | None = None
    json: bool = False
    list_unimplemented: bool = False
    signum: str | None = None
    version: bool = False
    worker: str | None = None
    starter: bool = False  # of a worker that has connected to lvsd-starter.socket; see worker/starter_service.py
    parent: int | None = None  # of a worker: the process that supervises it; see worker/parent_watch.py
    runtime_dir: Path = Path("/run/lvsd")
    state_dir: Path = Path("/var/lib/lvsd")
    unused: tuple[str, ...] = ()

    def release(self, worker: str) -> bool:
        """Whether `worker` takes out of the kernel at stop what it put there."""
        return worker not in self.keep


# (short, long, takes a value, why it has no effect)
_WITHOUT_EFFECT = (
    ("-B", "--no_bfd", None, "there is no BFD process"),
    ("-b", "--bfd_pid", "FILE", "there is no BFD process"),
    ("-x", "--snmp", None, "there is no SNMP agent; `lvsctl --json` has the figures"),
    ("-A", "--snmp-agent-socket", "FILE", "there is no SNMP agent"),
    ("-a", "--address-monitoring", None, "`ip monitor address` shows the changes"),
    ("-m", "--core-dump", None, "Python prints where it fails"),
    ("-M", "--core-dump-pattern", "PATTERN", "Python prints where it fails"),
    ("-X", "--release-vips", None, "addresses are always released at stop, unless -V is given"),
    (None, "--flush-log-file", None, "every line is written at once"),
)


def parse(argv: Sequence[str]) -> Options:
    """The options in `argv` (without the program's name).  A mistake prints the reason and exits with 2."""
    parser = _parser()
    found = parser.parse_args(_attached_test_output(argv))
    if found.surplus:
        parser.error(f"unexpected {found.surplus[0]!r}; the configuration file goes behind -f")
    given = vars(found)
    unused = tuple(f"{long}: {why}" for _short, long, _unused, why in _WITHOUT_EFFECT if given[_dest(long)])
    only = tuple(name for name in WORKERS if given.get(f"only_{name}"))
    keep = frozenset(name for name in WORKERS if given.get(f"keep_{name}"))
    pid_files = {name: path for name in WORKERS if (path := given.get(f"pid_file_{name}"))}
    names = set(Options.__dataclass_fields__) & set(given)
    return Options(
        workers=only or tuple(WORKERS),
        keep=keep,
        worker_pid_files=pid_files,
        unused=unused,
        **{name: given[name] for name in names},
    )


def worker_arguments(options: Options, worker: str, config: Path, parent: int) -> list[str]:
    """The command line behind `python3 -m lvsd` that starts `worker` with these options as a child of `parent`."""
    words = ["--worker", worker, "--parent", str(parent), "--use-file", str(config)]
    words += ["--runtime-dir", str(options.runtime_dir.absolute()), "--state-dir", str(options.state_dir.absolute())]
    words += ["--log-detail"] * options.log_detail + ["--log-console"] * options.log_console
    words += ["--no-syslog"] * (not options.syslog) + ["--dont-fork"] * (not options.fork)
    words += ["--log-facility", options.log_facility]
    words += ["--script-timeout", f"{options.script_timeout:g}", "--script-wait", f"{options.script_wait:g}"]
    if options.log_file:
        words += ["--log-file", str(options.log_file.absolute())]
    if options.umask is not None:
        words += ["--umask", oct(options.umask)]
    if (keep := WORKERS[worker].keep) and not options.release(worker):
        words.append(keep.long)
    return words


def _attached_test_output(argv: Sequence[str]) -> list[str]:
    """`--config-test=FILE` as two options: like getopt, `-t FILE` must not take the next word."""
    words: list[str] = []
    for word in argv:
        name, equals, value = word.partition("=")
        words += ["--config-test", f"--test-output={value}"] if name == "--config-test" and equals else [word]
    return words


def _dest(long: str) -> str:
    return "unused_" + long.strip("-").replace("-", "_")


def _facility(text: str) -> str:
    name = f"local{text}" if text.isdigit() else text.lower()
    if name not in FACILITIES:
        raise argparse.ArgumentTypeError(f"{text!r} is no log facility (0-7, local0-local7, user, daemon)")
    return name


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds") from None
    if not LEAST_LIMIT <= seconds <= MOST_LIMIT:
        raise argparse.ArgumentTypeError(f"{text!r} is not between {LEAST_LIMIT:g} and {MOST_LIMIT:g} seconds")
    return seconds


def _umask(text: str) -> int:
    try:
        mask = int(text, 8) if text.startswith("0") and text[1:2] not in ("x", "X", "o") else int(text, 0)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no file mode") from None
    if not 0 <= mask <= 0o777:
        raise argparse.ArgumentTypeError(f"{text!r} is no file mode")
    return mask


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lvsd",
        formatter_class=lambda prog: argparse.HelpFormatter(prog, width=HELP_WIDTH),
        description="VRRP, health checks and IPVS in keepalived's configuration language.",
        epilog="Exit codes of -t: 0 good (warnings allowed), 4 cannot read, 5 errors, 6 insecure script.",
    )
    add = parser.add_argument
    defaults = Options()
    add("-f", "--use-file", dest="config", type=Path, default=defaults.config, metavar="FILE", help="configuration")
    add("-t", "--config-test", dest="test", action="store_true", help="check the configuration; [=FILE] findings there")
    add("--test-output", type=Path, help=argparse.SUPPRESS)
    add("--json", action="store_true", help="with -t and --list-unimplemented: JSON on standard output")
    add(
        "--list-unimplemented", action="store_true", help="print the keywords that have no effect yet, with the warning"
    )
    for worker in WORKERS.values():
        if only := worker.only:
            add(only.short, only.long, dest=f"only_{worker.name}", action="store_true", help=only.text)
    add("--all", dest="all_workers", action="store_true", help="run every worker, even with nothing configured for it")
    _add_logging(parser)
    _add_running(parser)
    add("--worker", choices=list(WORKERS), help=argparse.SUPPRESS)
    add("--starter", action="store_true", help=argparse.SUPPRESS)
    add("--parent", type=int, help=argparse.SUPPRESS)
    for short, long, value, why in _WITHOUT_EFFECT:
        names = [name for name in (short, long) if name]
        if value:
            add(*names, dest=_dest(long), metavar=value, help=f"no effect: {why}")
        else:
            add(*names, dest=_dest(long), action="store_true", help=f"no effect: {why}")
    add("surplus", nargs="*", help=argparse.SUPPRESS)
    return parser


def _add_logging(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("-l", "--log-console", action="store_true", help="log to standard error")
    add("-D", "--log-detail", action="store_true", help="log details")
    add("-S", "--log-facility", type=_facility, default="daemon", metavar="NAME", help="0-7, local0-7, user, daemon")
    *files, last = ("FILE", *(f"FILE{worker.log_suffix}" for worker in WORKERS.values()))
    add("-g", "--log-file", type=Path, metavar="FILE", help=f"log to {', '.join(files)} and {last}")
    add("-G", "--no-syslog", dest="syslog", action="store_false", help="do not log to syslog")


def _add_running(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    defaults = Options()
    add("-n", "--dont-fork", dest="fork", action="store_false", help="stay in the foreground")
    add("-R", "--dont-respawn", dest="respawn", action="store_false", help="stop when a worker has failed")
    for worker in WORKERS.values():
        if keep := worker.keep:
            add(keep.short, keep.long, dest=f"keep_{worker.name}", action="store_true", help=keep.text)
    add("-d", "--dump-conf", dest="dump", action="store_true", help="log the configuration at start")
    add("-p", "--pid", dest="pid_file", type=Path, metavar="FILE", help="pid file of the parent")
    for worker in WORKERS.values():
        if its := worker.pid_file:
            add(its.short, its.long, dest=f"pid_file_{worker.name}", type=Path, metavar="FILE", help=its.text)
    add("-s", "--namespace", metavar="NAME", help="run in this network namespace")
    add("-i", "--config-id", metavar="ID", help="keep the lines `@ID ...`; the host's name without its domain")
    add("-e", "--all-config", action="store_true", help="an include file that is missing is an error")
    add("-u", "--umask", type=_umask, metavar="MASK", help="of the files that are created")
    for name, default, what in (
        ("--script-timeout", defaults.script_timeout, "a notify script is ended after SECONDS (60)"),
        ("--script-wait", defaults.script_wait, "and while a newer state waits for it (10)"),
    ):
        add(name, type=_seconds, default=default, metavar="SECONDS", help=what)
    add("--signum", choices=sorted(SIGNALS), help="print the number of the signal that does this")
    add("--runtime-dir", type=Path, default=defaults.runtime_dir, metavar="DIR", help="sockets and rendered parts")
    add("--state-dir", type=Path, default=defaults.state_dir, metavar="DIR", help="what the operator set at run time")
    add("-v", "--version", action="store_true", help="print the version")
