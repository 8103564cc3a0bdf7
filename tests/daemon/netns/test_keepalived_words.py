# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words as we render them are the same words to keepalived: each kind, by keepalived's own dump."""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import ip_address
from itertools import chain

import pytest
from lvsd import conf
from lvsd.model import Command, Configuration, GlobalDefs, MiscCheck, Notify, Statement, VirtualAddress, VirtualRouter
from network import Host, Network, end, eventually
from test_keepalived_accepts import director, keepalived

COMMANDS = [
    ("/bin/sh", "-c", 'echo "a b" $HOME'),
    ("/bin/sh", "-c", "echo 'a b' \"c\" # ! { }"),
    ("/bin/true", "$HOME", "${HOME}", "${_PWD}", "$", "a$b"),
    ("/bin/true", "a\\b", "a\\", "\\", "\\x41", "\\042", "c\\d e"),
    ("/bin/true", '"', "'", "it's", '"q"', "a'b\"c", '"b2', "'7"),
    ("/bin/true", "", "x", ""),
    ("/bin/true", "#", "!", "a#b", "a!b", "{", "}", "{x}", "a{2}"),
    ("/bin/true", "*", "~", "a|b", "<x>", "(y)", "&", ";", "`z`", "a,b=c", "@id", "include"),
    ("/bin/true", "é", "\u2003", "日本", "\xa0x"),
    ("/bin/true", "a\tb", "two  spaces", " x "),
]
WRITTEN = [  # as people write them
    r'"/bin/true \"a b\" \$HOME"',
    r"""'/bin/true "a b" $HOME'""",
    r"""'/bin/true a"b c"d'""",
    r'"/bin/true a\\b \\ c"',
    r'"/bin/true \x22z b\x22"',
    r'"/bin/true \x24HOME \44 \0447"',
    r'"/bin/true a\\x41 \\101 \\cB"',
    r'"/bin/true "$""HOME',
    r""""/bin/true 'it'\\''s' 'c\\d' 'e f'\"g\"" """,
    r'"/bin/true \303\251 \xc3\xa9 \n|\t|"',
]
TEXTS = ["a b", "a\\b", "a\\tb c", "$HOME x", "a$b", "it's", "#1", "a!b", "{x}", "é", "a{2} \\d+", "~x", "\xa0"]
CHECK = (
    "global_defs {\nenable_script_security\n}\nvirtual_server 192.0.2.1 80 {\nlb_algo rr\nlb_kind NAT\nprotocol TCP\n"
    "real_server 10.0.0.1 80 {\nMISC_CHECK {\nmisc_path /bin/true\nuser not-a-user\n}\n}\n}\n"
)
SCRIPT = r"""vrrp_script c {
    script "/bin/sh -c 'test -e \"/a b\" -o $HOME'"
    interval 2
    weight -7
}"""
MASTER = r"Master state transition script = (.*?), uid:gid"


def instance(number: int) -> VirtualRouter:
    address = VirtualAddress(address=ip_address(f"10.1.0.{number}"), prefix_length=32)
    return VirtualRouter(name=f"VI_{number}", vrid=number, interface="eth0", priority=9, addresses=(address,))


def scripts(commands: list[tuple[str, ...]]) -> Configuration:
    defs = GlobalDefs(script_user="root", enable_script_security=True)
    routers = (replace(instance(n), notify=Notify(active=Command(words))) for n, words in enumerate(commands, 1))
    return Configuration(global_defs=defs, routers=tuple(routers))


def dumped(host: Host, text: str, pattern: str, count: int) -> list[str]:
    """What a keepalived that runs `text` says of these rows of its dump (-d)."""
    file, log = host.folder / "words.conf", host.folder / "words.log"
    file.write_text(text)
    log.unlink(missing_ok=True)
    pids = ["-p", str(host.folder / "words.pid"), "-r", str(host.folder / "words-vrrp.pid")]
    process = host.start("keepalived", "-n", "-l", "-d", "-P", "-f", str(file), *pids, log=log)

    def found() -> list[str]:
        said = re.sub(r"(?m)^\w+ \w+ +\d+ [\d:]+ \d+: ", "", log.read_text() if log.exists() else "")
        return re.findall(pattern, said, re.DOTALL)

    eventually(lambda: len(found()) >= count, 10)
    end(process)
    return found()


