# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab itself: machines boot and reach each other and nothing else, every fault does what it says, nothing stays."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from tests.lab import (
    PAIR,
    ClientSpec,
    Lab,
    LabError,
    Link,
    MachineSpec,
    Network,
    Topology,
    eventually,
    leftovers,
    network,
)
from tests.lab.clock import best
from tests.lab.inventory import inventory, molecule_instances
from tests.lab.machine import Machine
from tests.lab.paths import Paths
from tests.lab.sources import KEYRING, image_sources, mirror_source, read_deb822, read_one_line
from tests.lab.topology import interfaces, management_address
from tests.lab.traffic import Request, read_answer, read_requests, summarize
from tests.lab.web import serve

CONNECT = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), float(sys.argv[3])).close()"


# --- pure ------------------------------------------------------------------------------------------------------------


def test_a_topology_survives_the_state_file():
    assert Topology.from_dict(json.loads(json.dumps(PAIR.as_dict()))) == PAIR


def test_every_interface_has_a_mac_tap_and_boot_word_of_its_own():
    found = [i for machine in PAIR.machines for i in interfaces(PAIR, machine.name, "lab")]
    assert len({i.mac for i in found}) == len({i.tap for i in found}) == len({i.boot_word for i in found}) == 12
    assert max(len(i.tap) for i in found) <= 15


def test_labs_of_different_names_have_different_management_networks():
    assert str(management_address(PAIR, "director-01", "lab")) == "198.18.0.11/24"
    assert management_address(PAIR, "director-01", "test").network != management_address(PAIR, "real-02", "lab").network


@pytest.mark.parametrize(
    ("machine", "message"),
    [
        (MachineSpec("a", (Link("nowhere"),)), "does not exist"),
        (MachineSpec("a-name-too-long", ()), "at most 12"),
        (MachineSpec("wire", ()), "names must differ"),
    ],
)
def test_a_topology_that_cannot_be_built_is_refused(machine, message):
    with pytest.raises(ValueError, match=message):
        Topology("bad", (Network("wire"),), (machine,))


def test_only_debian_s_own_sources_are_taken_over():
    text = (
        "deb [arch=amd64] http://mirror.example/debian trixie main contrib\ndeb http://vendor.example/apt stable main\n"
    )
    stanza = "Types: deb\nURIs: https://security.example/debian-security\nSuites: trixie-security\nComponents: main\n"
    vendor = "Types: deb\nURIs: https://vendor.example/debian\nSuites: bookworm\nComponents: main\nSigned-By: /v.gpg\n"
    sources = [*read_deb822(vendor + "\n# note\n" + stanza), *read_one_line(text)]
    assert image_sources(sources).splitlines() == [
        f"deb [signed-by={KEYRING}] http://mirror.example/debian bookworm main",
        f"deb [signed-by={KEYRING}] http://mirror.example/debian bookworm-updates main",
        f"deb [signed-by={KEYRING}] https://security.example/debian-security bookworm-security main",
    ]


def test_a_host_without_debian_sources_uses_debian_s_own_mirror():
    assert "http://deb.debian.org/debian bookworm main" in image_sources([])
    assert mirror_source([], "trixie") == f"deb [signed-by={KEYRING}] http://deb.debian.org/debian trixie main\n"


def test_another_suite_is_asked_of_the_same_mirror():
    security = "deb https://security.example/debian-security bookworm-security main\n"
    text = f"{security}deb http://m.example/debian bookworm main\n"
    found = mirror_source(read_one_line(text), "unstable")
    assert found == f"deb [signed-by={KEYRING}] http://m.example/debian unstable main\n"


def test_the_gap_is_between_the_ends_of_good_answers():
    stream = [
        Request(0.0, 100.0, 10, 200, "real-01"),
        Request(0.1, 100.1, 500, 0, "", "timeout"),
        Request(0.2, 100.2, 810, 200, "real-02"),
        Request(0.9, 100.9, 10, 503, "sorry"),
        Request(1.1, 101.1, 10, 200, "real-01"),
    ]
    summary = summarize(read_requests("".join(json.dumps(vars_of(r)) + "\n" for r in stream) + '{"start": 1'))
    assert (summary.requests, summary.failures) == (5, 2)
    assert (summary.gap, summary.gap_began) == (pytest.approx(1000), pytest.approx(100.01))
    assert summary.shares == {"real-01": 2, "real-02": 1}
    assert summary.errors == {"timeout": 1, "status 503": 1}


def vars_of(request: Request) -> dict[str, object]:
    return {name: getattr(request, name) for name in request.__slots__}


