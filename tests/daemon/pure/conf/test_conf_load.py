# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files on a disk, hostile input, and how long it takes."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lvsd.conf import parser, source
from lvsd.conf.findings import Findings, Place
from lvsd.conf.grammar import ROOT
from lvsd.conf.load import load, parse
from lvsd.conf.render import render
from lvsd.conf.suggest import homes

INSTANCE = (
    "vrrp_instance VI_1 {\n  interface eth0\n  virtual_router_id 51\n  @one priority 100\n  @two priority 50\n}\n"
)
SERVICE = "virtual_server 192.0.2.1 80 {\n  protocol TCP\n  include 192.0.2.1.d/*.conf\n}\n"


def tree(folder: Path) -> Path:
    """The files of a director, as the collection's modules write them."""
    servers = folder / "conf.d" / "192.0.2.1.d"
    servers.mkdir(parents=True)
    for number in (1, 2):
        (servers / f"rs{number}.conf").write_text(f"real_server 10.0.0.{number} 80 {{\n  weight {number}\n}}\n")
    (folder / "conf.d" / "vs.conf").write_text(SERVICE)
    (folder / "conf.d" / "vi.conf").write_text(INSTANCE)
    top = folder / "lvsd.conf"
    top.write_text("global_defs {\n  router_id ${_INSTANCE}\n}\ninclude conf.d/*.conf\n")
    return top


def test_fragments_make_one_configuration(tmp_path: Path) -> None:
    loaded = load(tree(tmp_path), config_id="two")
    configuration = loaded.configuration
    assert not loaded.errors
    assert configuration.global_defs.router_id == "two"
    assert configuration.routers[0].priority == 50
    assert [server.weight for server in configuration.virtual_servers[0].real_servers] == [1, 2]
    assert [Path(name).name for name in loaded.files] == ["lvsd.conf", "vi.conf", "vs.conf", "rs1.conf", "rs2.conf"]


def test_findings_name_the_file_they_are_in(tmp_path: Path) -> None:
    top = tree(tmp_path)
    (tmp_path / "conf.d" / "192.0.2.1.d" / "rs1.conf").write_text("real_server 10.0.0.1 80 {\n  wieght 1\n}\n")
    (error,) = load(top).errors
    assert str(error).startswith(f"{tmp_path}/conf.d/192.0.2.1.d/rs1.conf:2: virtual_server 192.0.2.1 80: real_server")


def test_the_identity_is_the_first_label_of_the_host_s_name(tmp_path: Path) -> None:
    top = tmp_path / "a.conf"
    top.write_text(f"global_defs {{\n@{os.uname().nodename.partition('.')[0]} router_id here\n}}\n")
    assert load(top).configuration.global_defs.router_id == "here"


def test_a_top_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "none.conf")
    with pytest.raises(IsADirectoryError):
        load(tmp_path)


def test_a_strict_start_wants_every_include(tmp_path: Path) -> None:
    top = tmp_path / "a.conf"
    top.write_text("include none.conf\n")
    assert not load(top).errors
    assert load(top, all_config=True).errors


def test_a_link_that_leads_back_ends(tmp_path: Path) -> None:
    top = tmp_path / "a.conf"
    top.write_text("include b/a.conf\n")
    (tmp_path / "b").symlink_to(".")
    assert "nested deeper" in load(top).findings[0].message


def test_what_is_no_regular_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.conf")
    top = tmp_path / "a.conf"
    top.write_text("include pipe.conf\n")
    assert "not a regular file" in load(top).findings[0].message


def test_a_file_has_a_largest_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "SIZE", 100)
    top = tmp_path / "a.conf"
    top.write_text("#" * 101)
    with pytest.raises(OSError, match="too large"):
        load(top)


def test_other_encodings_are_read(tmp_path: Path) -> None:
    top = tmp_path / "a.conf"
    for content in (b"\xef\xbb\xbfglobal_defs {\r\nrouter_id \xc3\xa9\r\n}\r\n", b"global_defs {\nrouter_id \xe9\n}\n"):
        top.write_bytes(content)
        assert load(top).configuration.global_defs.router_id == "é"


# --- hostile input -------------------------------------------------------------------------------

MARKS = ["{", "}", "\n", '"', "'", "\\", "$A", "$A=", "~SEQ(A,3)", "@x", "#", "1", "192.0.2.1", "fwmark", "group"]
VOCABULARY = st.sampled_from([*sorted(homes()), *MARKS])


