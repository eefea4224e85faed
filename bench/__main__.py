"""``python -m bench``: measure, print the table. Status 0 unless something cannot run; ``--strict``: 1 below a target."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import backoffice, data, keeping, matters, reading, working
from bench.client import BadAnswer
from bench.figures import Figure, table
from bench.servers import CannotRun

SMALL = 200
MIDDLE = 20_000  # for memory, publishing and search


def main() -> int:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="The speed of the portal, as ratios in one run."
    )
    parser.add_argument(
        "--items", type=int, default=50_000, help="items of the large portal (200000 takes some minutes)"
    )
    parser.add_argument(
        "--quick", action="store_true", help="small portals and short runs: to see that it works"
    )
    parser.add_argument("--strict", action="store_true", help="exit with 1 if a figure is below its target")
    given = parser.parse_args()
    items, middle, seconds = (2_000, 2_000, 0.5) if given.quick else (max(given.items, SMALL), MIDDLE, 2.0)
    try:
        with tempfile.TemporaryDirectory(prefix="lianxi-bench-") as folder:
            working.room_for(Path(folder), items)
            figures = _measured(Path(folder), items, middle, seconds)
    except (CannotRun, BadAnswer) as error:
        print(f"cannot measure: {error}", file=sys.stderr)
        return 2
    print(table(figures))
    below = [one for one in figures if not one.met]
    print(f"{len(below)} below target" if below else "all targets met")
    return 1 if below and given.strict else 0


def _measured(folder: Path, items: int, middle: int, seconds: float) -> list[Figure]:
    pages = folder / "pages"
    pages.mkdir()
    with _step(f"portals of {SMALL}, {middle} and {items} items"):
        small = data.build(folder / "small", SMALL)
        large = data.build(folder / "large", items)
        medium = data.build(folder / "medium", middle, indexed=True)
    newest = working.newest_address(medium)
    steps: dict[str, Callable[[], list[Figure]]] = {
        f"pages, {SMALL} and {items} items": lambda: reading.measure(
            small, large, working.newest_address, pages, seconds
        ),
        "queries of a page": lambda: working.asking(medium),
        "first answer": lambda: working.starting(medium),
        "memory": lambda: working.remembering(medium, newest, middle),
        "publishing": lambda: working.publishing(medium, 100 if seconds < 1 else 300),
        "published to found": lambda: working.finding(medium),
        "matters": lambda: matters.measure(folder / "matters", *((100, 1_000) if seconds < 1 else ())),
        "back office": lambda: backoffice.measure(
            folder / "office", *((2_000, 1_000) if seconds < 1 else (200_000, 100_000))
        ),
        "backup": lambda: keeping.measure(folder / "kept", *((200, 40) if seconds < 1 else (7_000, 1_000))),
    }
    figures = []
    for name, step in steps.items():
        with _step(name):
            figures += step()
    return figures


@contextmanager
def _step(name: str) -> Iterator[None]:
    print(f"{name} … ", end="", file=sys.stderr, flush=True)
    start = time.perf_counter()
    try:
        yield
    except BaseException:
        print("failed", file=sys.stderr)
        raise
    print(f"{time.perf_counter() - start:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
