"""What a visitor's page costs: from the cache and without it, beside a bare view, and at another size."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from bench import servers
from bench.client import LONGEST
from bench.figures import Figure
from bench.servers import ROOT, Server
from content.settings import Settings

ROUNDS = 3
WARM_UP = 0.5  # seconds
CONNECTIONS = 8
LIST = "/notices/"
PAGES = ("page", "list")
# What a bare view did on the machine where Plone and Wagtail were measured; 300/s is meant for that one.
PEERS_BARE = 3_600
Rates = dict[tuple[str, str], list[float]]  # (server, page) → requests per second, round by round


def measure(
    small: Settings, large: Settings, newest: Callable[[Settings], str], folder: Path, seconds: float
) -> list[Figure]:
    """All servers stand side by side and are asked in turn, so that what else the machine does meets all alike."""
    paths = {
        "small": {"page": newest(small), "list": LIST},
        "large": {"page": newest(large), "list": LIST},
    }
    with ExitStack() as stack:
        start = stack.enter_context
        running = {
            ("large", "cached"): start(servers.portal(large.data)),
            ("large", "uncached"): start(servers.portal(large.data, cache=False)),
            ("small", "uncached"): start(servers.portal(small.data, cache=False)),
        }
        for name in PAGES:
            status, body = running["large", "uncached"].get(paths["large"][name])
            if status != 200:
                raise servers.CannotRun(f"{paths['large'][name]} was answered with {status}")
            (folder / f"{name}.html").write_bytes(body)
        plain = start(servers.bare(folder, Settings().threads))
        rates: Rates = {}
        for _ in range(ROUNDS):
            for name in PAGES:
                rates.setdefault(("bare", name), []).append(rate(plain, f"/{name}", seconds))
                for (size, how), server in running.items():
                    found = rate(server, paths[size][name], seconds)
                    rates.setdefault((f"{size} {how}", name), []).append(found)
    return _figures(rates)


def rate(server: Server, path: str, seconds: float) -> float:
    """Requests per second, measured by a client in a process of its own, after a warm-up."""
    _client(server, path, WARM_UP)
    return _client(server, path, seconds)


def _client(server: Server, path: str, seconds: float) -> float:
    command = [sys.executable, "-m", "bench.client", str(server.port), path]
    command += ["--seconds", str(seconds), "--connections", str(CONNECTIONS)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST + 30, check=False
    )
    if done.returncode:
        raise servers.CannotRun(f"the client failed on {path}: {done.stderr.strip().splitlines()[-1:]}")
    return float(json.loads(done.stdout)["rate"])


def _figures(rates: Rates) -> list[Figure]:
    found = []
    for name in PAGES:
        what = "notice page" if name == "page" else "list of the latest 20"
        plain = statistics.median(rates["bare", name])
        cached, uncached = rates["large cached", name], rates["large uncached", name]
        found += [
            Figure(f"{what}: bare view", f"{plain:.0f}/s"),
            Figure.least(f"{what}: cached / bare", _ratio(cached, rates["bare", name]), 0.40, "{:.0%}",
                         f"{statistics.median(cached):.0f}/s"),
            Figure.least(f"{what}: uncached / bare", _ratio(uncached, rates["bare", name]), 0.10, "{:.1%}"),
            Figure.least(f"{what}: uncached", statistics.median(uncached), 300, "{:.0f}/s",
                         f"{_ratio(uncached, rates['bare', name]) * PEERS_BARE:.0f}/s where a bare view does {PEERS_BARE:,}/s"),
            Figure.least(f"{what}: large / small", _ratio(uncached, rates["small uncached", name]), 0.70, "{:.0%}"),
        ]  # fmt: skip
    return found


def _ratio(some: list[float], others: list[float]) -> float:
    """The median of the ratios round by round: neighbours in time are compared."""
    return statistics.median(a / b for a, b in zip(some, others, strict=True))
