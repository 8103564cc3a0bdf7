# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A configuration as a whole: what holds where nothing is said, and the names that other packages take."""

from __future__ import annotations

import ast
import pickle
from dataclasses import fields, is_dataclass
from ipaddress import ip_address
from pathlib import Path

import pytest
from lvsd import model
from lvsd.model.configuration import Configuration, GlobalDefs, SslContext
from lvsd.model.ipvs import VirtualServer
from lvsd.model.vrrp import Announcements, SyncGroup, VirtualRouter


def test_an_empty_configuration_asks_for_nothing() -> None:
    empty = Configuration()
    held = {field.name: getattr(empty, field.name) for field in fields(Configuration)}
    assert held == {
        "global_defs": GlobalDefs(),
        "routers": (),
        "sync_groups": (),
        "ssl": None,
        "virtual_servers": (),
        "kept": (),
    }


def test_what_is_not_said_for_all_is_off_or_open() -> None:
    defs = GlobalDefs()
    held = {field.name: getattr(defs, field.name) for field in fields(GlobalDefs)}
    assert held.pop("announcements") == Announcements()
    assert {value for value in held.values() if value} == set()
    assert held["lvs_flush_on_stop"] is None  # "" is the word without a value: the whole table


def test_the_password_of_a_key_is_not_shown() -> None:
    context = SslContext(password="s3cret", key="/etc/key.pem")
    assert "s3cret" not in repr(Configuration(ssl=context))
    assert "/etc/key.pem" in repr(context)
    assert context != SslContext(key="/etc/key.pem")


def test_it_is_a_value() -> None:
    configuration = Configuration(
        global_defs=GlobalDefs(router_id="a"),
        routers=(VirtualRouter(name="V", vrid=1),),
        sync_groups=(SyncGroup(name="G", members=("V",)),),
        ssl=SslContext(ca="/x"),
        virtual_servers=(VirtualServer(address=ip_address("192.0.2.1"), port=80),),
    )
    again = pickle.loads(pickle.dumps(configuration))
    assert (again, hash(again)) == (configuration, hash(configuration))


def test_the_package_has_every_name_of_its_files() -> None:
    folder = Path(model.__file__).parent
    defined = {
        node.name if isinstance(node, ast.ClassDef) else node.targets[0].id  # type: ignore[attr-defined]
        for path in folder.glob("[a-z]*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef | ast.Assign)
    }
    assert set(model.__all__) == defined
    assert model.__all__ == sorted(model.__all__)
    assert all(hasattr(model, name) for name in model.__all__)


BY_PLACE = {"Authentication", "Command", "Statement", "TrackedInterface", "UnicastPeer"}
RECORDS = [name for name in model.__all__ if is_dataclass(getattr(model, name))]


@pytest.mark.parametrize("name", RECORDS)
def test_only_what_has_few_fields_is_made_without_their_names(name: str) -> None:
    by_name = {field.kw_only for field in fields(getattr(model, name))}
    assert by_name == {name not in BY_PLACE}
