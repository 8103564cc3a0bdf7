# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""What the modules of this collection have in common."""

from __future__ import annotations


class ModuleDocFragment:
    """Options and attributes shared by the modules that own a file of the configuration."""

    DOCUMENTATION = r"""
options:
  config_dir:
    description:
      - The directory of the configuration.
    type: path
    default: /etc/lvsd
  runtime_dir:
    description:
      - The directory of the daemon's control sockets.
      - Where nothing answers there, the daemon is not running, the file is put in place all the same, and
        RV(ignore:live) is null.
    type: path
    default: /run/lvsd
  lvsd_path:
    description:
      - The daemon's program, which checks the block, and the whole configuration as it would become, before anything is
        written. A host without it yet checks nothing.
    type: path
    default: /usr/local/sbin/lvsd
  allow_faults:
    description:
      - The task fails where, after the reload, a virtual router that was well has a fault or a new one begins with one,
        where the kernel refuses an object that it did not refuse before, or where a worker does not answer. The files
        are put back then, and the daemon loads them again.
      - Where the daemon runs and lacks an interface that a changed virtual router needs, the task fails before anything
        is written, in check mode, too.
      - V(true) turns both into warnings, for an interface that comes later, for example.
      - What did not work before the task is a warning in any case.
    type: bool
    default: false
"""

    ATTRIBUTES = r"""
options: {}
attributes:
  check_mode:
    support: full
    description: Can run in C(check_mode) and says truthfully what would change, without changing it.
  diff_mode:
    support: full
    description: Shows the lines of the configuration that change. Secrets are hidden.
  idempotent:
    support: full
    description: Run twice in a row, the second run changes nothing.
  action_group:
    support: full
    description:
      - Use C(group/lvs.director.director) in C(module_defaults) to set options for all modules of this collection.
      - A module leaves out what it has no use for of C(config_dir), C(runtime_dir), C(install_dir), C(lvsd_path) and
        C(allow_faults).
    membership:
      - lvs.director.director
"""

    INFO = r"""
options: {}
attributes:
  check_mode:
    support: full
    description: Changes nothing, in C(check_mode) or without it.
  diff_mode:
    support: N/A
    description: Changes nothing, so there is no difference to show.
  idempotent:
    support: full
    description: Run twice in a row, the second run changes nothing.
  action_group:
    support: full
    description:
      - Use C(group/lvs.director.director) in C(module_defaults) to set options for all modules of this collection.
      - A module leaves out what it has no use for of C(config_dir), C(runtime_dir), C(install_dir), C(lvsd_path) and
        C(allow_faults).
    membership:
      - lvs.director.director
"""
