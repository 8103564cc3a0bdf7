# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words outside all blocks: the root of the grammar."""

from __future__ import annotations

from lvsd.model import Configuration, SslContext, Statement

from .entry import Block, Keyword, kept, word
from .global_defs import GLOBAL_DEFS
from .instance import INSTANCE
from .sync_group import SYNC_GROUP
from .value import string
from .virtual_server import VIRTUAL_SERVER, VIRTUAL_SERVER_GROUP

NOT_SET = "nothing of it is set"

SSL = Block(
    "SSL",
    "ssl",
    SslContext,
    (
        Keyword("password", "password", string("PASSWORD"), "Password of the key."),
        Keyword(
            "ca",
            "ca",
            string("PATH"),
            "File of certificates that complete our chain; the server is not verified.",
        ),
        Keyword("certificate", "certificate", string("PATH"), "File of our certificate."),
        Keyword("key", "key", string("PATH"), "File of our key."),
    ),
    "The client side of every SSL_GET.",
    many=False,
)

PROCESS = (
    kept(
        "net_namespace",
        "Runs in this network namespace.",
        "start the daemon in it: ip netns exec, or the unit's NetworkNamespacePath=",
        "NAME",
    ),
    kept(
        "net_namespace_ipvs",
        "Programs IPVS in another namespace.",
        "IPVS is programmed where the daemon runs",
        "[NAME]",
        worker="checker",
    ),
    kept("namespace_with_ipsets", "Allows ipsets in a namespace.", None),
    kept("instance", "Name of this daemon beside others.", "start it with another --runtime-dir", "NAME"),
    kept("use_pid_dir", "PID files in a directory of their own.", None),
    kept("linkbeat_use_polling", "Polls the state of links.", "netlink reports the links", worker="vrrp"),
    kept("child_wait_time", "Time for the workers to end.", "the daemon waits as its unit says", "SECONDS"),
)

STATIC = (
    kept(
        "linkbeat_interfaces",
        "Interfaces whose link is polled.",
        "netlink reports the links",
        "{ INTERFACE [METHOD] ... }",
        lines=True,
        worker="vrrp",
    ),
    kept(
        "interface_up_down_delays",
        "Ignores short losses of a link.",
        "a change counts at once",
        "{ INTERFACE DOWN [UP] ... }",
        lines=True,
        worker="vrrp",
    ),
    kept("static_ipaddress", "Addresses in every state.", NOT_SET, "{ ADDRESS ... }", lines=True, worker="vrrp"),
    kept("static_routes", "Routes in every state.", NOT_SET, "{ ROUTE ... }", lines=True, worker="vrrp"),
    kept("static_rules", "Rules in every state.", NOT_SET, "{ RULE ... }", lines=True, worker="vrrp"),
    kept(
        "track_group",
        "Instances that a static object belongs to.",
        "no instance depends on it",
        "NAME",
        body=(word("group", "The instances.", lines=True),),
        worker="vrrp",
    ),
    kept(
        "garp_group",
        "Interfaces that share one pace of announcements.",
        "the global intervals hold",
        body=(
            word("garp_interval", "Time between two gratuitous ARP.", "SECONDS"),
            word("gna_interval", "Time between two unsolicited NA.", "SECONDS"),
            word("interface", "The interface.", "INTERFACE"),
            word("interfaces", "The interfaces.", lines=True),
        ),
        worker="vrrp",
    ),
)

TRACKED = "nothing is tracked"
TRACKERS = (
    kept(
        "vrrp_script",
        "A command that instances can track.",
        "it is not run",
        "NAME",
        body=(
            word("script", "The command.", '"COMMAND"'),
            word("interval", "Time between two runs.", "SECONDS"),
            word("timeout", "Time after which it is killed.", "SECONDS"),
            word("weight", "What it adds to the priority.", "-253..253 [reverse]"),
            word("rise", "Successes until it counts as good.", "N"),
            word("fall", "Failures until it counts as bad.", "N"),
            word("user", "Its identity.", "USER [GROUP]"),
            word("init_fail", "Bad until it has passed."),
        ),
        worker="vrrp",
    ),
    kept(
        "vrrp_track_process",
        "A process that instances can track.",
        TRACKED,
        "NAME",
        body=(
            word("process", "The process.", "COMMAND [PARAMETER ...]"),
            word("param_match", "How parameters compare.", "initial|partial"),
            word("full_command", "Compares the whole command line."),
            word("weight", "What it adds to the priority.", "-254..254 [reverse]"),
            word("quorum", "Fewest processes.", "N"),
            word("quorum_max", "Most processes.", "N"),
            word("delay", "Sets fork_delay and terminate_delay.", "SECONDS"),
            word("fork_delay", "Time until a new process counts.", "SECONDS"),
            word("terminate_delay", "Time until a lost process counts.", "SECONDS"),
        ),
        worker="vrrp",
    ),
    kept(
        "track_file",
        "A file with a number that instances and real servers can track.",
        TRACKED,
        "NAME",
        body=(
            word("file", "The file.", "PATH"),
            word("weight", "Factor of the number.", "N [reverse]"),
            word("init_file", "Writes the file at start.", "[VALUE] [overwrite]"),
        ),
        deprecated=("vrrp_track_file",),
    ),
    kept(
        "bfd_instance",
        "A BFD session.",
        "no session is set up",
        "NAME",
        body=(
            word("neighbor_ip", "The other end.", "ADDRESS", aliases=("neighbour_ip",)),
            word("source_ip", "Our address.", "ADDRESS"),
            word("min_rx", "Shortest interval we accept.", "MILLISECONDS"),
            word("min_tx", "Shortest interval we send.", "MILLISECONDS"),
            word("idle_tx", "Interval while down.", "MILLISECONDS"),
            word("multiplier", "Packets that may be missing.", "1..255"),
            word("passive", "Waits for the other end."),
            word("ttl", "TTL that is sent.", "1..255"),
            word("hoplimit", "Hop limit that is sent.", "1..255"),
            word("max_hops", "Hops that are allowed.", "0..255"),
            word("multihop", "Uses the port of RFC 5883."),
            word("weight", "What it adds to the priority.", "-253..253 [reverse]"),
            word("vrrp", "Only instances follow it."),
            word("checker", "Only checks follow it."),
        ),
    ),
)

ROOT = Block(
    "",
    "",
    Configuration,
    (*PROCESS, GLOBAL_DEFS, *STATIC, *TRACKERS, SYNC_GROUP, INSTANCE, VIRTUAL_SERVER_GROUP, SSL, VIRTUAL_SERVER),
    "The configuration.",
    many=False,
)


def uses_others(statement: Statement) -> bool:
    """Whether a block outside all blocks, which is only kept, needs what stands before it: a service of a group."""
    return statement.words[0] == "virtual_server"
