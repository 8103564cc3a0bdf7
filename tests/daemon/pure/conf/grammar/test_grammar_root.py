# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words outside all blocks: the blocks that a file has, and those that are known by their words alone."""

from __future__ import annotations

import pytest
from lvsd.conf.grammar.entry import Block, Kept
from lvsd.conf.grammar.root import ROOT, SSL, uses_others
from lvsd.model import Configuration, SslContext, Statement

from tests.support.language import kept, parsed, read, words, written

WORKERS = {
    "vrrp": {
        "linkbeat_use_polling",
        "linkbeat_interfaces",
        "interface_up_down_delays",
        "static_ipaddress",
        "static_routes",
        "static_rules",
        "track_group",
        "garp_group",
        "vrrp_script",
        "vrrp_track_process",
    },
    "checker": {"net_namespace_ipvs", "virtual_server_group"},
    "both": {
        "net_namespace",
        "namespace_with_ipsets",
        "instance",
        "use_pid_dir",
        "child_wait_time",
        "track_file",
        "bfd_instance",
    },
}


def test_the_blocks_of_a_file_in_the_order_in_which_they_are_written() -> None:
    assert [entry.name for entry in ROOT.entries if isinstance(entry, Block)] == [
        "global_defs",
        "vrrp_sync_group",
        "vrrp_instance",
        "SSL",
        "virtual_server",
    ]
    fields = {entry.name: entry.field for entry in ROOT.entries if isinstance(entry, Block)}
    assert fields == {
        "global_defs": "global_defs",
        "vrrp_sync_group": "sync_groups",
        "vrrp_instance": "routers",
        "SSL": "ssl",
        "virtual_server": "virtual_servers",
    }


def test_each_word_that_is_kept_goes_to_the_workers_that_need_it() -> None:
    found: dict[str, set[str]] = {}
    for entry in ROOT.entries:
        if isinstance(entry, Kept):
            found.setdefault(entry.worker, set()).add(entry.name)
    assert found == WORKERS


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("net_namespace", "start the daemon in it: ip netns exec, or the unit's NetworkNamespacePath="),
        ("instance", "start it with another --runtime-dir"),
        ("static_routes", "nothing of it is set"),
        ("vrrp_script", "it is not run"),
        ("track_file", "nothing is tracked"),
        ("bfd_instance", "no session is set up"),
        ("virtual_server_group", "the services of the group are not set up"),
    ],
)
def test_a_word_that_is_kept_says_what_happens_instead(name: str, said: str) -> None:
    assert kept(ROOT.entries)[name] == f"'{name}' is known but not implemented yet: {said}"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["vrrp_script S {", "script /bin/x", "interval 1x", "}"], "error 3: vrrp_script S: interval '1x' is not a t"),
        (["vrrp_script S {", "weight 254", "script x", "}"], "error 2: vrrp_script S: weight '254' is outside -253 to"),
        (["bfd_instance B {", "}"], "error 1: bfd_instance B: 'neighbor_ip' is missing"),
        (["bfd_instance B {", "neighbour_ip x", "}"], "error 2: bfd_instance B: neighbour_ip 'x' is not an IP address"),
        (["track_file F {", "fil /x", "file /x", "}"], "error 2: track_file F: unknown keyword 'fil'; did you mean "),
        (["vrrp_track_process {", "process x", "}"], "error 1: 'vrrp_track_process' needs exactly one name"),
    ],
)
def test_mistakes_inside_what_is_kept_are_found(lines: list[str], said: str) -> None:
    _configuration, found = parsed(*lines)
    assert said in [one[: len(said)] for one in found]


def test_the_files_of_tls() -> None:
    lines = ["password s3cret", "ca /etc/ca.pem", "certificate /etc/own.pem", "key /etc/own.key"]
    value, said = read(SSL, *lines)
    assert (value, said) == (
        SslContext(password="s3cret", ca="/etc/ca.pem", certificate="/etc/own.pem", key="/etc/own.key"),
        [],
    )
    assert written(SSL, value) == lines
    assert words(SSL) == {"password", "ca", "certificate", "key"}
    assert read(SSL, "ca") == (SslContext(), ["fatal 2: 'ca' needs a value: ca PATH"])


def test_an_older_name_of_a_block_that_is_kept() -> None:
    configuration, said = parsed("vrrp_track_file F {", "file /x", "}")
    assert said[0] == "1: 'vrrp_track_file' is an old name of 'track_file'"
    assert configuration == Configuration(kept=(Statement(("vrrp_track_file", "F"), (Statement(("file", "/x")),)),))


def test_a_service_of_a_group_stands_behind_its_group() -> None:
    assert uses_others(Statement(("virtual_server", "group", "G")))
    assert not uses_others(Statement(("virtual_server_group", "G")))
