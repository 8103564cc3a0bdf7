# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What operators, and generators of configurations, may write: every text gives a model and findings, nothing else."""

from __future__ import annotations

import io
import os
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from random import Random

import pytest
from lvsd import __main__ as lvsd
from lvsd import conf
from lvsd.conf import preprocess, source

from tests.daemon.fuzz.box import fuzz, grown
from tests.daemon.fuzz.noise import either

FIXTURES = Path(__file__).parents[2] / "fixtures" / "conf"
SAMPLES = [path.read_bytes() for path in sorted(FIXTURES.glob("*.conf"))]
SHORT = 1500  # bytes of a sample: many small inputs find more than few large ones
WORDS = [word for sample in SAMPLES for word in sample.split()]
TRICKS = [
    b"include part.conf", b"include *.conf", b"include top.conf", b"includer {part,none}.conf", b"include /dev/zero",
    b"include pipe", b"include .", b"include", b"@me ", b"@^me ", b"@", b"$X=1", b"$X=$X$X", b"${X}", b"$X= \\",
    b"${_ENV HOME}", b"${_RANDOM 1 2}", b"~SEQ(n,1,3) ", b"~SEQ(n,1,99999,0) ", b"~SEQ(a,9,1) ", b"~LST(a,b,1,2) ",
    b"~LST({a,b},{1,2}) ", b"{", b"}", b"{}", b'"', b"'", b'"\\', b"\\x", b"\0", b"\xff\xfe", b"\x1b[2J", b"!", b"#",
    b"-1", b"256", b"1e999", b"9" * 400, b"0x", b"/33", b"1.2.3.4-9", b"1.2.3.4-1.2.3.3", b"::/200", b"fe80::1%eth0",
    b"2001:db8::1-ffff", b"on", b"no", b"priority", b"weight",
]  # fmt: skip
EXIT_CODES = {0, 4, 5, 6}
BOMB = 4.0  # seconds of processor time for the worst input
HEAVY = 256 << 20  # bytes that it may need


def piece(draw: Random) -> bytes:
    sample = draw.choice(SAMPLES)
    at = sample.rfind(b"\n", 0, draw.randint(0, len(sample))) + 1
    return sample[at : at + draw.randint(0, SHORT)]


def written(draw: Random) -> bytes:
    """A piece of a configuration in which words stand where they should not, or bytes."""
    rows = piece(draw).split(b"\n")
    for _ in range(draw.randint(1, 6)):
        row = draw.randrange(len(rows))
        words = rows[row].split(b" ")
        words.insert(draw.randint(0, len(words)), draw.choice(TRICKS) if draw.random() < 0.6 else draw.choice(WORDS))
        rows[row] = b" ".join(words)
        if draw.random() < 0.2:
            rows[row:row] = [draw.choice(TRICKS)]
    text = b"\n".join(rows)
    return either(draw, [text], 1024) if draw.random() < 0.4 else text


def test_texts() -> None:
    """And what a daemon would run is written, for its workers, in a form that means the same."""

    def read(data: bytes) -> None:
        loaded = conf.parse(source.decoded(data))
        text = conf.render(loaded.configuration)
        again = conf.parse(text)
        assert loaded.refused or again.configuration == loaded.configuration, text

    fuzz("configuration text", written, read)


