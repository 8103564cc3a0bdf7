# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which programs are configured, for which account, and since when one is refused."""

from lvsd.model import Command, GlobalDefs
from lvsd.programs.configured import UNNAMED, ConfiguredPrograms
from lvsd.programs.protocol import NotRun
from lvsd.programs.security import Account

TRUE, NOWHERE = Command(("/bin/true",)), Command(("/nowhere",))


def configured(*commands, defs=None):
    programs = ConfiguredPrograms()
    programs.configure(defs or GlobalDefs(), commands)
    return programs


def test_the_words_the_user_and_the_group_are_those_of_the_configuration():
    programs = configured(Command(("/bin/true", "a"), "root", "root"))
    assert isinstance(programs.admit(Command(("/bin/true", "a"), "root", "root")), Account)
    for words, user, group in (
        (("/bin/true", "b"), "root", "root"),
        (("/bin/true",), "root", "root"),
        (("/bin/true", "a"), "nobody", "root"),
        (("/bin/true", "a"), "root", None),
        (("/bin/true", "a"), None, None),
    ):
        assert programs.admit(Command(words, user, group)) == NotRun(UNNAMED)


def test_script_user_decides_where_the_command_has_none():
    account = configured(TRUE, defs=GlobalDefs(script_user="nobody")).admit(TRUE)
    assert isinstance(account, Account)
    assert account.name == "nobody"


def test_a_check_names_script_user_itself():
    programs = configured(TRUE, defs=GlobalDefs(script_user="nobody", script_group="root"))
    assert isinstance(programs.admit(Command(TRUE.words, "nobody", "root")), Account)
    assert programs.admit(Command(TRUE.words, "nobody")) == NotRun(UNNAMED)
    assert programs.admit(Command(TRUE.words, "root")) == NotRun(UNNAMED)
    programs.configure(GlobalDefs(script_user="root"), [TRUE])
    assert programs.names(Command(TRUE.words, "nobody", "root"))  # of the configuration before
    assert programs.names(Command(TRUE.words, "root"))


def test_a_refusal_is_known_once_it_was_said_and_keeps_its_time():
    programs = configured(NOWHERE)
    (refused,) = programs.refused()
    assert programs.admit(NOWHERE) == NotRun("/nowhere: no such file or directory", known=True)
    programs.configure(GlobalDefs(), [NOWHERE])
    assert programs.refused() == [refused]
    programs.configure(GlobalDefs(), [TRUE])
    assert programs.refused() == []
    assert programs.admit(NOWHERE) == NotRun("/nowhere: no such file or directory", known=False)


def test_the_configuration_before_counts_until_the_next():
    programs = configured(TRUE)
    programs.configure(GlobalDefs(), [])
    assert programs.names(TRUE)
    programs.configure(GlobalDefs(), [])
    assert not programs.names(TRUE)
