# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: brief
type: stdout
short_description: Screen output without the tasks that have nothing to say
version_added: 0.1.0
author:
  - The lvs.director authors (@lvs-director)
description:
  - Prints what P(ansible.builtin.default#callback) prints, without the lines of hosts on which a task was skipped or
    found everything as it should be, and without the names of tasks that had such hosts alone.
  - What has changed, has failed or warns is there, with its differences, and so is what a task exists to show, as
    M(ansible.builtin.debug) does. The recap counts every task.
  - With C(-v) it prints every task.
extends_documentation_fragment:
  - default_callback
  - result_format_callback
requirements:
  - Set as C(stdout_callback) in the configuration of Ansible, as C(examples/pair/ansible.cfg) does.
"""

import typing as t

from ansible.playbook.task_include import TaskInclude
from ansible.plugins.callback.default import CallbackModule as DefaultCallback

OPTION = "display_ok_hosts"  # the default output asks for it at each result


class CallbackModule(DefaultCallback):
    """The default output; a result that has nothing to say is left out."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "lvs.director.brief"

    def set_options(self, *arguments: t.Any, **named: t.Any) -> None:
        """Read the options of the default output, and leave out what is skipped or as it should be."""
        super().set_options(*arguments, **named)
        if not self._display.verbosity:
            self.set_option(OPTION, False)
            self.set_option("display_skipped_hosts", False)

    def _speaks(self, result: t.Any) -> bool:
        """Whether a result that has changed nothing is shown."""
        if self._display.verbosity:
            return True
        found = result.result
        return bool(found.get("_ansible_verbose_always") or found.get("warnings") or found.get("deprecations"))

    def v2_runner_on_ok(self, result: t.Any) -> None:
        """Print what has changed or speaks; a task that includes others has no lines of its own."""
        if isinstance(result.task, TaskInclude) and not self._display.verbosity:
            return
        self.set_option(OPTION, self._speaks(result))
        super().v2_runner_on_ok(result)
        self.set_option(OPTION, bool(self._display.verbosity))

    def v2_runner_item_on_ok(self, result: t.Any) -> None:
        """Print an item of a loop that has changed or speaks."""
        self.set_option(OPTION, self._speaks(result))
        super().v2_runner_item_on_ok(result)
        self.set_option(OPTION, bool(self._display.verbosity))

    def v2_playbook_on_include(self, included_file: t.Any) -> None:
        """Print which files are included with -v alone."""
        if self._display.verbosity:
            super().v2_playbook_on_include(included_file)