def test_files_as_lvsd_t_reads_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Includes of files, of themselves, of everything, of what is no file; exit codes and lines as promised."""
    monkeypatch.chdir(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder.conf").mkdir()
    (tmp_path / "lost.conf").symlink_to("nowhere")

    def make(draw: Random) -> tuple[bytes, bytes]:
        return draw.choice((b"include part.conf\n", b"include *.conf\n", b"")) + written(draw), written(draw)

    def check(given: tuple[bytes, bytes]) -> None:
        (tmp_path / "top.conf").write_bytes(given[0])
        (tmp_path / "part.conf").write_bytes(given[1])
        code, said = lvsd_t(tmp_path / "top.conf")
        assert code in EXIT_CODES, code
        assert all(len(line.split(":", 3)) == 4 and line.isprintable() for line in said.splitlines()[:-1]), said
        assert not said or said.endswith((": the daemon would start\n", "is wrong\n", "would not start\n")), said
        assert (code != 0) <= bool(said), code

    fuzz("lvsd -t", make, check)


def lvsd_t(path: Path) -> tuple[int, str]:
    said = io.StringIO()
    with redirect_stderr(said), redirect_stdout(io.StringIO()):
        code = lvsd.main(["-t", "-f", str(path), "-i", "me"])
    return code, said.getvalue()


BOMBS = {
    "one line of a megabyte": b"vrrp_instance " + b"x" * (1 << 20),
    "a megabyte of words": b"vrrp_instance " + b"x " * (1 << 19),
    "a megabyte of quotes": b'"' * (1 << 20),
    "a megabyte of backslashes": b"\\" * (1 << 20),
    "a megabyte of NUL": b"\0" * (1 << 20),
    "a hundred thousand opening braces": b"a {\n" * 100_000,
    "a hundred thousand closing braces": b"}\n" * 100_000,
    "braces without end on one line": b"a {" * 300_000,
    "alternatives without end": b"include " + b"{a,b}" * 40,
    "nested alternatives": b"include " + b"{" * 2000 + b"a" + b"}" * 2000,
    "sequences of sequences": b"~SEQ(a,1,9999) ~SEQ(b,1,9999) ~SEQ(c,1,9999) x$a$b$c",
    "a parameter that is itself": b"$A=$A $A\n$A\n",
    "parameters that double": b"$A=xx\n" + b"$A=$A$A\n" * 60 + b"vrrp_instance $A {\n}\n",
    "parameters that double when used": b"".join(b"$P%d=$P%d$P%d\n" % (n, n - 1, n - 1) for n in range(60)) + b"$P59",
    "a definition without end": b"$A= \\\n" + b"line \\\n" * 50_000,
    "an address range of everything": b"virtual_server_group g {\n0.0.0.0-255.255.255.255 80\n::-ffff 80\n}\n",
    "ten thousand unknown words": b"\n".join(b"word%d" % n for n in range(10_000)),
    "includes without end": b"~SEQ(a,1,9999) ~SEQ(b,1,9999) include none$a.conf",
    "files without end": b"~SEQ(a,1,9999) ~SEQ(b,1,9999) include empty.conf",
    "odd spaces without end": "\u2003".encode() * 400_000 + b"x",
    "odd spaces in words": "a\u2003b ".encode() * 100_000,
    "braces in words": b"x" + b" a{2}" * 200_000,
    "quotes in a command": b'vrrp_instance V {\nnotify "' + b"'a' " * 200_000 + b'"\n}\n',
    "a file that includes itself": b"include top.conf\n" * 1000,
    "a number of a hundred thousand digits": b"vrrp_instance a {\nvirtual_router_id " + b"9" * 100_000 + b"\n}\n",
    "nested alternatives on a long line": b"include " + b"{" * 400_000 + b"a" + b"}" * 400_000,
}  # fmt: skip


@pytest.mark.parametrize("bomb", BOMBS, ids=lambda name: name.replace(" ", "-"))
def test_bombs(bomb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made to cost time or memory: bounded in both."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(preprocess, "LINES", 100_000)  # a fifth of what is read, in a fifth of the time
    (tmp_path / "top.conf").write_bytes(BOMBS[bomb])
    (tmp_path / "empty.conf").write_bytes(b"")
    before, began = grown(), os.times()
    code, said = lvsd_t(tmp_path / "top.conf")
    assert code in EXIT_CODES
    assert len(said) < 4 << 20, "a log must not be filled"
    took = os.times().user - began.user
    assert took < BOMB, f"{took:.1f} s"
    assert grown() - before < HEAVY, f"{(grown() - before) >> 20} MiB"