def test_an_answer_names_its_server():
    assert read_answer(b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nreal-01\nmore") == (200, "real-01")
    with pytest.raises(ValueError, match="not an HTTP answer"):
        read_answer(b"SSH-2.0-x\r\n")


def test_the_shortest_round_trip_tells_the_time():
    reading = best([(0.0, 5.5, 1.0), (2.0, 7.01, 2.02), (3.0, 8.9, 3.8)])
    assert (reading.offset, reading.error) == (pytest.approx(5.0), pytest.approx(0.01))


# --- running machines ------------------------------------------------------------------------------------------------


def carrier(machine: Machine, interface: str) -> str:
    return machine.run(f"cat /sys/class/net/{interface}/carrier").stdout.strip()


def pings(machine: Machine, address: str, wait: int = 5) -> bool:
    return machine.run(f"ping -q -c 1 -W {wait} {address}", check=False).returncode == 0


def connects(lab: Lab, address: str, port: int, wait: float = 5) -> bool:
    words = [sys.executable, "-c", CONNECT, address, str(port), str(wait)]
    return lab.client().run(words, check=False).returncode == 0


def test_machines_are_what_the_topology_says(lab: Lab):
    for machine in lab.machines.values():
        assert machine.run("hostname").stdout.strip() == machine.name
        shown = machine.run("ip -brief address").stdout
        assert all(address in shown for i in machine.interfaces for address in i.addresses)
        assert machine.run("ip route show default").stdout == ""
        assert machine.run("systemctl --failed --no-legend").stdout == ""


def test_networks_join_whom_they_should_and_nobody_else(lab: Lab):
    director, real = lab.machine("director-01"), lab.machine("real-01")
    assert pings(director, "192.168.122.142")
    assert pings(director, "10.10.10.11")
    assert pings(director, "10.0.0.11")
    assert connects(lab, "192.168.122.141", 22)
    assert not pings(real, "192.168.122.141", wait=1)


def test_there_is_no_way_out_even_for_a_machine_that_looks_for_one(lab: Lab, where: Paths):
    real = lab.machine("real-02")
    gateway = str(management_address(PAIR, "real-02", where.name).network[1])
    outside = next(a for a in host_addresses() if not a.startswith(("127.", gateway.rpartition(".")[0])))
    real.run(f"ip route add 192.0.2.0/24 via {gateway}; ip route add 203.0.113.0/24 via {gateway}")
    try:
        forwarding = f"/proc/sys/net/ipv4/conf/{where.host_link}/forwarding"
        with open(forwarding) as setting:
            assert setting.read() == "0\n"
        assert not pings(real, "203.0.113.1", wait=1)
        assert not connects(lab, outside, 9, wait=1)
    finally:
        real.run("ip route del 192.0.2.0/24; ip route del 203.0.113.0/24")


def host_addresses() -> list[str]:
    links = json.loads(subprocess.run(["ip", "-j", "-4", "address"], capture_output=True, check=True).stdout)
    return [entry["local"] for link in links for entry in link["addr_info"]] + ["203.0.113.1"]


def test_clocks_agree_within_some_milliseconds(lab: Lab):
    for machine in lab.machines.values():
        reading = machine.synchronize_clock()
        assert abs(reading.offset) < 0.05 + reading.error


def test_an_inventory_reaches_every_machine(lab: Lab):
    hosts = inventory(lab)["all"]["hosts"]
    assert set(hosts) == {entry["instance"] for entry in molecule_instances(lab)} == set(lab.machines)
    host = hosts["real-01"]
    words = ["ssh", *host["ansible_ssh_args"].split(), "-i", host["ansible_ssh_private_key_file"]]
    answer = subprocess.run(
        [*words, f"root@{host['ansible_host']}", "hostname"], capture_output=True, text=True, timeout=30, check=True
    )
    assert answer.stdout == "real-01\n"


def test_another_process_attaches_and_a_second_up_changes_nothing(lab: Lab, where: Paths):
    attached = Lab.attach(where)
    assert attached.topology == PAIR
    before = [machine.pid for machine in lab.machines.values()]
    Lab(PAIR, where=where).up()
    assert [machine.pid for machine in attached.machines.values()] == before


def test_set_link_takes_the_carrier_and_gives_it_back(healed: Lab):
    director = healed.machine("director-01")
    assert carrier(director, "eth0") == "1"
    director.set_link("public", False)
    assert eventually(lambda: carrier(director, "eth0") == "0", within=10)
    director.heal("public")
    assert eventually(lambda: carrier(director, "eth0") == "1", within=10)
    assert eventually(lambda: pings(director, "192.168.122.142"), within=10)


def test_silence_loses_frames_and_keeps_the_carrier(healed: Lab):
    director = healed.machine("director-01")
    director.silence("eth1")
    assert not pings(director, "10.10.10.11", wait=1)
    assert carrier(director, "eth1") == "1"
    director.heal()
    assert pings(director, "10.10.10.11")


@pytest.mark.parametrize("fault", ["drop_sent", "drop_received"])
def test_loss_is_one_way_where_asked(healed: Lab, fault: str):
    one, other = healed.machine("director-01"), healed.machine("director-02")
    assert pings(one, "10.10.10.11")
    before = received(other, "eth1")
    getattr(one, fault)("sync")
    assert not pings(one, "10.10.10.11", wait=1)
    arrived = received(other, "eth1") > before
    assert arrived == (fault == "drop_received")
    one.heal("sync")
    assert pings(one, "10.10.10.11")


def received(machine: Machine, interface: str) -> int:
    """ICMP echo requests that have arrived (the machine's own counter, which ARP does not touch)."""
    row = machine.run("awk '/^IcmpMsg:/ {print}' /proc/net/snmp").stdout.splitlines()
    return int(dict(zip(row[0].split(), row[1].split(), strict=True)).get("InType8", 0))


def test_a_paused_machine_is_silent_until_it_resumes(healed: Lab):
    other, paused = healed.machine("director-01"), healed.machine("director-02")
    paused.pause()
    assert not pings(other, "192.168.122.142", wait=1)
    paused.resume()
    assert eventually(lambda: pings(other, "192.168.122.142"), within=10)


def test_a_stream_shows_who_answered_and_how_long_nobody_did(healed: Lab):
    director, real = healed.machine("director-01"), healed.machine("real-01")
    serve([director])
    stream = healed.client().stream("http://192.168.122.141/", rate=20, duration=60, timeout=0.5)
    assert eventually(lambda: sum(r.good for r in stream.requests()) > 10, within=30)
    director.silence("public")
    time.sleep(1)  # the length of the outage that is measured below
    director.heal("public")
    healthy = len(stream.requests())
    assert eventually(lambda: sum(r.good for r in stream.requests()[healthy:]) > 10, within=30)
    summary = summarize(stream.stop())
    assert set(summary.shares) == {"director-01"}
    assert summary.failures > 0
    assert 900 < summary.gap < 5000
    assert not stream.running
    assert real.run("systemctl is-active nginx", check=False).stdout.strip() == "inactive"


def test_power_off_is_sudden_and_power_on_finds_the_same_disk(healed: Lab):
    machine = healed.machine("real-02")
    machine.run("echo kept > /root/note; sync /root/note")
    before = machine.boot_id()
    machine.power_off()
    assert machine.pid is None
    machine.power_on()
    assert machine.run("cat /root/note").stdout == "kept\n"
    assert machine.boot_id() != before


def test_reboot_and_shut_down_are_the_machine_s_own(healed: Lab):
    machine = healed.machine("real-01")
    before = machine.boot_id()
    machine.reboot()
    assert machine.boot_id() != before
    machine.shut_down()
    assert machine.pid is None


def test_what_is_not_there_is_named(lab: Lab):
    with pytest.raises(LabError, match="no machine 'director-03'; there are: director-01"):
        lab.machine("director-03")
    with pytest.raises(LabError, match="no interface 'eth7': eth0, eth1, eth2, eth3"):
        lab.machine("director-01").set_link("eth7", True)


# --- what is left ----------------------------------------------------------------------------------------------------

SMALL = Topology("small", (Network("wire"),), (), (ClientSpec("client", (Link("wire", ("192.0.2.1/24",)),)),))


def test_down_leaves_nothing_and_leftovers_sees_what_there_is(where: Paths):
    own = Paths(where.cache, "left")
    lab = Lab(SMALL, where=own, quiet=True).up()
    try:
        stream = lab.client().stream("http://192.0.2.2/", rate=2, duration=60)
        assert stream.running
        assert eventually(lambda: network.members(own) != [], within=10)
        seen = "\n".join(leftovers(own))
        assert all(text in seen for text in ("namespace lvs-left-client", "network interface", "route", "process"))
    finally:
        lab.down()
    assert leftovers(own) == []
    lab.down()


def test_the_next_start_removes_what_a_crash_left(where: Paths):
    own = Paths(where.cache, "crash")
    lab = Lab(SMALL, where=own, quiet=True).up()
    try:
        stray = subprocess.Popen(lab.client().command(["sleep", "600"]))
        assert eventually(lambda: stray.pid in network.members(own), within=10)
        own.state.unlink()
        Lab(SMALL, where=own, quiet=True).up()
        assert stray.wait(timeout=10) != 0
    finally:
        lab.down()
    assert leftovers(own) == []


def test_a_lab_of_another_checkout_is_not_touched(where: Paths, lab: Lab, tmp_path):
    with pytest.raises(LabError, match="is up from another place"):
        Lab(PAIR, where=Paths(tmp_path, where.name), quiet=True).up()
    assert all(machine.pid for machine in lab.machines.values())
