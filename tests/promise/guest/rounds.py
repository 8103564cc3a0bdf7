# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a director: rounds of one kind, each done as an operator does it and waited for until it has had its effect.

    python3 rounds.py KIND ROUNDS

`lvsctl` is called as the program calls itself, in this one process: starting Python ten times over would take longer
than all that is measured. A JSON line per round; a round without its effect ends it all with exit code 1.
"""

import contextlib
import io
import json
import os
import pathlib
import signal
import sys
import time

sys.path.insert(0, os.path.realpath("/opt/lvsd/current"))

from lvsd.ctl import __main__ as lvsctl
from lvsd.ctl.sockets import Failed, Silent, Sockets

CONFIGURATION, VERSIONS = "/etc/lvsd/conf.d", "/opt/lvsd"
SOCKETS = Sockets(pathlib.Path("/run/lvsd"))
ADDRESS, SERVICE, SERVER = "192.168.122.140", "192.168.122.140:80/TCP", "10.0.0.11:80"
SERVER_FILE = f"{CONFIGURATION}/virtual_server-{ADDRESS}-80-TCP.d/real_server-10.0.0.11-80.conf"
PATIENCE = 30.0  # seconds for the effect of one round
EVERY = 0.2  # seconds between two looks: each takes from the daemon what little processor an emulated machine has
LEAST = 0.7  # seconds that a round takes at least, so that requests fall into it
STABLE = 2.5  # seconds that a worker has to run to be no crash loop, whose restarts are delayed
ANOTHER = """\
virtual_server {address} {port} {{
    protocol TCP
    lb_algo rr
    lb_kind NAT
    delay_loop 2
    real_server 10.0.0.12 80 {{
        TCP_CHECK {{
            connect_timeout 3
        }}
    }}
}}
"""


class NoEffect(Exception):
    """A round did not do what it is for."""


def eventually(what, question):
    """The first true answer. Raises NoEffect naming `what`."""
    deadline = time.monotonic() + PATIENCE
    while not (answer := question()):
        if time.monotonic() > deadline:
            raise NoEffect(f"waited {PATIENCE:.0f} s in vain: {what}")
        time.sleep(EVERY)
    return answer


def ctl(*words):
    """The answer of `lvsctl WORDS --json`. Raises NoEffect when it is refused."""
    said, complaint = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(complaint):
        code = lvsctl.main([*words, "--json"])
    if code:
        raise NoEffect(f"lvsctl {' '.join(words)}: exit {code}: {complaint.getvalue()}")
    return json.loads(said.getvalue())


def ask(*words):
    """The same, {} while nobody answers."""
    try:
        return ctl(*words)
    except (NoEffect, ValueError):
        return {}


def table():
    """(service, destination) -> weight, of the kernel's table; a service itself is (service, "")."""
    found, service = {}, ""
    with open("/proc/net/ip_vs") as rows:
        for row in rows:
            words = row.split()
            if words[0] == "TCP":
                service = endpoint(words[1])
                found[service, ""] = 0
            elif words[0] == "->" and service:
                found[service, endpoint(words[1])] = int(words[3])
    return found


def endpoint(text):
    """ "0A000001:0050" as "10.0.0.1:80"."""
    address, _, port = text.partition(":")
    return f"{'.'.join(str(byte) for byte in bytes.fromhex(address))}:{int(port, 16)}"


def weight():
    return table().get((f"{ADDRESS}:80", SERVER))


# --- the kinds: each takes the number of the round ---


def reload_unchanged(number):
    changed = ctl("reload").get("changes", {})
    if said := [value for value in leaves(changed) if value]:
        raise NoEffect(f"a reload of the same configuration changed something: {said}")


def leaves(changes):
    """What a reload says it did, without what stayed."""
    for name, value in changes.items():
        if isinstance(value, dict):
            yield from leaves(value)
        elif name != "unchanged":
            yield value


def reload_weight(number):
    wanted = 3 if weight() == 2 else 2
    with open(SERVER_FILE) as stream:
        text = stream.read()
    write(SERVER_FILE, text.replace(f"weight {5 - wanted}", f"weight {wanted}"))
    ctl("reload")
    eventually(f"weight {wanted}", lambda: weight() == wanted)


