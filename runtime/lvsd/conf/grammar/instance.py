# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`vrrp_instance`."""

from __future__ import annotations

from lvsd.model import Announcements, Notify, VirtualRouter

from .address import LINE, VIRTUAL_ADDRESS, read_virtual_address, starts_address, write_virtual_address
from .announcements import ANNOUNCEMENTS
from .authentication import AUTH_HMAC, AUTHENTICATION
from .entry import Block, Kept, Keyword, Lines, kept, name_of, one_name
from .notify import NO_FIFO, NO_MAIL, NOTIFY
from .number import integer, number, seconds
from .tracking import TRACK_INTERFACE, TRACKERS
from .unicast_peer import PEER, read_peer, unicast, write_peer
from .value import address, boolean, choice, command, flag, host, interface, looks_like_address, remark_on_length

OWN_MAC = "the addresses stay on the interface's own MAC address"

INSTANCE_KEPT: tuple[Kept, ...] = (
    kept("vrf", "The VRF of an instance without an interface.", "the main routing table is used", "INTERFACE"),
    kept("use_vmac", "Puts the addresses on a macvlan with the virtual MAC.", OWN_MAC, "[NAME] [MAC]"),
    kept("use_vmac_addr", "Virtual MACs for addresses on other interfaces too.", OWN_MAC),
    kept("vmac_xmit_base", "Sends from the interface below the virtual MAC.", OWN_MAC),
    kept("use_ipvlan", "Puts the addresses on an ipvlan.", OWN_MAC, "[NAME] [ADDRESS] [bridge|private|vepa]"),
    kept("track_src_ip", "FAULT when the source address vanishes.", "the source address is not watched"),
    kept("unicast_fault_no_peer", "FAULT where no peer is given.", "without peers the instance uses multicast"),
    kept(
        "old_unicast_checksum",
        "The version 3 checksum of keepalived before 1.3.7.",
        "it is accepted, never sent",
        "[never]",
    ),
    kept("strict_mode", "Enforces the letter of the RFC.", "vrrp_strict's rules are not enforced", "[on|off]"),
    kept("promote_secondaries", "Sets the sysctl of that name on the interface.", "the sysctl stays as it is"),
    kept("no_virtual_ipaddress", "Says that having no addresses is intended.", None),
    kept("virtual_routes", "Routes that exist while MASTER.", "the routes are not set", "{ ROUTE ... }", lines=True),
    kept(
        "virtual_rules", "Routing rules that exist while MASTER.", "the rules are not set", "{ RULE ... }", lines=True
    ),
    kept("accept", "Takes packets for the virtual addresses; this is what happens anyway.", None),
    kept("no_accept", "Drops packets for the virtual addresses.", "packets for the virtual addresses are accepted"),
    kept(
        "timer_expired_backup",
        "Steps down after having slept too long.",
        syntax="[PRIORITY]",
        deprecated=("thread_timer_expired",),
    ),
    kept("owner_ignore_adverts", "Priority 255 ignores other routers.", "the owner follows the RFC", "[on|off]"),
    kept(
        "garp_extra_if",
        "Repeats announcements on other interfaces.",
        "only the usual announcements are sent",
        "[all] SECONDS",
        deprecated=("vmac_garp_intvl",),
    ),
    AUTH_HMAC,
    *TRACKERS,
    kept("notify_priority_changes", "Writes changes of priority to the FIFO.", NO_FIFO, "[on|off]"),
    kept("smtp_alert", "Sends a mail on every change of state.", NO_MAIL, "[on|off]"),
    kept("kernel_rx_buf_size", "Size of the receive buffer.", "the system's size is used", "BYTES"),
    kept("linkbeat_use_polling", "Polls the link's state.", "netlink reports the link", obsolete="netlink is enough"),
    kept("debug", "Has no meaning, in keepalived neither.", None, "LEVEL"),
    kept("native_ipv6", "Forces IPv6.", None, obsolete="the addresses decide about the family"),
    kept(
        "lvs_sync_daemon_interface",
        "Interface of the IPVS sync daemon.",
        "connections are not synchronised",
        "INTERFACE",
        obsolete="use lvs_sync_daemon in global_defs",
    ),
)

