# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is rendered is read again as the same, whatever it is."""

from dataclasses import replace
from ipaddress import IPv4Address

from conf_models import configurations
from hypothesis import HealthCheck, Phase, given, settings
from lvsd import conf
from lvsd.conf.findings import Severity
from lvsd.model import Command, Configuration, Notify, SyncGroup, VirtualAddress, VirtualRouter

ADDRESS = VirtualAddress(address=IPv4Address("192.0.2.1"), prefix_length=32)

FEW = settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # these objects are too large to shrink in a minute
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@FEW
@given(configurations())
def test_a_rendered_configuration_is_read_as_itself(configuration: Configuration) -> None:
    loaded = conf.parse(conf.render(configuration))
    assert not loaded.errors
    assert loaded.configuration == configuration


@FEW
@given(configurations())
def test_rendering_is_canonical(configuration: Configuration) -> None:
    text = conf.render(configuration)
    assert conf.render(conf.parse(text).configuration) == text


@FEW
@given(configurations())
def test_the_parts_of_the_workers_are_configurations(configuration: Configuration) -> None:
    for name, part in conf.parts(configuration).items():
        loaded = conf.parse(conf.render(part))
        assert loaded.configuration == part
        theirs = (configuration.routers, ()) if name == "vrrp" else ((), configuration.virtual_servers)
        assert (part.routers, part.virtual_servers) == theirs
        assert part.global_defs == configuration.global_defs


@FEW
@given(configurations())
def test_nothing_kept_is_lost_between_the_workers(configuration: Configuration) -> None:
    parts = conf.parts(configuration)
    assert {*parts["vrrp"].kept, *parts["checker"].kept} == {*configuration.kept}


def test_names_that_are_keywords_stay_names() -> None:
    notify = Notify(any=Command(("/bin/true",), "priority", "include"))
    router = VirtualRouter(name="include", vrid=1, interface="state", addresses=(ADDRESS,), notify=notify)
    other = replace(router, name="group", vrid=2, interface="eth1", addresses=(), notify=Notify())
    group = SyncGroup(name="vrrp_instance", members=("include", "group"))
    configuration = Configuration(routers=(router, other), sync_groups=(group,))
    loaded = conf.parse(conf.render(configuration))
    assert not loaded.errors
    assert loaded.configuration == configuration


def test_an_empty_configuration_is_an_empty_text() -> None:
    assert conf.render(Configuration()) == ""
    assert conf.parse("").configuration == Configuration()
    assert not any(finding.severity is Severity.ERROR for finding in conf.parse("").findings)
