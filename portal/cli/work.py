"""``lianxi work``: the worker in a process of its own."""

from __future__ import annotations

import logging
import signal
import threading

import click

from content.worker import Worker
from portal.cli.common import note, open_portal, read_settings, reports
from portal.web.i18n import say


@click.command("work")
@click.option("--once", is_flag=True, help="Do what is due now and end.")
@reports
def command(once: bool) -> None:
    """Run what is due: dated steps, search index, messages. For LIANXI_WORKER=0, where `serve` runs none.

    While another worker runs, this one waits to take over.
    """
    open_portal(logging.INFO)
    worker = Worker(read_settings(), say)
    if once:
        done = 0
        while round := worker.run_once():
            done += round
        note(f"{done} done")
        return
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    note("working")
    worker.run(stop)
