# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a director: answers each datagram after a while, as the daemon answers an advertisement of priority 0.

    python3 latency.py PORT SECONDS

What the answer is later than SECONDS, seen on the machine's wire, is the machine's own: to receive, to wake up, to
send. It ends at the end of its standard input.
"""

import select
import socket
import sys
import time


def main(port, seconds):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as questions:
        questions.bind(("", port))
        print("ready", flush=True)
        readable: list[int] = [questions.fileno(), 0]
        while 0 not in select.select(readable, [], [])[0]:
            question, client = questions.recvfrom(64)
            due = time.monotonic() + seconds
            while (left := due - time.monotonic()) > 0:
                select.select([], [], [], left)
            questions.sendto(question, client)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
