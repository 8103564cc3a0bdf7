# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a director, beside the daemon: sees every change of an address and every gap in the IPVS table.

    python3 watch.py SERVICE=DESTINATION[,DESTINATION...] ... < questions

Addresses: the kernel's own notifications (RTMGRP_IPV4_IFADDR, linux/rtnetlink.h). The table: /proc/net/ip_vs, every
200 ms, and every other second the connections that each service has had since it was made: a service that was flushed
and made again between two looks counts from 0 again. A line on standard input ("look", or "look CLIENT:PORT" with a
connection to find in the table) is answered by a JSON line with what was seen since the last; at the end of the input
it ends.
"""

import json
import os
import re
import select
import socket
import struct
import subprocess
import sys
import time

RTMGRP_IPV4_IFADDR = 0x10
RTM_NEWADDR, RTM_DELADDR = 20, 21
IFA_LOCAL = 2
LOOK = 0.2  # seconds between two looks at the table
COUNT = 2.0  # seconds between two looks at the counters


def addresses_in(data):
    """("added" or "removed", address) of every notification in `data` (struct nlmsghdr, ifaddrmsg, rtattr)."""
    found, at = [], 0
    while at + 16 <= len(data):
        length, kind = struct.unpack_from("=IH", data, at)
        inside, end = at + 16 + 8, at + length
        while kind in (RTM_NEWADDR, RTM_DELADDR) and inside + 4 <= end:
            size, attribute = struct.unpack_from("=HH", data, inside)
            if attribute == IFA_LOCAL:
                address = socket.inet_ntoa(data[inside + 4 : inside + 8])
                found.append(("added" if kind == RTM_NEWADDR else "removed", address))
            inside += max(4, (size + 3) & ~3)
        at += max(16, (length + 3) & ~3)
    return found


def hexadecimal(endpoint):
    """ "10.0.0.1:80" as /proc/net/ip_vs writes it."""
    address, _, port = endpoint.rpartition(":")
    return f"{socket.inet_aton(address).hex().upper()}:{int(port):04X}"


class Table:
    """What is seen of the services and destinations that must always be there."""

    def __init__(self, wanted):
        self.services = set(wanted)
        self.wanted = {(hexadecimal(service), "") for service in wanted}
        self.wanted |= {(hexadecimal(s), hexadecimal(d)) for s, found in wanted.items() for d in found}
        self.made = {}  # service -> connections since it was made
        self.forget()

    def forget(self):
        self.looks, self.missing, self.restarted = 0, 0, 0

    def look(self):
        """One look: how many of the wanted entries are missing."""
        found, service = set(), ""
        with open("/proc/net/ip_vs") as table:
            for row in table:
                words = row.split()
                if words[0] == "TCP":
                    service = words[1]
                    found.add((service, ""))
                elif words[0] == "->":
                    found.add((service, words[1]))
        self.looks += 1
        self.missing += len(self.wanted - found)

    def count(self):
        """A service whose connections have become fewer is another one than before."""
        shown = subprocess.run(["ipvsadm", "-Ln", "--stats", "--exact"], capture_output=True, text=True).stdout
        for service, connections in re.findall(r"^TCP\s+(\S+)\s+(\d+)", shown, re.MULTILINE):
            self.restarted += service in self.services and int(connections) < self.made.get(service, 0)
            self.made[service] = int(connections)


def destination(client):
    """Where the connection from `client` goes, null when the table has none."""
    wanted = hexadecimal(client).split(":")
    with open("/proc/net/ip_vs_conn") as table:
        for row in table:
            words = row.split()
            if words[1:3] == wanted:
                return f"{socket.inet_ntoa(bytes.fromhex(words[5]))}:{int(words[6], 16)}"
    return None


def main(wanted):
    table, seen = Table(wanted), []
    notifications = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    notifications.bind((0, RTMGRP_IPV4_IFADDR))
    next_look = next_count = time.monotonic()
    print(json.dumps({"watching": sorted(wanted)}), flush=True)
    while True:
        ready, _, _ = select.select([notifications.fileno(), 0], [], [], max(0.0, next_look - time.monotonic()))
        if notifications.fileno() in ready:
            seen += addresses_in(notifications.recv(65536))
        if time.monotonic() >= next_look:
            table.look()
            next_look = time.monotonic() + LOOK
        if time.monotonic() >= next_count:
            table.count()
            next_count = time.monotonic() + COUNT
        if 0 in ready:
            question = os.read(0, 4096).decode().split()
            if not question:
                return
            table.look()
            table.count()
            answer = {"addresses": seen, "looks": table.looks, "missing": table.missing, "restarted": table.restarted}
            answer["destination"] = destination(question[1]) if len(question) > 1 else None
            print(json.dumps(answer), flush=True)
            seen = []
            table.forget()


if __name__ == "__main__":
    main({service: found.split(",") for service, _, found in (word.partition("=") for word in sys.argv[1:])})