INSTANCE = Block(
    "vrrp_instance",
    "routers",
    VirtualRouter,
    (
        Keyword(
            "state",
            "initial_state",
            choice("MASTER", "BACKUP", otherwise="BACKUP"),
            "What the instance takes itself for at its start, before it hears another router.",
            "BACKUP",
        ),
        Keyword(
            "interface",
            "interface",
            interface(),
            "Interface where advertisements are sent and heard, and whose loss is a fault.",
        ),
        Keyword(
            "virtual_router_id",
            "vrid",
            integer(1, 255),
            "Number of the virtual router: the same on all its routers, one per interface and family. Required.",
            essential=True,
        ),
        Keyword(
            "priority",
            "priority",
            integer(1, 255),
            "The highest one becomes MASTER; 255 owns the addresses.",
            "100; 255 with `state MASTER`",
            fallback=100,
        ),
        Keyword(
            "version",
            "version",
            number(2, 3),
            "Version of the protocol; IPv6 always speaks version 3.",
            "vrrp_version; 3 for IPv6",
        ),
        Keyword(
            "advert_int",
            "advertisement_interval",
            seconds(0.01, 255),
            "Interval between advertisements: whole seconds in version 2, hundredths up to 40.95 in version 3.",
            "1",
        ),
        Keyword("nopreempt", "preempt", flag(False), "Leaves a MASTER of lower priority in its place."),
        Keyword("preempt", "preempt", flag(True), "Takes over from a lower priority.", "yes"),
        Keyword(
            "preempt_delay",
            "preempt_delay",
            seconds(0, 1000),
            "Waits this long before it takes over from a lower priority.",
            "0",
        ),
        Keyword(
            "down_timer_adverts",
            "down_timer_adverts",
            integer(1, 100),
            "Advertisements that have to be missed before a takeover.",
            "3",
        ),
        Keyword(
            "unicast_src_ip",
            "source",
            host(unicast),
            "Our address towards unicast peers.",
            "the interface's first address; the one that routing chooses for peers behind another interface",
        ),
        Keyword(
            "mcast_src_ip",
            "source",
            host(lambda router: not unicast(router)),
            "Our address towards the group.",
            "the interface's first address",
        ),
        Keyword(
            "mcast_dst_ip", "multicast_group", address(), "Multicast group of this instance.", "vrrp_mcast_group4 or 6"
        ),
        Lines(
            "unicast_peer",
            "unicast_peers",
            "ADDRESS [min_ttl 0..255] [max_ttl 0..255]",
            read_peer,
            write_peer,
            lambda words, index: looks_like_address(words[index]),
            "The other routers: advertisements go to them instead of to a multicast group.",
            remark=remark_on_length,
            words=PEER,
        ),
        Keyword("unicast_ttl", "unicast_ttl", integer(0, 255), "TTL or hop limit towards unicast peers.", "255"),
        Keyword(
            "check_unicast_src",
            "check_unicast_source",
            boolean(),
            "Hears advertisements of the configured peers only.",
            "vrrp_check_unicast_src",
        ),
        Keyword(
            "v3_checksum_as_v2",
            "checksum_as_v2",
            boolean(),
            "Leaves the pseudo header out of the checksum.",
            "the global setting",
        ),
        Keyword(
            "skip_check_adv_addr",
            "skip_check_adv_addr",
            boolean(),
            "Compares the address list only when the MASTER changes.",
            "vrrp_skip_check_adv_addr",
        ),
        Keyword(
            "lower_prio_no_advert",
            "lower_prio_no_advert",
            boolean(),
            "Stays silent when a lower priority is heard.",
            "vrrp_lower_prio_no_advert",
        ),
        Keyword(
            "higher_prio_send_advert",
            "higher_prio_send_advert",
            boolean(),
            "Advertises once more before it yields.",
            "vrrp_higher_prio_send_advert",
        ),
        Keyword("dont_track_primary", "dont_track_primary", flag(), "Ignores the loss of its own interface."),
        AUTHENTICATION,
        Lines(
            "virtual_ipaddress",
            "addresses",
            VIRTUAL_ADDRESS,
            read_virtual_address,
            write_virtual_address,
            starts_address,
            "The addresses that follow the MASTER; all of one family, and named in advertisements.",
            words=LINE,
        ),
        Lines(
            "virtual_ipaddress_excluded",
            "excluded_addresses",
            VIRTUAL_ADDRESS,
            read_virtual_address,
            write_virtual_address,
            starts_address,
            "More addresses that follow the MASTER, of any family, not named in advertisements.",
            words=LINE,
        ),
        TRACK_INTERFACE,
        *(
            Keyword(name, f"announcements.{field}", kind, text, f"the global vrrp_{name} ({default})")
            for name, field, kind, text, default in ANNOUNCEMENTS
        ),
        *NOTIFY,
        Keyword(
            "notify_master_rx_lower_pri",
            "notify.active_rx_lower_priority",
            command(),
            "Command that runs when a MASTER hears a lower priority, at most every ten seconds.",
        ),
        *INSTANCE_KEPT,
    ),
    "One virtual router on one interface.",
    "NAME",
    one_name,
    name_of,
    required={"vrid": "virtual_router_id N"},
    groups={"notify": Notify, "announcements": Announcements},
)
