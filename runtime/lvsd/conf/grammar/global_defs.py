# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`global_defs`."""

from __future__ import annotations

from lvsd.model import Announcements, GlobalDefs

from .announcements import ANNOUNCEMENTS
from .entry import Block, Kept, Keyword, Kind, kept
from .files import FILES
from .instance import OWN_MAC
from .monitoring import MONITORING
from .notify import NO_FIFO, NO_MAIL
from .number import integer, number, raised, seconds
from .process import PROCESSES
from .value import address4, address6, boolean, flag, interface, string, user_group

SYSTEM_BUFFER = "the daemon chooses its own buffer sizes"
NO_FIREWALL = "no firewall rule is set"


def buffers(*names: str) -> tuple[Kept, ...]:
    """Return the two keywords for the receive buffer of each netlink socket."""
    return tuple(
        entry
        for name in names
        for entry in (
            kept(f"{name}_rcv_bufs", "Size of a netlink receive buffer.", SYSTEM_BUFFER, "BYTES"),
            kept(f"{name}_rcv_bufs_force", "Lets that buffer exceed rmem_max.", SYSTEM_BUFFER, "[on|off]"),
        )
    )


def fifos(*names: str) -> tuple[Kept, ...]:
    """Return the two keywords for each FIFO: its path, and the program that reads it."""
    return tuple(
        entry
        for name in names
        for entry in (
            kept(name, "FIFO that gets a line per change.", NO_FIFO, "PATH [USER [GROUP]]"),
            kept(
                f"{name}_script",
                "Program that reads that FIFO.",
                "the program is not started",
                '"COMMAND" [USER [GROUP]]',
            ),
        )
    )


FLUSH_ON_STOP = Kind(
    "[VS]",
    lambda words: "VS" if words == ("VS",) else nothing(words),
    lambda value, _: (value,) if value else (),
    0,
    1,
    type="flag",
)


def nothing(words: tuple[str, ...]) -> str:
    """Return "" for a keyword without a value. Raises ValueError for any word but `VS`."""
    if words:
        raise ValueError(f"'{words[0]}' is not VS")
    return ""


ALERTS: tuple[Kept, ...] = (
    kept("notification_email", "Receivers of mails.", NO_MAIL, "{ ADDRESS ... }", lines=True),
    kept("notification_email_from", "Sender of mails.", NO_MAIL, "ADDRESS"),
    kept("smtp_server", "Mail relay.", NO_MAIL, "HOST [PORT]"),
    kept("smtp_helo_name", "Name in HELO.", NO_MAIL, "NAME"),
    kept("smtp_connect_timeout", "Time to reach the mail relay.", NO_MAIL, "SECONDS"),
    kept("smtp_alert", "Default of every smtp_alert.", NO_MAIL, "[on|off]"),
    kept("smtp_alert_vrrp", "Default of smtp_alert in instances and groups.", NO_MAIL, "[on|off]"),
    kept("smtp_alert_checker", "Default of smtp_alert in servers.", NO_MAIL, "[on|off]"),
    kept("no_email_faults", "No mail for FAULT.", None),
    kept("no_checker_emails", "No mail for single checks.", None),
    kept("checker_log_all_failures", "Logs every failed check.", "only changes are logged", "[on|off]"),
)

VRRP: tuple[Kept, ...] = (
    *fifos("notify_fifo", "vrrp_notify_fifo", "lvs_notify_fifo"),
    kept("fifo_write_vrrp_states_on_reload", "Repeats states on a reload.", NO_FIFO),
    kept("vrrp_notify_priority_changes", "Writes changes of priority to the FIFO.", NO_FIFO, "[on|off]"),
    kept("rs_init_notifies", "Notifies for real servers at start.", "only changes notify"),
    kept("vrrp_strict", "Enforces the letter of the RFC.", "its rules are not enforced"),
    kept(
        "vrrp_garp_extra_if",
        "Repeats announcements on other interfaces.",
        "only the usual announcements are sent",
        "[all] SECONDS",
        deprecated=("vrrp_vmac_garp_intvl",),
    ),
    kept("vrrp_owner_ignore_adverts", "Priority 255 ignores other routers.", "the owner follows the RFC", "[on|off]"),
    kept("vrrp_startup_delay", "Waits after the daemon's start.", "instances start at once", "SECONDS"),
    kept("vrrp_delay_after_boot", "Waits after the system's start.", "instances start at once", "SECONDS"),
    kept("log_unknown_vrids", "Logs advertisements of foreign virtual routers.", "they are not logged"),
    kept("dynamic_interfaces", "Interfaces may appear later.", None, "[allow_if_changes]"),
    kept("vmac_prefix", "Prefix of the names of virtual MAC interfaces.", OWN_MAC, "PREFIX"),
    kept("vmac_addr_prefix", "The same for addresses on other interfaces.", OWN_MAC, "PREFIX"),
    kept("disable_local_igmp", "Stops IGMP for 224.0.0.0/24.", "the sysctl stays as it is"),
    kept("vrrp_rx_bufs_policy", "Size of receive buffers.", SYSTEM_BUFFER, "MTU|ADVERT|BYTES"),
    kept("vrrp_rx_bufs_multiplier", "Size of receive buffers.", SYSTEM_BUFFER, "N"),
    *buffers("vrrp_netlink_cmd", "vrrp_netlink_monitor", "lvs_netlink_cmd", "lvs_netlink_monitor", "process_monitor"),
)

