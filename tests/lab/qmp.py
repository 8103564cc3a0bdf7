# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""QEMU's control socket (QMP): one command, one answer, then the connection closes. Events are not kept."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

from .paths import LabError


def execute(path: Path, command: str, timeout: float = 10.0, **arguments: Any) -> Any:
    """Send one command to the socket at `path` and give back its `return`.

    Raises LabError when QEMU refuses it, OSError when nobody listens, TimeoutError after `timeout` seconds.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(timeout)
        connection.connect(str(path))
        with connection.makefile("rw", encoding="utf-8") as stream:
            stream.readline()  # the greeting
            ask(stream, "qmp_capabilities", {})
            return ask(stream, command, arguments)


def ask(stream: Any, command: str, arguments: dict[str, Any]) -> Any:
    stream.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
    stream.flush()
    for row in stream:
        answer = json.loads(row)
        if "error" in answer:
            raise LabError(f"QEMU refused {command}: {answer['error'].get('desc')}")
        if "return" in answer:
            return answer["return"]
    raise LabError(f"QEMU ended the connection before it answered {command}")
