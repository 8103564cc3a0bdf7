# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each worker keeps, keyword by keyword."""

import pytest
from lvsd import conf
from lvsd.capabilities import mask
from lvsd.worker.registry import WORKERS
from lvsd.worker.rights import held, needed, reads_as_root

SERVICE = """
virtual_server 192.0.2.1 80 {{
    protocol TCP
    real_server 192.0.2.11 80 {{
        weight 1
    }}
    real_server 192.0.2.12 80 {{
        TCP_CHECK {{
            {}
        }}
    }}
}}
"""
VRRP, CHECKER = {"NET_ADMIN", "NET_RAW"}, {"NET_ADMIN"}


@pytest.mark.parametrize(
    ("worker", "text", "expected"),
    [
        ("vrrp", "", VRRP),
        ("vrrp", "global_defs {\n vrrp_rt_priority 40\n}\n", VRRP | {"SYS_NICE"}),
        ("vrrp", "global_defs {\n vrrp_no_swap\n}\n", VRRP | {"IPC_LOCK"}),
        ("vrrp", "global_defs {\n vrrp_no_swap\n vrrp_rt_priority 1\n}\n", VRRP | {"IPC_LOCK", "SYS_NICE"}),
        ("vrrp", SERVICE.format("bind_port 53"), VRRP),
        ("checker", "", CHECKER),
        ("checker", SERVICE.format("connect_timeout 3"), CHECKER),
        ("checker", SERVICE.format("bind_port 1023"), CHECKER | {"NET_BIND_SERVICE"}),
        ("checker", SERVICE.format("bind_port 1024"), CHECKER),
        ("checker", SERVICE.format("connect_port 53"), CHECKER),
        ("checker", "global_defs {\n checker_rt_priority 3\n checker_no_swap\n}\n", CHECKER),  # without an effect
    ],
)
def test_a_worker_keeps_what_it_needs_always_and_what_a_keyword_asks_for(
    worker: str, text: str, expected: set[str]
) -> None:
    loaded = conf.parse(text, "a.conf")
    assert not loaded.refused
    part = conf.parts(loaded.configuration)[worker]
    assert needed(WORKERS[worker], part) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", False), ("SSL {\n password x\n}\n", False), ("SSL {\n ca /a\n}\n", True), ("SSL {\n key /a\n}\n", True)],
)
def test_the_files_of_a_client_certificate_are_read_as_root(text: str, expected: bool) -> None:
    assert reads_as_root(conf.parse(text, "a.conf").configuration) is expected


def test_the_kernels_bits() -> None:
    assert mask(["NET_ADMIN", "NET_RAW"]) == 0x3000
    assert held("Name:\tx\nCapInh:\t0\nCapPrm:\t0000000000003000\nCapEff:\t1\n") == 0x3000
    with pytest.raises(ValueError, match="CapPrm"):
        held("Name:\tx\n")
