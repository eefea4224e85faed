"""The bench runs and measures everything it promises. What it measures is not judged here: no timing in tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bench.figures import Figure, table

ROOT = Path(__file__).parents[1]


def test_a_figure_knows_its_target_and_the_table_says_so() -> None:
    fine, slow = Figure.least("rate", 400, 300, "{:.0f}/s"), Figure.most("time", 12.4, 10, "{:.1f} ms")
    assert fine.met
    assert not slow.met
    lines = table([fine, slow, Figure("context", "1")]).splitlines()
    assert [line.split()[-1] for line in lines] == ["target", "ok", "below", "1"]


@pytest.mark.slow
def test_the_bench_measures_all_it_promises() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--quick"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for name in ("cached / bare", "uncached / bare", "large / small", "queries", "first answer", "web process",
                 "create + publish + index", "published to found", "desk's list", "two photos",
                 "residents at once", "beside a backup"):  # fmt: skip
        assert name in done.stdout, done.stdout
