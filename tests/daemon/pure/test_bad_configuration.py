# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The slips that operators make: each gives exactly one line that names the place and the value, and exit code 5."""

from pathlib import Path

import pytest
from lvsd.__main__ import main

INSTANCE = """vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    priority 100
    virtual_ipaddress {
        192.0.2.1/24
    }
}
"""
SERVICE = """virtual_server 192.0.2.1 80 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    real_server 10.0.0.11 80 {
        weight 1
    }
}
"""
GOOD = INSTANCE + SERVICE
SECOND = INSTANCE.replace("VI_1", "VI_2").replace("192.0.2.1", "192.0.2.2")

SLIPS = {
    "an unknown keyword": (
        GOOD.replace("priority 100", "prioritty 100"),
        "4: vrrp_instance VI_1: unknown keyword 'prioritty'; did you mean 'priority'?",
    ),
    "a missing brace at the end": (
        INSTANCE.removesuffix("}\n"),
        "1: the '{' of 'vrrp_instance VI_1' is never closed: a '}' is missing",
    ),
    "a missing brace inside": (
        GOOD.replace("24\n    }\n", "24\n"),
        "8: vrrp_instance VI_1: 'virtual_server 192.0.2.1 80' cannot stand inside another block: is a '}' missing"
        " before it? 'vrrp_instance VI_1' was opened in line 1",
    ),
    "a brace too many": (
        GOOD + "}\n",
        "17: '}' closes nothing: 'virtual_server 192.0.2.1 80' of line 9 is closed already",
    ),
    "VRID 0": (GOOD.replace("51", "0"), "3: vrrp_instance VI_1: virtual_router_id '0' is outside 1 to 255"),
    "VRID 256": (GOOD.replace("51", "256"), "3: vrrp_instance VI_1: virtual_router_id '256' is outside 1 to 255"),
    "no VRID": (
        GOOD.replace("    virtual_router_id 51\n", ""),
        "1: vrrp_instance VI_1: 'virtual_router_id N' is missing",
    ),
    "one VRID twice on an interface": (
        GOOD + SECOND,
        "19: vrrp_instance VI_2: virtual_router_id 51 on eth0 is taken by VI_1",
    ),
    "a virtual address that is none": (
        GOOD.replace("192.0.2.1/24", "192.0.2.300/24"),
        "6: vrrp_instance VI_1: virtual_ipaddress: '192.0.2.300/24': '192.0.2.300' is not an IP address",
    ),
    "a service's address that is none": (
        GOOD.replace("virtual_server 192.0.2.1", "virtual_server 192.0.2.999"),
        "9: virtual_server 192.0.2.999 80: '192.0.2.999' is not an IP address",
    ),
    "a real server's address that is none": (
        GOOD.replace("10.0.0.11", "10.0.0"),
        "13: virtual_server 192.0.2.1 80: real_server 10.0.0 80: '10.0.0' is not an IP address",
    ),
    "a port that is none": (
        GOOD.replace("10.0.0.11 80", "10.0.0.11 80800"),
        "13: virtual_server 192.0.2.1 80: real_server 10.0.0.11 80800: '80800' is outside 0 to 65535",
    ),
    "a value of the wrong type": (
        GOOD.replace("weight 1", "weight much"),
        "14: virtual_server 192.0.2.1 80: real_server 10.0.0.11 80: weight 'much' is not a whole number"
        " from 0 to 65535",
    ),
}


def test_without_a_slip_nothing_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "lvsd.conf"
    file.write_text(GOOD)
    assert main(["-t", "-f", str(file)]) == 0
    assert capsys.readouterr() == ("", "")


GOES_ON = {
    "an unknown keyword",
    "a virtual address that is none",
    "a service's address that is none",
    "a real server's address that is none",
    "a port that is none",
}


@pytest.mark.parametrize(("slip", "text", "line"), [(slip, *rest) for slip, rest in SLIPS.items()], ids=SLIPS.keys())
def test_a_slip_is_one_line(
    slip: str, text: str, line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "lvsd.conf"
    file.write_text(text)
    assert main(["-t", "-f", str(file)]) == 5
    number, message = line.split(": ", 1)
    starts = "start without what is wrong" if GOES_ON & {slip} else "not start"
    said = f"{file}:{number}: error: {message}\n1 error, 0 warnings: the daemon would {starts}\n"
    assert capsys.readouterr() == ("", said)
