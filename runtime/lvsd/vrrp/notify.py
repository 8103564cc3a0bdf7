# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is told of a transition: the log, the events, and the notify scripts in keepalived's words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from lvsd.model import Command, Notify, SyncGroup
from lvsd.programs.notifier import Notifier

from .deferred import Deferred
from .instance import Instance, Transition
from .sync_group import state_of

Say = Callable[..., object]
LOWER_EVERY = 10.0  # seconds between two runs of notify_master_rx_lower_pri: who sends must not start our programs
NO_SCRIPTS = Notify()
GROUP_WORDS = {"Active": "MASTER", "Backup": "BACKUP", "Initialize": "FAULT"}


class Scripts:
    """Members are told before their group; each has its own queue.  First the log, then the scripts."""

    def __init__(self, notifier: Notifier, say: Say, deferred: Deferred, wall: Callable[[], float]) -> None:
        self.notifier = notifier
        self.say = say
        self.deferred = deferred
        self.wall = wall
        self._groups: dict[str, str] = {}
        self._lower: dict[str, bool] = {}  # instances whose lower_heard has run lately: whether there was more

    def tell(
        self, transitions: Sequence[Transition], groups: Iterable[SyncGroup], instances: Sequence[Instance]
    ) -> None:
        """Soon: of what has been decided now."""
        if not transitions:
            return
        now = self.wall()
        for transition in transitions:
            self.deferred.add(partial(self._tell, transition, now))
        words = {t.instance.group.name: t.word for t in transitions if t.instance.group is not None}
        for group in groups:
            if group.name in words and (told := self._group_word(group, instances, words[group.name])):
                self.deferred.add(partial(self._tell_group, group, told, now))

    def deleted(self, groups: Iterable[SyncGroup]) -> None:
        """A reload has removed these sync groups; their members have been told already."""
        now = self.wall()
        for group in groups:
            self._groups.pop(group.name, None)
            self.deferred.add(partial(self._tell_group, group, "DELETED", now))

    def lower_heard(self, instance: Instance) -> None:
        """notify_master_rx_lower_pri: another Active Router was heard, that is no better.

        keepalived runs it for each packet; here one run stands for all that were heard in LOWER_EVERY.
        """
        command = instance.router.notify.active_rx_lower_priority
        if command is None:
            return
        if instance.name in self._lower:
            self._lower[instance.name] = True
            return
        self._lower[instance.name] = False
        self.deferred.add(lambda: self.notifier.run(instance.name, command))
        self.deferred.loop.call_later(LOWER_EVERY, lambda: self._lower_again(instance))

    def _lower_again(self, instance: Instance) -> None:
        """Once more for what was heard since the last run."""
        if self._lower.pop(instance.name) and instance.active:
            self.lower_heard(instance)

    def _tell(self, transition: Transition, when: float) -> None:
        instance = transition.instance
        state = type(transition.after).__name__
        self.say("state", instance.name, str(transition), state=state, why=transition.why, time=when)
        arguments = ("INSTANCE", instance.name, transition.told, str(instance.vr.priority))
        self._run(instance.name, instance.router.notify, transition.told, arguments)

    def _group_word(self, group: SyncGroup, instances: Sequence[Instance], word: str) -> str:
        """What a sync group is told; "" for what it knows already."""
        members = [i.state for i in instances if i.group is not None and i.group.name == group.name]
        told = word if word == "STOP" or not members else GROUP_WORDS[state_of(members)]
        if self._groups.get(group.name) == told:
            return ""
        self._groups[group.name] = told
        return told

    def _tell_group(self, group: SyncGroup, told: str, when: float) -> None:
        self.say("state", group.name, f"{group.name}: {told} (sync group)", state=told, time=when)
        self._run(f"group {group.name}", group.notify, told, ("GROUP", group.name, told, "0"))

    def _run(self, key: str, notify: Notify, word: str, arguments: tuple[str, ...]) -> None:
        if notify != NO_SCRIPTS:  # a state without one ends the waiting of those of former states
            specific, general = scripts(notify, word)
            self.deferred.add(lambda: self.notifier.tell(key, [(specific, ()), (general, arguments)]))


def scripts(notify: Notify, word: str) -> tuple[Command | None, Command | None]:
    """The specific script of a state, and the general one."""
    specific = {
        "MASTER": notify.active,
        "BACKUP": notify.backup,
        "FAULT": notify.fault,
        "STOP": notify.stop,
        "DELETED": notify.deleted,
    }
    return specific[word], notify.any