def add_service(number):
    port = 8080 + number
    write(path_of(port), ANOTHER.format(address=ADDRESS, port=port))
    ctl("reload")
    eventually(f"service {port}", lambda: (f"{ADDRESS}:{port}", "10.0.0.12:80") in table())


def remove_service(number):
    port = 8080 + number
    os.unlink(path_of(port))
    ctl("reload")
    eventually(f"no service {port}", lambda: (f"{ADDRESS}:{port}", "") not in table())


def path_of(port):
    return f"{CONFIGURATION}/virtual_server-{ADDRESS}-{port}-TCP.conf"


def write(path, text):
    with open(f"{path}.new", "w") as stream:
        stream.write(text)
    os.replace(f"{path}.new", path)


def drain(number):
    """Out, until its last connection has ended, and back."""
    if left := ctl("drain", SERVICE, SERVER, "--wait", "30").get("connections"):
        raise NoEffect(f"drained with {left} connections left")
    if weight() != 0:
        raise NoEffect(f"drained with weight {weight()}")
    ctl("enable", SERVICE, SERVER)
    eventually("its weight again", weight)


def kill_vrrp(number):
    killed("vrrp")
    eventually("every instance Active", lambda: vrrp_states() == {"Active"})


def kill_checker(number):
    killed("checker")
    eventually("the service up", lambda: ups() == {True})


def kill_parent(number):
    before = workers()
    old = status()["pid"]
    os.kill(old, signal.SIGKILL)
    eventually("another parent", lambda: (status().get("pid") or old) != old)
    after = eventually("its workers", lambda: sorted(workers()) == sorted(before) and workers())
    if after != before:
        raise NoEffect(f"other workers than before: {before}, {after}")


def reexec(number):
    """What director_runtime does on a host that has both versions: the other one becomes current, and what runs."""
    current, previous = (os.readlink(f"{VERSIONS}/{name}") for name in ("current", "previous"))
    before = workers()
    for name, digest in (("current", previous), ("previous", current)):
        os.symlink(digest, f"{VERSIONS}/.{name}")
        os.replace(f"{VERSIONS}/.{name}", f"{VERSIONS}/{name}")
    ctl("reexec")
    eventually(f"version {previous}", lambda: digests() == {previous} and workers().keys() == before.keys())


def digests():
    """The versions that run, of the parent and its workers."""
    parent = status()
    return {part.get("digest") for part in (parent, *parent.get("workers", ()))}


def killed(name):
    """Kill a worker that has run for a while, and wait until another process answers in its place."""
    eventually(f"a stable {name}", lambda: time.time() - (worker(name).get("up_since") or time.time()) > STABLE)
    old = worker(name)["pid"]
    os.kill(old, signal.SIGKILL)
    eventually(f"another {name}", lambda: worker(name).get("pid", old) not in (old, None))


def worker(name):
    return next((row for row in status().get("workers", ()) if row["name"] == name), {})


def status():
    """What the parent shows of itself and its workers, {} while it does not answer."""
    try:
        return SOCKETS.ask("lvsd", "show")
    except (Failed, Silent):
        return {}


def workers():
    return {row["name"]: row["pid"] for row in status().get("workers", ()) if row["pid"]}


def vrrp_states():
    return {row["state"] for row in ask("show", "vrrp").get("instances", ())}


def ups():
    services = ask("show", "checks").get("services", ())
    return {server["up"] for service in services for server in service["servers"]}


KINDS = {
    "reload-unchanged": reload_unchanged,
    "reload-weight": reload_weight,
    "add-service": add_service,
    "remove-service": remove_service,
    "drain": drain,
    "kill-vrrp": kill_vrrp,
    "kill-checker": kill_checker,
    "kill-parent": kill_parent,
    "reexec": reexec,
}


def main(kind, rounds):
    for number in range(1, rounds + 1):
        began = time.monotonic()
        try:
            KINDS[kind](number)
        except NoEffect as problem:
            print(f"round {number}: {problem}", file=sys.stderr)
            return 1
        took = time.monotonic() - began
        print(json.dumps({"round": number, "seconds": round(took, 2)}), flush=True)
        time.sleep(max(0.0, LEAST - took))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
