# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who runs a program, and with which environment."""

import os
import pwd

import pytest
from lvsd.model import Command
from lvsd.programs import identity
from lvsd.programs.identity import UnknownAccount, account_of, environment
from lvsd.programs.security import Account

PLAIN = Command(("/x",))
NOBODY = pwd.getpwnam("nobody")


def test_the_environment_has_the_users_names_and_nothing_that_changes_how_programs_start():
    ours = {"PATH": "/bin", "LD_PRELOAD": "x", "IFS": "/", "PYTHONPATH": "x", "NOTIFY_SOCKET": "x", "HOME": "/root"}
    theirs = environment(ours, Account("web", 33, 33, (), "/srv/web", "/bin/sh"))
    assert theirs == {"PATH": "/bin", "HOME": "/srv/web", "USER": "web", "LOGNAME": "web", "SHELL": "/bin/sh"}


def test_the_commands_own_user_comes_first():
    account = account_of(Command(("/x",), user="nobody"), "root", None)
    assert (account.name, account.uid, account.gid) == ("nobody", NOBODY.pw_uid, NOBODY.pw_gid)
    assert account.groups == (NOBODY.pw_gid,)


def test_script_user_is_next_with_its_group():
    assert account_of(PLAIN, "nobody", None).uid == NOBODY.pw_uid
    assert account_of(PLAIN, "nobody", "root").gid == 0


def test_then_comes_keepalived_script_where_it_exists(monkeypatch):
    monkeypatch.setattr(identity, "DEFAULT_USER", "nobody")
    assert account_of(PLAIN, None, None).name == "nobody"


def test_and_then_the_user_of_the_daemon(monkeypatch):
    monkeypatch.setattr(identity, "DEFAULT_USER", "no-such-user")
    assert account_of(PLAIN, None, None).uid == os.geteuid()
    assert account_of(PLAIN, None, None, daemon=NOBODY.pw_uid).name == "nobody"


@pytest.mark.parametrize(("user", "group", "text"), [
    ("no-such-user", None, "there is no user 'no-such-user'"),
    ("root", "no-such-group", "there is no group 'no-such-group'"),
    ("0", None, "there is no user '0'"),  # keepalived knows no numbers either
])  # fmt: skip
def test_an_unknown_account_is_named(user, group, text):
    with pytest.raises(UnknownAccount, match=text):
        account_of(Command(("/x",), user, group), None, None)
