# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A configuration as a whole: multicast groups, programs, and what runs when something had to be changed."""

from __future__ import annotations

import pytest
from conf_texts import check, router, service
from lvsd.conf.findings import Place, Script
from lvsd.conf.validate.whole import SCRIPTS, scripts
from lvsd.conf.validate.whole import check as validate
from lvsd.model import Command, Configuration

from tests.support.language import located, named

SECURE = "global_defs {\nenable_script_security\n}\n"


def checked(text: str) -> tuple[Configuration, list[str]]:
    """The configuration as it runs, and what was found."""
    whole, findings = located(text)
    return validate(whole, scripts(whole), findings), named(findings.result())


def test_what_needs_no_change_is_the_very_same_object() -> None:
    whole, findings = located(router() + service())
    assert validate(whole, [], findings) is whole.value


def test_what_was_changed_runs_and_the_rest_stays() -> None:
    configuration, said = checked(router("advert_int 1.5") + service("quorum 9") + "SSL {\nca /x\n}\n")
    assert configuration.routers[0].advertisement_interval == 2
    assert configuration.virtual_servers[0].quorum == 1
    assert configuration.ssl is not None
    assert len(said) == 2


@pytest.mark.parametrize(
    ("word", "address"), [("vrrp_mcast_group4", "192.0.2.1"), ("vrrp_mcast_group6", "2001:db8::1")]
)
def test_a_global_group_that_is_none_is_left_out(word: str, address: str) -> None:
    configuration, said = checked(f"global_defs {{\n{word} {address}\n}}\n")
    assert said == [f"error 2: global_defs: {word} {address} is not a multicast address"]
    assert getattr(configuration.global_defs, word) is None


def test_the_programs_of_a_configuration() -> None:
    text = router("notify_master '/bin/a b'", "notify /bin/c games") + service(
        "quorum_up /bin/d", servers=check("misc_path /bin/e", "MISC_CHECK")
    )
    whole, _findings = located(text)
    assert sorted(scripts(whole), key=lambda script: script.place) == [
        Script(Place("f", 4), "notify_master", Command(("/bin/a", "b"))),
        Script(Place("f", 5), "notify", Command(("/bin/c",), "games")),
        Script(Place("f", 12), "quorum_up", Command(("/bin/d",))),
        Script(Place("f", 15), "misc_path", Command(("/bin/e",))),
    ]


def test_every_word_that_runs_a_program_is_known() -> None:
    states = ["master", "backup", "fault", "stop", "deleted", "master_rx_lower_pri"]
    others = {"notify", "notify_up", "notify_down", "quorum_up", "quorum_down", "misc_path"}
    assert set(SCRIPTS) == others | {f"notify_{state}" for state in states}


@pytest.mark.parametrize("word", SCRIPTS)
def test_each_of_these_words_leads_to_its_command(word: str) -> None:
    if word == "misc_path":
        text = service(servers=check("misc_path /bin/x", "MISC_CHECK"))
    elif word.startswith("quorum"):
        text = service(f"{word} /bin/x")
    elif word in ("notify_up", "notify_down"):
        text = service(servers=f"real_server 192.0.2.9 80 {{\n{word} /bin/x\n}}")
    else:
        text = router(f"{word} /bin/x")
    whole, _findings = located(text)
    assert [(script.keyword, script.command) for script in scripts(whole)] == [(word, Command(("/bin/x",)))]


def test_programs_without_script_security_are_named_once() -> None:
    text = router("notify_master /bin/a", "notify /bin/b")
    insecure = (
        "insecure 4: 'notify_master' runs a script, and enable_script_security is not set in global_defs: "
        "lvsd does not check who can change the script"
    )
    assert checked(text)[1] == [insecure]
    assert checked(SECURE + text)[1] == []


@pytest.mark.parametrize("word", ["check.sh", "./check.sh", "true"])
def test_a_script_without_its_full_path_is_an_error_that_a_daemon_goes_on_with(word: str) -> None:
    text = service(f"quorum_up '{word} up'", servers=check(f"misc_path {word}", "MISC_CHECK"))
    found = checked(SECURE + text)[1]
    assert sorted(line.split(": ", 1)[1] for line in found) == [
        f"'{keyword}' {word} is not a full path, and is not run: write the path from / on"
        for keyword in ("misc_path", "quorum_up")
    ]
    assert all(line.startswith("error ") for line in found)


def test_trackers_and_groups_are_looked_at() -> None:
    text = router("track_script {\nnone\n}") + "vrrp_sync_group G {\ngroup {\nVI_1\nVI_9\n}\n}\n"
    found = checked(text)[1]
    assert any("there is no vrrp_script 'none'" in line for line in found)
    assert any("there is no vrrp_instance 'VI_9'" in line for line in found)
