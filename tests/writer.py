"""A process that writes without a pause and says of each commit that it is done; started to be killed.

``python -m tests.writer NAME`` with the portal's settings in the environment. A line of output is an
acknowledgement: what it names was committed before it was printed.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from content import actions, people, setup
from content.errors import Busy
from content.history import Revision
from content.items import Item
from content.settings import Settings
from tests.samples import SAMPLES


def told(item: Item, verb: str) -> None:
    """Print an acknowledgement, past every buffer."""
    last = Revision.select().where(Revision.item == item.id).order_by(Revision.number.desc()).first()
    line = {"uid": item.uid, "verb": verb, "revision": last.number, "title": last.data["title"]}
    os.write(1, json.dumps(line, ensure_ascii=False).encode() + b"\n")


def patient(write: Callable[[], Item]) -> Item:
    """Try again while another process writes."""
    while True:
        try:
            return write()
        except Busy:
            continue


def lives(name: str) -> Iterator[None]:
    """Item after item through what happens to it; each ``yield`` follows an acknowledged commit."""
    editor, reviewer = people.find_person("editor"), people.find_person("reviewer")
    board, library = setup.root("board"), setup.root("library")
    for number in itertools.count():
        kind = ("notice", "policy", "event")[number % 3]
        values: dict[str, Any] = {**SAMPLES[kind], "title": f"{SAMPLES[kind]['title']} {name}-{number}"}
        place = library if kind == "policy" else board
        item = patient(partial(actions.create, editor, kind, place, values))
        told(item, "item.created")
        yield
        item = patient(partial(_edited, editor, item, "改"))
        told(item, "item.edited")
        yield
        for person, step, verb in ((editor, "submit", "submitted"), (reviewer, "publish", "published")):
            item = patient(partial(actions.transition, person, item, step))
            told(item, f"item.{verb}")
            yield
        item = patient(partial(_edited, editor, item, "再改"))
        told(item, "item.edited")
        yield


def _edited(person: people.Person, item: Item, more: str) -> Item:
    stored = Item.get_by_id(item.id)
    title = f"{actions.working_values(stored)['title']} {more}"
    return actions.edit(person, stored, {"title": title}, version=stored.version)


if __name__ == "__main__":
    setup.open_portal(Settings.from_env())
    for _ in lives(sys.argv[1]):
        pass
