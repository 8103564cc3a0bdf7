# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write every frame that an interface sees, received or sent, to a file: a line with the time and the bytes.

Usage: listen.py INTERFACE FILE
"""

import socket
import sys

ETH_P_ALL = 3  # linux/if_ether.h


def main(interface: str, path: str) -> None:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL)) as packets:
        packets.bind((interface, ETH_P_ALL))
        packets.setsockopt(socket.SOL_SOCKET, 35, 1)  # SO_TIMESTAMPNS
        with open(path, "w", buffering=1) as out:
            while True:
                frame, control, _, _ = packets.recvmsg(65536, 64)
                seconds, nanoseconds = (int.from_bytes(control[0][2][at : at + 8], sys.byteorder) for at in (0, 8))
                out.write(f"{seconds}.{nanoseconds:09d} {frame.hex()}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
