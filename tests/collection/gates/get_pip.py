# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for get-pip.py where only a package index is reachable: installs the pip whose wheel is beside this file.

ansible-test looks for get_pip_24_2.py in its cache before it downloads one; the file's name says the version.
"""

import runpy
import sys
from pathlib import Path

HERE = Path(__file__).resolve()
VERSION = HERE.stem.replace("get_pip_", "").replace("_", ".")
WHEEL = str(HERE.parent / f"pip-{VERSION}-py3-none-any.whl")

# get-pip.py takes the packages that it is to install and which of its companions to leave out; pip is all we bring
options = [argument for argument in sys.argv[1:] if argument.startswith("-") and not argument.startswith("--no-")]
sys.path.insert(0, WHEEL)
sys.argv = ["pip", "install", "--no-index", *options, WHEEL]
runpy.run_module("pip", run_name="__main__")
