# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A home, a checkout and a Galaxy of a test's own, in which commands of the pages run as they stand there."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.lvs.director.tests.collection.docs.pages import ROOT

NOT_COPIED = shutil.ignore_patterns(".git", ".venv", ".cache", ".ci", ".*_cache", ".hypothesis", ".ansible", "*.tar.gz")
VERSION: str = yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"]
PROGRAM = '#!/bin/sh\nexec env PYTHONPATH="{runtime}" "{python}" -m {module} "$@"\n'


class Workshop:
    """Commands run in a copy of the tree, below a home of their own; `lvsctl` finds no daemon there."""

    def __init__(self, folder: Path) -> None:
        self.home, self.checkout, self.bin = folder / "home", folder / "checkout", folder / "bin"
        self.home.mkdir()
        self.bin.mkdir()
        shutil.copytree(ROOT, self.checkout, ignore=NOT_COPIED)
        self.program("lvsd", "lvsd")
        self.program("lvsctl", f"lvsd.ctl --runtime-dir {folder / 'run'}")
        self.program("python3", "")
        self.galaxy = ""

    def program(self, name: str, module: str) -> None:
        text = PROGRAM.format(runtime=ROOT / "runtime", python=sys.executable, module=module)
        path = self.bin / name
        path.write_text(text if module else f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        path.chmod(0o755)

    def run(self, command: str, folder: str = ".") -> subprocess.CompletedProcess[str]:
        """Run a line of shell in `folder` of the checkout; the output is one text."""
        environment = {
            "HOME": str(self.home),
            "PATH": f"{self.bin}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "LANG": "C.UTF-8",
            "ANSIBLE_GALAXY_SERVER": self.galaxy,
        }
        return subprocess.run(
            ["bash", "-c", command],
            cwd=self.checkout / folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )


def catalogue(tarball: Path, server: str) -> dict[str, Any]:
    """What Galaxy's interface, version 3, answers for one collection: path -> document."""
    base = "/api/v3/collections/lvs/director/"
    version = {"version": VERSION, "href": f"{base}versions/{VERSION}/"}
    detail = {
        **version,
        "namespace": {"name": "lvs"},
        "collection": {"name": "director"},
        "name": "director",
        "download_url": f"{server}/{tarball.name}",
        "artifact": {"sha256": hashlib.sha256(tarball.read_bytes()).hexdigest(), "filename": tarball.name},
        "metadata": {"dependencies": {}},
        "signatures": [],
    }
    return {
        "/api/": {"available_versions": {"v3": "v3/"}},
        base: {"href": base, "namespace": "lvs", "name": "director", "highest_version": version},
        f"{base}versions/": {"meta": {"count": 1}, "links": {"next": None}, "data": [version]},
        version["href"]: detail,
    }


@contextmanager
def galaxy(tarball: Path) -> Iterator[str]:
    """A server on the loopback that has this collection and no other; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = catalogue(tarball, f"http://{self.headers['Host']}")
            path = self.path.partition("?")[0]
            body = tarball.read_bytes() if path == f"/{tarball.name}" else json.dumps(known.get(path)).encode()
            self.send_response(200 if path in known or path == f"/{tarball.name}" else 404)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Type", "application/json" if path in known else "application/octet-stream")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/api/"
        finally:
            server.shutdown()
            thread.join()


def named(text: str) -> str | None:
    """The name of the file that a block says it is, in a comment on its first line."""
    found = re.match(r"# (\S+\.yml)\n", text)
    return found[1] if found else None