FIREWALL: tuple[Kept, ...] = (
    kept("nftables", "nft table for no_accept and virtual MACs.", NO_FIREWALL, "[TABLE]"),
    kept("nftables_priority", "Priority of its chains.", NO_FIREWALL, "N"),
    kept("nftables_counters", "Counters in its rules.", NO_FIREWALL),
    kept("nftables_ifindex", "Interface numbers in its sets.", NO_FIREWALL),
    kept("nftables_ipvs", "One fwmark service per virtual server group.", NO_FIREWALL, "[TABLE]"),
    kept("nftables_ipvs_priority", "Priority of its chains.", NO_FIREWALL, "N"),
    kept("nftables_ipvs_start_fwmark", "First mark it uses.", NO_FIREWALL, "N"),
    kept("vrrp_iptables", "iptables chains for no_accept.", NO_FIREWALL, "[IN [OUT]]"),
    kept("vrrp_ipsets", "ipsets for no_accept.", NO_FIREWALL, "[NAME ...]"),
)

LVS: tuple[Kept, ...] = (
    kept(
        "lvs_sync_daemon",
        "Synchronises connections with the other director.",
        "connections are not synchronised",
        "INTERFACE [[inst] INSTANCE] [id 0..255] [maxlen N] [port N] [ttl N] [group ADDRESS]",
    ),
    kept("lvs_timeouts", "IPVS timeouts.", "the kernel's timeouts stay as they are", "[tcp S] [tcpfin S] [udp S]"),
)

GLOBAL_DEFS = Block(
    "global_defs",
    "global_defs",
    GlobalDefs,
    (
        Keyword(
            "router_id",
            "router_id",
            string("NAME"),
            "The name of this director; `lvsctl status` shows it.",
            "the host's name",
            bare=True,
        ),
        Keyword(
            "default_interface",
            "default_interface",
            interface(),
            "Interface of addresses without `dev` in instances without `interface`.",
            "none",
            bare=True,
        ),
        Keyword(
            "vrrp_version", "vrrp_version", number(2, 3), "Version of VRRP for instances that do not say one.", "2"
        ),
        Keyword("vrrp_mcast_group4", "vrrp_mcast_group4", address4(), "Multicast group of IPv4.", "224.0.0.18"),
        Keyword("vrrp_mcast_group6", "vrrp_mcast_group6", address6(), "Multicast group of IPv6.", "ff02::12"),
        *(
            Keyword(f"vrrp_{name}", f"announcements.{field}", kind, text, default)
            for name, field, kind, text, default in ANNOUNCEMENTS
        ),
        Keyword("vrrp_garp_interval", "vrrp_garp_interval", seconds(0, 3600), "Time between two gratuitous ARP.", "0"),
        Keyword("vrrp_gna_interval", "vrrp_gna_interval", seconds(0, 3600), "Time between two unsolicited NA.", "0"),
        Keyword(
            "vrrp_min_garp", "vrrp_min_garp", boolean(), "One announcement per address, and no second burst.", "off"
        ),
        Keyword(
            "vrrp_down_timer_adverts",
            "vrrp_down_timer_adverts",
            integer(1, 100),
            "Advertisements that have to be missed before a takeover.",
            "3",
        ),
        Keyword(
            "vrrp_lower_prio_no_advert",
            "vrrp_lower_prio_no_advert",
            boolean(),
            "Instances stay silent when a lower priority is heard.",
            "off",
        ),
        Keyword(
            "vrrp_higher_prio_send_advert",
            "vrrp_higher_prio_send_advert",
            boolean(),
            "Instances advertise once more before they yield.",
            "off",
        ),
        Keyword(
            "v3_checksum_as_v2",
            "v3_checksum_as_v2",
            boolean(),
            "Leaves the pseudo header out of version 3 checksums over IPv4, as the RFC's text has it.",
            "off",
        ),
        Keyword(
            "vrrp_check_unicast_src", "vrrp_check_unicast_src", flag(), "Instances hear their configured peers only."
        ),
        Keyword(
            "vrrp_skip_check_adv_addr",
            "vrrp_skip_check_adv_addr",
            flag(),
            "Compares the address list only when the MASTER changes.",
        ),
        Keyword(
            "script_user",
            ("script_user", "script_group"),
            user_group(),
            "The user, and where given the group, that scripts run as.",
            "keepalived_script where that user exists, else the daemon's",
            bare=True,
        ),
        Keyword(
            "enable_script_security",
            "enable_script_security",
            flag(),
            "Refuses scripts of root that others can change.",
        ),
        Keyword(
            "vrrp_rt_priority",
            "vrrp_rt_priority",
            raised(1, 99, lowered=True),
            "Real-time priority of the vrrp worker.",
            "none",
        ),
        Keyword("vrrp_no_swap", "vrrp_no_swap", flag(), "Locks the memory of the vrrp worker."),
        Keyword(
            "lvs_flush", "lvs_flush", flag(), "Clears the whole IPVS table at start; existing connections are lost."
        ),
        Keyword(
            "lvs_flush_on_stop",
            "lvs_flush_on_stop",
            FLUSH_ON_STOP,
            "Clears the whole IPVS table at stop, and existing connections are lost; with VS only the services of "
            "lvsd, as without the keyword.",
            aliases=("lvs_flush_onstop",),
        ),
        *ALERTS,
        *FILES,
        *VRRP,
        *FIREWALL,
        *LVS,
        *PROCESSES,
        *MONITORING,
    ),
    "What holds for the whole daemon.",
    many=False,
    groups={"announcements": Announcements},
)
