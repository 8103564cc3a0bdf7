# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each worker gets its own blocks and the kept words that concern it, and every program is found."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from lvsd.conf.grammar import ROOT
from lvsd.conf.grammar.entry import Kept
from lvsd.conf.split import commands, concerns, parts
from lvsd.model import (
    Command,
    Configuration,
    GlobalDefs,
    MiscCheck,
    Notify,
    RealServer,
    SslContext,
    Statement,
    SyncGroup,
    TcpCheck,
    VirtualRouter,
    VirtualServer,
)
from lvsd.worker.registry import WORKERS

WHOLE = Configuration(
    global_defs=GlobalDefs(router_id="a", kept=(Statement(("smtp_server", "x")),)),
    routers=(VirtualRouter(name="V", vrid=1),),
    sync_groups=(SyncGroup(name="G", members=("V",)),),
    ssl=SslContext(ca="/ca"),
    virtual_servers=(VirtualServer(fwmark=1),),
)


def test_each_worker_gets_its_blocks_and_the_global_words() -> None:
    found = parts(WHOLE)
    assert {name: found[name] for name in ("vrrp", "checker")} == {
        "vrrp": Configuration(global_defs=WHOLE.global_defs, routers=WHOLE.routers, sync_groups=WHOLE.sync_groups),
        "checker": Configuration(global_defs=WHOLE.global_defs, ssl=WHOLE.ssl, virtual_servers=WHOLE.virtual_servers),
    }


def test_every_block_of_the_configuration_is_some_worker_s() -> None:
    given = {block for worker in WORKERS.values() for block in worker.blocks}
    assert given | {"global_defs", "kept"} == set(Configuration.__slots__)


@pytest.mark.parametrize(
    ("words", "workers"),
    [
        (("vrrp_script", "x"), ["vrrp"]),
        (("static_routes",), ["vrrp"]),
        (("net_namespace_ipvs", "x"), ["checker"]),
        (("virtual_server_group", "g"), ["checker"]),
        (("virtual_server", "group", "g"), ["checker"]),
        (("net_namespace", "x"), list(WORKERS)),
        (("track_file", "f"), list(WORKERS)),
        (("vrrp_track_file", "f"), list(WORKERS)),
        (("bfd_instance", "b"), list(WORKERS)),
        (("vrrp_instance", "V"), ["vrrp"]),
        (("no_such_word",), []),
        (("priority", "1"), []),
    ],
)
def test_a_kept_word_reaches_the_workers_that_it_concerns(words: tuple[str, ...], workers: list[str]) -> None:
    assert [name for name, worker in WORKERS.items() if concerns(worker, words[0])] == workers
    kept = (Statement(words), Statement(words, ()))
    found = parts(Configuration(kept=kept))
    assert {name: part.kept for name, part in found.items() if part.kept} == dict.fromkeys(workers, kept)


def test_no_kept_word_of_the_grammar_is_lost_to_all_workers() -> None:
    words = [name for name, entry in ROOT.known.items() if isinstance(entry, Kept)]
    assert len(words) > 10
    for word in words:
        assert any(concerns(worker, word) for worker in WORKERS.values()), word


def command(name: str) -> Command:
    return Command((f"/bin/{name}",))


def test_every_program_is_found_in_its_order() -> None:
    one, other = ip_address("192.0.2.1"), ip_address("192.0.2.2")
    notify = {name: command(name) for name in Notify.__slots__}
    server = RealServer(
        address=one,
        notify_up=command("up"),
        notify_down=command("down"),
        checks=(TcpCheck(), MiscCheck(command=command("check")), MiscCheck(command=command("check2"))),
    )
    service = VirtualServer(
        address=one,
        quorum_up=command("quorum_up"),
        quorum_down=command("quorum_down"),
        real_servers=(RealServer(address=other), server),
    )
    configuration = Configuration(
        routers=(VirtualRouter(name="A", vrid=1), VirtualRouter(name="B", vrid=2, notify=Notify(**notify))),
        sync_groups=(SyncGroup(name="G", notify=Notify(any=command("group"))),),
        virtual_servers=(service, VirtualServer(fwmark=1, quorum_down=command("mark"))),
    )
    found = [one.words[0].removeprefix("/bin/") for one in commands(configuration)]
    assert found == [
        *Notify.__slots__,
        *("group", "quorum_up", "quorum_down", "up", "down", "check", "check2", "mark"),
    ]


def test_a_configuration_without_programs_has_none() -> None:
    assert list(commands(WHOLE)) == []
