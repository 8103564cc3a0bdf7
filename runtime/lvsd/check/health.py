# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From probe results to up or down: one value per check.

keepalived's rules: a failure counts once `retry` further tries, `delay_before_retry` apart, have failed too;
the first check after the start counts at once; a recovery counts at once (there is no `rise`).
A check of several URLs looks at one per `delay_loop`; when one has failed it is the next one again, and the
check is up once every URL has passed since.  An attempt that our side could not make (no descriptor left, an address
that is not here now) says nothing about the server: everything stays, and the next one is due after `delay_loop`, as
in keepalived.  (keepalived 2.2.7 looks at the failed URL once more before it goes through
all, so that even a single URL has to pass twice.)

Pure: time comes in as `now` (monotonic seconds) and goes out as `probe_at`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from lvsd.record import record


@record(frozen=True, slots=True, kw_only=True)
class CheckTimes:
    """When a check is run, after inheritance; seconds.  `connect_timeout` of a MISC_CHECK is its `misc_timeout`."""

    connect_timeout: float = 5.0
    retry: int = 1
    delay_before_retry: float = 1.0
    delay_loop: float = 60.0
    warmup: float = 60.0
    alpha: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """How one probe ended; `latency` in seconds, `weight` from a dynamic MISC_CHECK.

    Not `looked`: the probe says nothing about the server, for the reason in `detail`, which is on our side.
    """

    passed: bool
    detail: str
    latency: float = 0.0
    weight: int | None = None
    looked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What is known of one check."""

    up: bool
    probe_at: float  # monotonic seconds
    observed: bool = False  # a verdict of its own, not only what was assumed at the start
    failures: int = 0  # in a row
    passes: int = 0  # in a row
    url: int = 0  # which URL is next
    weight: int | None = None  # what a dynamic check asks for; None: the configured one
    detail: str = "not checked yet"
    latency: float | None = None
    blind: bool = False  # the last attempt could not look


def start(schedule: CheckTimes, now: float, phase: float, up: bool | None = None) -> Health:
    """A check that has not run: up unless `alpha`, or as `up` says; first probe after `phase` (0..1) of `warmup`."""
    return Health(up=not schedule.alpha if up is None else up, probe_at=now + phase * schedule.warmup)


def resume(schedule: CheckTimes, known: Health, now: float, phase: float) -> Health:
    """A check whose results a predecessor has left: it goes on at its own time, which is the same after every restart
    (`now` is on the clock of this boot), and soon where it was between two tries."""
    period = max(schedule.delay_loop, 1e-6)
    pause = (phase * period - now) % period
    if known.up and known.failures:
        pause = min(pause, schedule.delay_before_retry)
    return replace(known, probe_at=now + pause)


def telling(health: Health) -> tuple[object, ...]:
    """What of a result counts for the next process: not when it was, and not how often a failed check has failed."""
    return health.up, health.observed, health.failures if health.up else None, health.weight


def observe(
    schedule: CheckTimes, health: Health, result: Result, now: float, urls: int = 1, fast_recovery: bool = False
) -> Health:
    """Fold one result in; `urls` is how many the check has."""
    if not result.looked:
        detail = f"could not look: {result.detail}"
        return replace(health, blind=True, detail=detail, latency=None, probe_at=now + schedule.delay_loop)
    if not result.passed:
        return failed(schedule, health, result, now)
    passes = health.passes + 1
    complete = passes >= urls
    hurry = fast_recovery and not complete and not (health.up and health.observed)
    return Health(
        up=health.up or complete,
        observed=health.observed or complete,
        passes=min(passes, urls),
        url=(health.url + 1) % urls,
        weight=result.weight,
        probe_at=now if hurry else now + schedule.delay_loop,
        detail=result.detail,
        latency=result.latency,
    )


def failed(schedule: CheckTimes, health: Health, result: Result, now: float) -> Health:
    """One more failure: try again soon while retries are left, else down."""
    failures = health.failures + 1
    retry = health.up and health.observed and failures <= schedule.retry
    pause = schedule.delay_before_retry if retry else max(schedule.delay_before_retry, schedule.delay_loop)
    return Health(
        up=retry,
        observed=True,
        failures=failures,
        url=health.url,
        weight=health.weight if retry else None,
        probe_at=now + pause,
        detail=result.detail,
        latency=result.latency,
    )
