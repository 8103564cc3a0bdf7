# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a release consists of: the collection's tarball, byte for byte the same each time, its SBOM, and their sums."""
