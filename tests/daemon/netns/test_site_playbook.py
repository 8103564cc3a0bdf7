# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook `site` on directors that are namespaces: what it changes, what it says, where it stops."""

from __future__ import annotations

import pytest
from managed import OTHER_VIP, UNREACHABLE, VIP, Cluster, Managed, router
from network import Network

pytestmark = pytest.mark.beside

QUIET = {"ANSIBLE_DISPLAY_OK_HOSTS": "no", "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "no"}


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
    """A pair with two real servers, as docs/day-2.md counts it."""
    pair = Cluster(network, "a", "b")
    for number in (21, 22):
        server = Managed(network, f"r{number}", f"192.0.2.{number}/24")
        server.variables["real_server_address"] = f"192.0.2.{number}"
        del server.variables["director_addresses"]
        pair.real_servers[f"r{number}"] = server.variables
    pair.done("site")
    pair.settled("a")
    short = pair.done("site", settings=QUIET)
    assert len(short.splitlines()) < 60, short
    assert short.partition("PLAY RECAP")[2].count("changed=0 ") == 4, short
    assert "Say that" not in short
