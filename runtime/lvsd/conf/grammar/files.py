# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that the daemon could write and read beside its configuration. All of it is only kept."""

from __future__ import annotations

from .entry import Kept, kept

NO_FILE = "the file is not written"

FILES: tuple[Kept, ...] = (
    kept("tmp_config_directory", "Directory of the captured configuration.", "it is in the runtime directory", "PATH"),
    kept("config_save_dir", "Keeps configurations around each reload.", "none is kept", "PATH"),
    kept(
        "include_check",
        "How strict `include` is.",
        "only includer, includem, includew, includeb and includea are strict",
        "[+|-]readable|match|wildcard_match|brace_match ...",
    ),
    kept("reload_check_config", "Tests a configuration before a reload.", None, "[LOG]"),
    kept("reload_time_file", "Reloads at the time in a file.", "no reload is scheduled", "PATH"),
    kept("reload_repeat", "Keeps that file.", "no reload is scheduled"),
    kept("reload_file", "File that exists while a reload reads.", NO_FILE, "[PATH]"),
    kept("data_use_instance", "Instance name in the names of dumps.", NO_FILE, "[on|off]"),
    kept("state_dump_file", "Where the state is dumped.", "use lvsctl show", "PATH"),
    kept("stats_dump_file", "Where the counters are dumped.", "use lvsctl show", "PATH"),
    kept("json_dump_file", "Where the state is dumped as JSON.", "use lvsctl show --json", "PATH"),
    kept("json_version", "Layout of that JSON.", "use lvsctl show --json", "1|2"),
    kept("iproute_usr_dir", "Where names of routing tables are found.", syntax="PATH"),
    kept("iproute_etc_dir", "Where names of routing tables are found.", syntax="PATH"),
    kept("umask", "Mask of created files.", "the daemon sets its own", "NUMBER|BITS"),
    kept("random_seed", "Seed of ${_RANDOM}.", "${_RANDOM} is not repeatable", "N"),
    kept(
        "startup_script",
        "Runs before the workers.",
        "it is not run; use ExecStartPre= in the unit",
        '"COMMAND" [USER [GROUP]]',
    ),
    kept("startup_script_timeout", "Time for that script.", "the script is not run", "SECONDS"),
    kept(
        "shutdown_script",
        "Runs after the workers.",
        "it is not run; use ExecStopPost= in the unit",
        '"COMMAND" [USER [GROUP]]',
    ),
    kept("shutdown_script_timeout", "Time for that script.", "the script is not run", "SECONDS"),
    kept("use_symlink_paths", "Keeps symbolic links in the paths of scripts.", None, "[on|off]"),
    kept("set_supplementary_groups", "Scripts get supplementary groups.", "they get the group alone"),
)