def shown(words: tuple[str, ...]) -> str:
    """A command as keepalived's dump shows it, with the file that its first word leads to."""
    first = {"/bin/true": "/usr/bin/true", "/bin/sh": "/usr/bin/sh"}[words[0]]
    return " ".join(f"'{word}'" for word in (first, *words[1:]))


def test_commands(network: Network) -> None:
    configuration = scripts(COMMANDS)
    text = conf.render(configuration)
    assert conf.parse(text).configuration == configuration
    host = director(network)
    assert keepalived(host, text) == (0, "")
    assert dumped(host, text, MASTER, len(COMMANDS)) == [shown(words) for words in COMMANDS]


def test_commands_as_people_write_them(network: Network) -> None:
    """keepalived and we read them alike, and what we render of them, too."""
    parts = conf.render(scripts([("/bin/true",)] * len(WRITTEN))).split("notify_master /bin/true")
    rows = [f"notify_master {word}" for word in WRITTEN]
    written = "".join(chain.from_iterable(zip(parts, [*rows, ""], strict=True)))
    loaded = conf.parse(written)
    assert not loaded.errors
    host = director(network)
    ours = [shown(router.notify.active.words) for router in loaded.configuration.routers if router.notify.active]
    assert dumped(host, written, MASTER, len(WRITTEN)) == ours
    assert dumped(host, conf.render(loaded.configuration), MASTER, len(WRITTEN)) == ours


@pytest.mark.parametrize("words", COMMANDS[:6], ids=range(6))
def test_the_command_of_a_check(network: Network, words: tuple[str, ...]) -> None:
    """keepalived names the words of one whose user does not exist; a regular expression is read by the same rules."""
    configuration = conf.parse(CHECK).configuration
    (service,) = configuration.virtual_servers
    (server,) = service.real_servers
    check = MiscCheck(command=Command(words, "not-a-user"))
    service = replace(service, real_servers=(replace(server, checks=(check,)),))
    _code, said = keepalived(director(network), conf.render(replace(configuration, virtual_servers=(service,))))
    named = " ".join(f"'{word}'" for word in words)
    assert f"Failed to set uid/gid for misc checker script {named} - removing" in said


def test_words_without_escapes(network: Network) -> None:
    """Names of instances and of the director; passwords have a test of their own."""
    host = director(network)
    routers = [replace(instance(n), name=text) for n, text in enumerate(TEXTS, 1)]
    text = conf.render(Configuration(global_defs=GlobalDefs(router_id="a\\b $HOME #"), routers=tuple(routers)))
    loaded = conf.parse(text)
    assert [router.name for router in loaded.configuration.routers] == TEXTS
    assert loaded.configuration.global_defs.router_id == "a\\b $HOME #"
    assert dumped(host, text, r"VRRP Instance = (.*?)\n", len(TEXTS)) == TEXTS
    assert dumped(host, text, r"Router ID = (.*?)\n", 1)[:1] == ["a\\b $HOME #"]


def test_words_that_are_only_kept_stay_as_they_were_written(network: Network) -> None:
    """And come before the instance that uses them."""
    written = conf.render(Configuration(global_defs=GlobalDefs(script_user="root", enable_script_security=True)))
    router = replace(instance(1), kept=(Statement(("track_script",), (Statement(("c",), None),)),))
    written += conf.render(Configuration(routers=(router,))) + SCRIPT
    text = conf.render(conf.parse(written).configuration)
    assert text.index("vrrp_script") < text.index("vrrp_instance")
    host = director(network)
    assert keepalived(host, text) == (0, "")
    command = "'/usr/bin/sh' '-c' 'test -e \"/a b\" -o $HOME'"
    assert dumped(host, text, r"VRRP Script = c\n +Command = (.*?)\n", 1) == [command]
