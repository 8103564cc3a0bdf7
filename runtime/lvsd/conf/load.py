# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two ways in: a file, or a text."""

from __future__ import annotations

from pathlib import Path

from lvsd.conf import blocks, check, codec, source
from lvsd.conf.findings import Findings, Loaded, Place
from lvsd.conf.preprocess import Context, Preprocessor, Reader


def load(path: Path, *, config_id: str | None = None, all_config: bool = False) -> Loaded:
    """Read a configuration with everything it includes; `config_id` is what `@id` compares (keepalived -i).

    Raises OSError when the top file cannot be read.  Everything else is a finding.
    """
    reader, text = source.read_top(path)
    return parse(text, str(path), reader=reader, context=source.surroundings(config_id, all_config=all_config))


def parse(text: str, name: str = "conf", *, reader: Reader | None = None, context: Context | None = None) -> Loaded:
    """Read a configuration from a text; without a reader `include` is an error.  Raises nothing."""
    findings = Findings()
    preprocessor = Preprocessor(reader, context or Context(), findings)
    nodes = blocks.parse(preprocessor.lines(name, text), findings)
    located = codec.read(nodes, findings, Place(name, 0))
    configuration = check.check(located, findings)
    order = {path: index for index, path in enumerate(dict.fromkeys(preprocessor.files))}
    found = sorted(findings.result(), key=lambda finding: (order.get(finding.path, -1), finding.line))
    return Loaded(configuration, tuple(found), tuple(preprocessor.files))
