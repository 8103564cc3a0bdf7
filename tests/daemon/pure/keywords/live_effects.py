# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keywords whose effect only a running daemon shows, each with the test that sets it and looks.

`python -m tests.daemon.pure.keywords` takes the effect of each away and sees that its test fails.
"""

NOTIFY = "tests/daemon/netns/test_notify_keywords.py::test_a_word_runs_its_script_on_its_occasion"
EVERY = "tests/daemon/netns/test_notify_keywords.py::test_notify_is_told_every_state"
SPLIT = "tests/daemon/netns/test_vrrp_neighbours.py::test_a_split_heals"
PRIORITY = "tests/daemon/netns/test_vrrp_worker.py::test_real_time_priority_and_locked_memory_when_asked"
FLUSH = "tests/daemon/kernel/test_comparison.py::test_lvs_flush_removes_them_because_it_was_asked_to"
FLUSH_ON_STOP = (
    "tests/daemon/kernel/test_comparison.py::test_lvs_flush_on_stop_clears_the_whole_table_unless_it_says_vs"
)
STATUS = "tests/daemon/netns/test_daemon.py::test_status_begins_with_the_router_id"
SECURITY = "tests/daemon/netns/test_script_security.py::test_a_script_that_others_can_change_is_not_run_and_told"
TLS = "tests/daemon/netns/test_checks_tls.py::test_an_encrypted_key_and_the_chain_of_a_client_certificate"

OCCASIONS = ("notify_master", "notify_backup", "notify_fault", "notify_stop", "notify_deleted")

LIVE: dict[tuple[str, str], str] = {
    ("global_defs", "router_id"): STATUS,
    ("global_defs", "enable_script_security"): SECURITY,
    ("global_defs", "vrrp_rt_priority"): PRIORITY,
    ("global_defs", "vrrp_no_swap"): PRIORITY,
    ("global_defs", "lvs_flush"): FLUSH,
    ("global_defs", "lvs_flush_on_stop"): FLUSH_ON_STOP,
    **{(block, word): NOTIFY for block in ("vrrp_instance", "vrrp_sync_group") for word in OCCASIONS},
    **{(block, "notify"): EVERY for block in ("vrrp_instance", "vrrp_sync_group")},
    ("vrrp_instance", "notify_master_rx_lower_pri"): SPLIT,
    ("", "SSL"): TLS,
    ("SSL", "ca"): TLS,
    ("SSL", "certificate"): TLS,
    ("SSL", "key"): TLS,
    ("SSL", "password"): TLS,
}
