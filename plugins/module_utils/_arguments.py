# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""An AnsibleModule whose results show no secret, however its option is spelt, and whose texts are Unicode.

Ansible hides the values of options that are marked as secrets.  It does not know that `auth_passs` was meant for one,
and shows its value in `invocation`.
"""

from __future__ import annotations

import re
import typing as t

from ansible.module_utils.basic import AnsibleModule

HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"  # as Ansible writes it
SURROGATE = re.compile("[\ud800-\udfff]")

OF_THE_GROUP = ("config_dir", "runtime_dir", "install_dir", "lvsd_path", "allow_faults")
"""What module_defaults of the action group may set for all modules, also those that have no use for it."""

Spec = t.Mapping[str, t.Mapping[str, t.Any]]


class DirectorModule(AnsibleModule):
    """`shapes` are the options of the dictionaries that `argument_spec` leaves open."""

    def __init__(
        self, argument_spec: t.Dict[str, t.Any], shapes: t.Optional[t.Mapping[str, Spec]] = None, **more: t.Any
    ):
        shapes = shapes or {}
        self._shape = {
            name: {**option, "options": shapes[name]} if name in shapes else option
            for name, option in argument_spec.items()
        }
        self._no_text: t.List[str] = []
        super().__init__(argument_spec=argument_spec, **more)
        if self._no_text:
            self.fail_json(msg=f"{self._no_text[0]}; nothing has changed")

    def _load_params(self) -> None:
        super()._load_params()
        for name in OF_THE_GROUP:
            if name not in self._shape:
                self.params.pop(name, None)
        arguments = {name: value for name, value in self.params.items() if not name.startswith("_ansible_")}
        self._no_text = [f"{place}: {reason}" for place, reason in not_unicode(arguments)]
        if self._no_text:
            self.params = escaped(self.params)
        self.no_log_values.update(beside_secrets(arguments, self._shape))

    def exit_json(self, **kwargs: t.Any) -> t.NoReturn:
        """End with a result whose invocation shows no secret."""
        super().exit_json(**{"invocation": self._invocation(), **kwargs})

    def fail_json(self, msg: str, **kwargs: t.Any) -> t.NoReturn:
        """End with a failure whose invocation shows no secret."""
        super().fail_json(msg, **{"invocation": self._invocation(), **kwargs})

    def _invocation(self) -> t.Dict[str, t.Any]:
        return {"module_args": shown(self.params, self._shape)}


def shown(arguments: t.Mapping[str, t.Any], spec: Spec) -> t.Dict[str, t.Any]:
    """The arguments for a result: without the values of what is no option, and of what is no dictionary where a secret
    is in one."""
    return {
        name: _shown(value, spec.get(name)) for name, value in arguments.items() if not name.startswith("_ansible_")
    }


def _shown(value: t.Any, option: t.Optional[t.Mapping[str, t.Any]]) -> t.Any:
    if option is None:
        return HIDDEN
    options = option.get("options")
    if options is None or value is None:
        return value
    if isinstance(value, dict):
        return shown(value, options)
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return [shown(item, options) for item in value]
    return HIDDEN if has_secret(options) else value


def has_secret(spec: Spec) -> bool:
    """Whether one of the options is a secret, at any depth."""
    return any(option.get("no_log") or has_secret(option.get("options") or {}) for option in spec.values())


def beside_secrets(arguments: t.Any, spec: Spec) -> t.Iterator[str]:
    """The values given in the dictionaries that hold a secret, which may be one at the wrong place, as texts.

    A value that its option allows by name is none.
    """
    for each in arguments if isinstance(arguments, list) else [arguments]:
        if not isinstance(each, dict):
            continue
        holds = any(option.get("no_log") for option in spec.values())
        for name, value in each.items():
            option = spec.get(name, {})
            is_told = value in ("", None) or isinstance(value, bool) or value in (option.get("choices") or [])
            if holds and isinstance(value, (str, int, float)) and not is_told:
                yield str(value)
            yield from beside_secrets(value, option.get("options") or {})


def not_unicode(value: t.Any, place: str = "") -> t.Iterator[t.Tuple[str, str]]:
    """Where a text is none, and why: a lone surrogate, which no encoding can write."""
    if isinstance(value, str):
        found = SURROGATE.search(value)
        if found:
            yield place or "the arguments", f"no Unicode text, character {found.start() + 1} is a lone surrogate"
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from not_unicode(name, f"{escaped(place)} (a name in it)")
            yield from not_unicode(inner, f"{place}.{escaped(name)}" if place else str(escaped(name)))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from not_unicode(inner, f"{place}[{number}]")


def escaped(value: t.Any) -> t.Any:
    """The value with each lone surrogate as an escape that can be written."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {escaped(name): escaped(inner) for name, inner in value.items()}
    return [escaped(inner) for inner in value] if isinstance(value, list) else value
