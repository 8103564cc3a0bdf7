# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files beside the configuration are known by their words; none of them is written or read."""

from __future__ import annotations

import pytest
from lvsd.conf.grammar.files import FILES, NO_FILE
from lvsd.conf.grammar.global_defs import GLOBAL_DEFS

from tests.support.language import kept, read

SAID = {
    "tmp_config_directory": "it is in the runtime directory",
    "config_save_dir": "none is kept",
    "include_check": "only includer, includem, includew, includeb and includea are strict",
    "reload_check_config": None,
    "reload_time_file": "no reload is scheduled",
    "reload_repeat": "no reload is scheduled",
    "reload_file": NO_FILE,
    "data_use_instance": NO_FILE,
    "state_dump_file": "use lvsctl show",
    "stats_dump_file": "use lvsctl show",
    "json_dump_file": "use lvsctl show --json",
    "json_version": "use lvsctl show --json",
    "iproute_usr_dir": "it is kept and rendered, and has no effect",
    "iproute_etc_dir": "it is kept and rendered, and has no effect",
    "umask": "the daemon sets its own",
    "random_seed": "${_RANDOM} is not repeatable",
    "startup_script": "it is not run; use ExecStartPre= in the unit",
    "startup_script_timeout": "the script is not run",
    "shutdown_script": "it is not run; use ExecStopPost= in the unit",
    "shutdown_script_timeout": "the script is not run",
    "use_symlink_paths": None,
    "set_supplementary_groups": "they get the group alone",
}


def test_each_word_says_what_happens_instead() -> None:
    assert kept(FILES) == {
        name: effect and f"'{name}' is known but not implemented yet: {effect}" for name, effect in SAID.items()
    }


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("startup_script_timeout x", "error 2: startup_script_timeout 'x' is not a time in seconds"),
        ("random_seed 1.5", "error 2: random_seed '1.5' is not a whole number from -2147483647 to 2147483647"),
        ("state_dump_file", "error 2: 'state_dump_file' needs a value: state_dump_file PATH"),
    ],
)
def test_a_value_that_keepalived_would_refuse_is_reported(line: str, said: str) -> None:
    _value, found = read(GLOBAL_DEFS, line)
    assert found[1:] == [said]


def test_what_may_stand_alone_does() -> None:
    for line in ("reload_file", "reload_file /run/x", "data_use_instance off"):
        _value, found = read(GLOBAL_DEFS, line)
        assert found == [f"2: '{line.split()[0]}' is known but not implemented yet: {NO_FILE}"]
