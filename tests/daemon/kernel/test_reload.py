# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A reload: what it changes is named, what it does not touch stays, a bad one is refused."""

from __future__ import annotations

from pathlib import Path

from checkers import FIRST, SECOND, SERVICE, Checker, flag_check, real, script, service, table
from inside import eventually, run


def test_a_bad_configuration_is_refused_and_the_old_one_stays(checker: Checker) -> None:
    good = service(real(11))
    checker.start(good)
    held = table()
    answer = checker.reload(
        good + "virtual_server 192.0.2.11 80 {\n protocol TCP\n real_server 10.0.0.12 80 {\n weight heavy\n }\n}\n"
    )
    assert not answer["ok"]
    assert "checker.conf:" in answer["error"]
    assert answer["findings"]
    assert table() == held
    checker.config.unlink()
    assert not checker.ask("reload")["ok"]
    assert table() == held
    assert checker.reload(good)["changes"] == {}


def test_a_reload_names_its_changes_and_keeps_what_it_does_not_touch(checker: Checker, flag: Path) -> None:
    check = flag_check(flag)
    checker.start(service(real(11, check=check), real(12, check=check)))
    flag.unlink()
    eventually(lambda: table() == "TCP 192.0.2.10:80 wrr", within=5)
    answer = checker.reload(
        service(real(11, 5, check=check), real(13, check=check), more=" persistence_timeout 60\n", algo="wlc")
    )
    assert answer["changes"] == {
        "services": {"changed": [SERVICE]},
        "servers": {
            "added": [f"10.0.0.13:80 of {SERVICE}"],
            "removed": [f"{SECOND} of {SERVICE}"],
            "changed": [f"{FIRST} of {SERVICE}"],
        },
    }
    first, third = checker.show()["servers"]
    assert not first["up"]  # its check is the same: it stays down
    assert first["effective_weight"] is None
    assert third["key"] == "10.0.0.13:80"
    assert table().splitlines()[0] == "TCP 192.0.2.10:80 wlc persistent 60"


TUNNELS = """virtual_server fwmark 7 {
 lb_algo rr
 lb_kind TUN
 persistence_timeout 60
 persistence_granularity 64
 real_server 2001:db8::11 0 {
 }
}
"""


def test_a_mark_of_tunnels_takes_their_family(checker: Checker) -> None:
    checker.start(service(real(11)))
    assert checker.reload(service(real(11)) + TUNNELS)["refused"] == []
    assert "FWM 7 IPv6 rr persistent 60 mask 64\n-> [2001:db8::11]:0 Tunnel 1" in table()


def test_what_the_kernel_refuses_is_in_the_answer_and_the_rest_is_done(checker: Checker) -> None:
    checker.start(service(real(11)))
    answer = checker.reload(service(real(11), real(12)).replace("10.0.0.12", "224.0.0.1") + TUNNELS)
    assert answer["ok"]
    assert answer["refused"] == [f"destination 224.0.0.1:80 of {SERVICE}: Invalid argument"]
    assert "FWM 7 IPv6" in table()
    assert checker.reload(service(real(11)))["refused"] == []


def test_a_server_that_a_reload_removes_runs_its_notify_down(checker: Checker, tmp_path: Path, flag: Path) -> None:
    noted = tmp_path / "noted"
    script(tmp_path, "note", f"echo $1 >> {noted}")
    hook = f'notify_down "{tmp_path}/note %s" root'
    lost = real(13, check=flag_check(flag), more=hook % "lost")
    checker.start(service(real(11), real(12, more=hook % "removed"), lost))
    flag.unlink()
    eventually(lambda: noted.exists() and noted.read_text().split() == ["lost"], within=5)
    checker.reload(service(real(11)))
    eventually(lambda: noted.read_text().split() == ["lost", "removed"], within=5)
    other = service(real(11, more=hook % "together"), more=f' quorum_down "{tmp_path}/note quorum" root\n')
    checker.reload(other)
    checker.reload(service(real(11), head="virtual_server 192.0.2.11 80"))
    said = ["lost", "removed", "together", "quorum"]
    eventually(lambda: sorted(noted.read_text().split()) == sorted(said), within=5)


def test_a_check_that_cannot_look_leaves_its_server_and_sees_again(checker: Checker) -> None:
    check = "TCP_CHECK {\n bindto 192.0.2.200\n connect_timeout 1\n retry 0\n warmup 0\n }"
    held = f"TCP 192.0.2.10:80 wrr\n-> {FIRST} Masq 1"
    checker.start(service(real(11, check=check)))
    eventually(lambda: not checker.show()["servers"][0]["checks"][0]["looked"], within=10)
    (shown,) = checker.show()["servers"][0]["checks"]
    assert shown["detail"] == "could not look: cannot assign requested address"
    assert table() == held
    for command in ("link add d0 type dummy", "link set d0 up", "addr add 10.0.0.11/32 dev d0"):
        run("ip", *command.split())
    run("ip", "addr", "add", "192.0.2.200/32", "dev", "d0")  # as when the address comes over; nobody listens
    eventually(lambda: table() == "TCP 192.0.2.10:80 wrr", within=10)
    assert "connection refused" in checker.log
    assert checker.log.count("could not look") == 1


def test_an_order_that_loses_the_quorum_keeps_the_others_for_their_connections(checker: Checker) -> None:
    checker.start(service(real(11), real(12), more=" quorum 2\n sorry_server 10.0.0.99 80\n"))
    checker.ask("drain", service=SERVICE, server=FIRST)
    lines = table().splitlines()
    assert sorted(lines[1:]) == [f"-> {FIRST} Masq 0", f"-> {SECOND} Masq 0", "-> 10.0.0.99:80 Masq 1"]
    checker.ask("enable", service=SERVICE, server=FIRST)
    assert sorted(table().splitlines()[1:]) == [f"-> {FIRST} Masq 1", f"-> {SECOND} Masq 1"]
