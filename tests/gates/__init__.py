# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every gate of Ansible's ecosystem: `python -m tests.gates [NAME ...]`; CONTRIBUTING.md says what each demands."""
