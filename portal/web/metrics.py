"""Figures for Prometheus: requests as counted by the outermost layer, and how the portal is, asked when somebody looks."""

from __future__ import annotations

import hmac
import logging
import sys
from collections.abc import Iterator
from typing import Any

from flask import Request
from peewee import PeeweeException

from content import moment, vitals
from content.late import Late
from content.settings import Settings
from content.vitals import Vitals
from portal.web.observing import BUCKETS, Tally

log = logging.getLogger(__name__)
prometheus: Any = Late("prometheus_client")
families: Any = Late("prometheus_client.core")

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# Whoever sends one of these is not this machine itself, but somebody whom a web server in front let through.
_FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Real-IP", "Via")
_HERE = ("127.0.0.1", "::1", "::ffff:127.0.0.1")


def may_ask(settings: Settings, request: Request) -> bool:
    """Whether this request may see the figures: it has the word, or there is none and it comes from here."""
    if settings.metrics_token:
        kind, _, word = request.headers.get("Authorization", "").partition(" ")
        given, wanted = word.strip().encode(), settings.metrics_token.encode()
        return kind.lower() == "bearer" and hmac.compare_digest(given, wanted)
    if any(name in request.headers for name in _FORWARDED):
        return False
    return request.remote_addr in _HERE


def exposition(settings: Settings, tally: Tally) -> bytes:
    """All figures in the text format of Prometheus."""
    registry = prometheus.CollectorRegistry()
    registry.register(_Figures(settings, tally))
    if sys.platform == "linux":
        prometheus.ProcessCollector(registry=registry)
    found: bytes = prometheus.generate_latest(registry)
    return found


class _Figures:
    def __init__(self, settings: Settings, tally: Tally) -> None:
        self.settings, self.tally = settings, tally

    def describe(self) -> list[Any]:
        return []

    def collect(self) -> Iterator[Any]:
        yield from _requests(self.tally)
        try:
            found = vitals.vitals(self.settings)
        except (PeeweeException, OSError) as error:
            log.error("the figures of the portal cannot be asked: %s", error)
            yield _gauge("up", "Whether the database answers", 0)
            return
        yield _gauge("up", "Whether the database answers", 1)
        yield from _state(found)


def _requests(tally: Tally) -> Iterator[Any]:
    labels = ("method", "route", "status")
    times = families.HistogramMetricFamily(
        "lianxi_request_seconds", "Requests by route and how long they took", labels=labels
    )
    for (method, route, status), counts in tally.snapshot():
        total, buckets = 0.0, []
        for end, count in zip((*map(str, BUCKETS), "+Inf"), counts[:-1], strict=True):
            total += count
            buckets.append((end, total))
        times.add_metric((method, route or "none", str(status)), buckets=buckets, sum_value=counts[-1])
    yield times
    yield _gauge("requests_in_progress", "Requests being answered now", tally.under_way)
    asked = families.CounterMetricFamily(
        "lianxi_page_cache", "Pages for visitors, by whether the cache had them", labels=("result",)
    )
    asked.add_metric(("hit",), tally.kept)
    asked.add_metric(("miss",), tally.made)
    yield asked


def _state(found: Vitals) -> Iterator[Any]:
    waiting = {name: count for name, count in found.waiting.items() if name != "index"}
    yield _by("outbox_waiting", "Messages to deliver, by channel", "channel", {"mail": 0, **waiting})
    yield _by("outbox_failed", "Messages given up, by channel", "channel", {"mail": 0, **found.failed})
    yield _gauge("index_pending", "Changes on their way into the search index", found.waiting.get("index", 0))
    yield _by("items", "Items by state, without the trash", "state", found.items)
    yield _by("open_matters", "Matters that are not settled, by desk", "desk", found.open_cases)
    yield _gauge("database_bytes", "Size of the database with its log", found.database_size)
    yield _gauge("files", "Uploads that the database knows", found.files)
    yield _gauge("files_bytes", "Size of these uploads", found.files_size)
    yield _gauge("disk_free_bytes", "Room on the disk of the data folder", found.disk_free)
    now = moment.now()
    if found.pulse is not None:
        age = (now - found.pulse).total_seconds()
        yield _gauge("worker_pulse_age_seconds", "Since the worker said that it lives", age)
    yield _gauge("worker_alive", "Whether the worker said so lately", int(found.worker_alive))
    if found.backup is not None:
        age = (now - found.backup.at).total_seconds()
        yield _gauge("backup_age_seconds", "Since the last backup was made", age)


def _gauge(name: str, help: str, value: float) -> Any:
    return families.GaugeMetricFamily(f"lianxi_{name}", help, value=value)


def _by(name: str, help: str, label: str, values: dict[str, int]) -> Any:
    made = families.GaugeMetricFamily(f"lianxi_{name}", help, labels=(label,))
    for value, count in sorted(values.items()):
        made.add_metric((value,), count)
    return made
