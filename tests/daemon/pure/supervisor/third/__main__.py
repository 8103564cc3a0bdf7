# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`lvsd` with a third worker: python3 -m third OPTION..."""

import sys

from lvsd.__main__ import main

from third import register

if __name__ == "__main__":
    register()
    sys.exit(main())
