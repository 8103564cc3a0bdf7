# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules write, keepalived reads: commands, texts, passwords and names, by its own dump.

The words of checks are compared in tests/daemon/kernel, because keepalived looks at them only where there is IPVS.
"""

from __future__ import annotations

from typing import Any

import pytest
from modules import run_module
from network import Host, Network
from test_keepalived_accepts import director
from test_keepalived_words import dumped

pytestmark = pytest.mark.beside

COMMANDS = [  # as an option, and the words that keepalived is to run
    ("/bin/true", []),
    ("/bin/sh -c 'echo \"a b\" $HOME'", ["-c", 'echo "a b" $HOME']),
    ("/bin/sh -c 'x ${_PWD} $' # ! { } @id", ["-c", "x ${_PWD} $", "#", "!", "{", "}", "@id"]),
    ('/bin/sh "it\'s" \'say "it"\'', ["it's", 'say "it"']),
    ("/bin/sh -c '~SEQ(v, 1, 3) é 日本'", ["-c", "~SEQ(v, 1, 3) é 日本"]),
    ('/bin/sh "2f" "" "b2"', ["2f", "", "b2"]),
]
TEXTS = ["director one", "a\\b c", "it's #1!", "{x} }", "é \xa0", "a$ b", "@id", "~x y"]
PASSWORDS = ["secret12", "a b", "a\\b", "it's", "a#b!c", "x } y {", "pä ß", "a$"]


def written(host: Host, *modules: tuple[str, dict[str, Any]]) -> str:
    """The configuration after these modules have run, in one text."""
    folder = host.folder / "etc"
    for name, options in modules:
        done = run_module(host.folder, name, config_dir=str(folder), runtime_dir="/nowhere", **options)
        assert done.get("changed") is True, done
    return "".join(path.read_text() for path in sorted(folder.rglob("*.conf"))).replace("include conf.d/*.conf\n", "")


def instance(number: int, **more: Any) -> tuple[str, dict[str, Any]]:
    address = [{"address": f"10.1.0.{number}"}]
    where = {"name": f"VI_{number}", "interface": "eth0", "virtual_router_id": number, "virtual_ipaddress": address}
    return "vrrp_instance", {**where, **more}


def test_commands_are_run_as_they_were_given(network: Network) -> None:
    host = director(network)
    many = [instance(number, notify_master=text) for number, (text, _words) in enumerate(COMMANDS, 1)]
    text = written(host, ("director_globals", {"script_user": ["root"]}), *many)
    found = dumped(host, text, r"Master state transition script = (.*?), uid:gid", len(COMMANDS))
    wanted = [[text.split()[0].replace("/bin", "/usr/bin"), *words] for text, words in COMMANDS]
    assert found == [" ".join(f"'{word}'" for word in words) for words in wanted]


def test_texts_are_what_was_given(network: Network) -> None:
    host = director(network)
    for text in TEXTS:
        whole = written(host, ("director_globals", {"router_id": text}), *([instance(1)] if text == TEXTS[0] else []))
        assert dumped(host, whole, r"Router ID = (.*?)\n", 1)[0] == text


def test_passwords_are_what_was_given(network: Network) -> None:
    host = director(network)
    many = [instance(n, version=2, authentication={"auth_pass": one}) for n, one in enumerate(PASSWORDS, 1)]
    text = written(host, ("director_globals", {"router_id": "a"}), *many)
    found = dumped(host, text, r"Password = (.*?)\n", len(PASSWORDS))
    assert found == [one.encode()[:8].decode() for one in PASSWORDS]
