# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook `site` on directors that are namespaces: what it changes, what it says, where it stops."""

from __future__ import annotations

import pytest
from managed import OTHER_VIP, UNREACHABLE, VIP, Cluster, Managed, router
from network import Network
from prepared import ROOT

pytestmark = pytest.mark.beside

EXAMPLE = ROOT / "examples" / "pair"  # its ansible.cfg


def test_a_pair_is_set_up_and_a_director_that_is_away_ends_the_run_before_anything_changes(network: Network) -> None:
    pair = Cluster(network, "a", "b")
    pair.done("site")
    pair.settled("a")
    for one in pair.directors.values():  # scripts are protected, and have a user without rights
        assert one.say("getent", "passwd", "keepalived_script").endswith(":/nonexistent:/usr/sbin/nologin\n")
        written = one.say("cat", "/etc/lvsd/lvsd.conf")
        assert "enable_script_security" in written
        assert "script_user keepalived_script" in written
    unchanged = pair.done("site")
    assert [row for row in unchanged.splitlines() if "changed=" in row and "changed=0" not in row] == [], unchanged

    pair.more["c"] = {**UNREACHABLE, "director_addresses": {"eth0": "192.0.2.13/24"}}
    pair.shared["director_vrrp_instances"] = [router("one", 51, VIP, OTHER_VIP)]
    said = pair.failed("site")
    assert "c: cannot be reached; nothing has changed" in said, said
    assert "Go on with --limit 'all:!c'" in said, said
    assert not pair["a"].holds(OTHER_VIP)
    pair.done("site", "--limit", "all:!c")
    assert pair["a"].holds(OTHER_VIP)
    assert pair["a"].holds(VIP)


def test_what_the_hosts_do_not_have_ends_the_run_before_anything_changes(network: Network) -> None:
    pair = Cluster(network, "a", "b")
    pair.shared["director_vrrp_instances"] = [router("one", 51, VIP, interface="eth7")]
    for number, one in enumerate(pair.directors.values()):
        one.variables["director_addresses"] |= {"eth7": f"192.0.2.{200 + number}/24"}
    said = pair.failed("site")
    assert "a: director_addresses.eth7: the host has no interface eth7" in said, said
    assert "director_allow_faults" in said
    assert pair["a"].say("ls", "/opt") == ""


def test_a_daemon_that_is_started_and_does_not_work_fails(network: Network) -> None:
    """The link is down."""
    pair = Cluster(network, "a", "b")
    for one in pair.directors.values():
        one.host.ip("link set eth0 down")
    said = pair.failed("site")
    assert "TASK [lvs.director.director : Check that the virtual routers work]" in said, said
    assert pair["a"].states() == {"one": "Initialize"}
    for one in pair.directors.values():
        one.host.ip("link set eth0 up")
    pair.settled("a")


def test_a_run_that_changes_nothing_is_short(network: Network) -> None:
    """A pair with two real servers, in the folder of the example, as the README says and docs/day-2.md counts it."""
    pair = Cluster(network, "a", "b")
    for number in (21, 22):
        server = Managed(network, f"r{number}", f"192.0.2.{number}/24")
        server.variables["real_server_address"] = f"192.0.2.{number}"
        del server.variables["director_addresses"]
        pair.real_servers[f"r{number}"] = server.variables
    pair.done("site")
    pair.settled("a")
    short = pair.done("site", within=EXAMPLE)
    assert len(short.splitlines()) < 30, short
    assert short.partition("PLAY RECAP")[2].count("changed=0 ") == 4, short
    assert short.count("TASK [") == 1, short  # the plan warns: no service has these real servers


def test_a_short_output_shows_what_changes_what_is_refused_and_how_it_is(network: Network) -> None:
    """What the file beside the example must not leave out."""
    pair = Cluster(network, "a", "b")
    said = pair.done("site", within=EXAMPLE)
    for task in ("Deploy the daemon", "Configure the daemon", "Run the daemon, now and after a boot"):
        assert f"TASK [lvs.director.director : {task}]" in said, said
    assert said.count("changed: [a]") == int(said.partition("PLAY RECAP")[2].split("changed=")[1].split()[0]), said
    pair.settled("a")

    pair.shared["director_vrrp_instances"] = [router("one", 51, VIP, OTHER_VIP)]
    for words in (["--check", "--diff"], ["--diff"]):
        said = pair.done("site", *words, within=EXAMPLE)
        assert said.count("TASK [") == 1, said
        assert "TASK [lvs.director.director : Configure the daemon]" in said, said
        assert said.count(f"+        {OTHER_VIP}\n") == said.count("\nchanged: [") == 2, said
    for name, state in (("a", "Active"), ("b", "Backup")):
        said = pair.done("status", "--limit", name, within=EXAMPLE)
        assert f"- 'one: {state}" in said, said

    pair.shared["director_vrrp_instances"] = [router("one", 51, VIP, OTHER_VIP, interface="eth7")]
    for number, one in enumerate(pair.directors.values()):
        one.variables["director_addresses"] |= {"eth7": f"192.0.2.{200 + number}/24"}
    said = pair.failed("site", within=EXAMPLE)
    assert said.count("TASK [") == 1, said
    assert "msg: 'b: director_addresses.eth7: the host has no interface eth7" in said, said