@settings(max_examples=150, deadline=None)
@given(st.lists(VOCABULARY, max_size=60))
def test_any_words_in_any_order_give_findings_and_nothing_else(words: list[str]) -> None:
    loaded = parse(" ".join(words))
    render(loaded.configuration)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200) | st.binary(max_size=200).map(source.decoded))
@example("\x1f#0")
def test_any_text_gives_findings_and_nothing_else(text: str) -> None:
    render(parse(text).configuration)


@settings(max_examples=60, deadline=None)
@given(st.lists(VOCABULARY, max_size=60))
def test_what_was_read_without_an_error_is_rendered_the_same(words: list[str]) -> None:
    loaded = parse(" ".join(words))
    if not loaded.errors:
        assert parse(render(loaded.configuration)).configuration == loaded.configuration


N = 20_000
SERVER = "virtual_server 192.0.2.1 80 {\nreal_server 192.0.2.9 80 {\n"
INSTANCE_OF_MANY = "vrrp_instance v{0} {{\nvirtual_router_id 1\nunicast_peer {{\n2001:db8::{0}\n}}\n}}"


@pytest.mark.parametrize(
    "text",
    [
        "{" * N,
        "}" * N,
        "{ " * N,
        "a { " * N,
        '"' * (N + 1),
        "'" * (N + 1),
        "\\" * N,
        "'\\" * N,
        '"\\"' * N,
        "$" * N,
        "${A" * N,
        "$A=$A\n" + "$A " * N,
        "~SEQ(" + "(" * N,
        "~LST(" + "{" * N,
        "x " * N,
        "a#b " * N,
        "zzz\n" * N,
        "vrrp_instance a {\n" * N,
        "virtual_server 192.0.2.1 80 {\n}\n" * (N // 10),
        "vrrp_instance a {\nvirtual_ipaddress {\n" + "192.0.2.1\n" * N + "}\n}",
        "vrrp_instance a {\nvirtual_ipaddress { " + "192.0.2.1 " * N + "}\n}",
        "vrrp_instance a {\nvirtual_router_id 1\n" + "priority 1 " * N + "\n}",
        "vrrp_sync_group a {\n" + "x\n" * N + "}",
        "vrrp_sync_group a {\ngroup {\n" + "x\n" * N + "}\n}",
        f"{SERVER}HTTP_GET {{\nurl {{\nregex {'(' * N}\n}}\n}}\n}}\n}}",
        "vrrp_instance a { virtual_router_id 1 priority " + "9" * N + " }",
        "include " + "{a,b}" * 100 + "\n",
        "\n".join(map(INSTANCE_OF_MANY.format, range(2000))),
    ],
    ids=range(28),
)
def test_hostile_input_ends_soon(text: str) -> None:
    began = time.process_time()
    loaded = parse(text)
    render(loaded.configuration)
    assert time.process_time() - began < 5


def test_a_large_configuration_is_read_within_a_second() -> None:
    check = "        TCP_CHECK {{\n        }}\n"
    servers = "".join(
        f"    real_server 10.2.{{0}}.{n} 80 {{{{\n        weight {n}\n{'' if n % 5 else check}    }}}}\n"
        for n in range(1, 41)
    )
    text = "".join(
        f"virtual_server 10.1.{n}.1 80 {{\n    lb_algo wrr\n    lb_kind NAT\n    protocol TCP\n{servers.format(n)}}}\n"
        for n in range(200)
    )
    assert text.count("\n") > 26_000
    began = time.process_time()
    loaded = parse(text)
    took = time.process_time() - began
    assert not loaded.findings
    assert len(loaded.configuration.virtual_servers) == 200
    assert took < 2  # measured: 0.3 s; the bound forgives a busy machine


def test_the_root_knows_its_blocks() -> None:
    assert {"global_defs", "vrrp_instance", "vrrp_sync_group", "virtual_server", "SSL"} <= set(ROOT.known)


def test_reading_leaves_the_garbage_collector_as_it_was() -> None:
    parse("vrrp_instance a {\n}\n")
    assert gc.isenabled()
    gc.disable()
    try:
        parse("")
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_block_is_read_as_soon_as_the_next_one_begins() -> None:
    """Of a large file there is never the whole tree."""
    taken: list[str] = []

    def lines() -> Iterator[tuple[Place, list[str]]]:
        for number, words in enumerate(("a {", "x", "}", "b", "{", "}", "c", "d"), 1):
            taken.append(words)
            yield Place("conf", number), words.split()

    found = parser.parse(lines(), Findings())
    assert (next(found).label, taken[-1]) == ("a", "b")
    second = next(found)
    assert (second.label, second.body, taken[-1]) == ("b", [], "c")
    assert [node.label for node in found] == ["c", "d"]
