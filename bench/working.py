"""What writing, starting, finding and remembering cost: publishing, the index, memory, the first answer."""

from __future__ import annotations

import logging
import re
import shutil
import statistics
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench import data, servers
from bench.figures import Figure
from bench.texts import Text, make
from content import actions, people, search, setup
from content.db import database
from content.items import KINDS, Item, Section, address
from content.settings import Settings
from portal.app import create_app

# What the worker finds waiting after about half a second of publishing without a pause.
BATCH = 50
SLOWEST_SEARCH = 10.0  # seconds until we give up waiting
WORDS = (
    "電梯",
    "電梯保養",
    "投诉",
    "物業 服務",
    "排水溝",
    "志願者 報名",
    "收費",
    "停车",
    "健身器材 清洗",
    "充電樁",
)


@contextmanager
def opened(settings: Settings) -> Iterator[None]:
    """The portal's database open in this process."""
    setup.open_portal(settings)
    try:
        yield
    finally:
        search.close(settings)
        database.close()


def newest_address(settings: Settings) -> str:
    """The page of the newest notice for everyone."""
    with opened(settings):
        query = Item.select().where(Item.kind == "notice", Item.state == "published", Item.audience == "")
        return address(query.order_by(Item.published_at.desc()).first())


def values(text: Text, number: int) -> dict[str, Any]:
    """The form of a notice as an editor would fill it in."""
    return {
        "title": f"{text.title}・{number}", "summary": text.summary, "script": text.script, "body": text.html,
        "issuer": "客服中心", "document_number": f"聯服〔2027〕{number}號",
    }  # fmt: skip


def publishing(settings: Settings, count: int) -> list[Figure]:
    """Create and publish notices one by one; after every ``BATCH`` bring them into the index as the worker does."""
    known, written, indexed = make(100, seed=23), [], 0.0
    with opened(settings):
        reviewer, place = people.find_person("reviewer"), Section.get(Section.title == data.SECTIONS[0])
        actions.publish_now(reviewer, "notice", place, values(known[0], 0))
        _index(settings)
        for number in range(1, count + 1):
            start = time.perf_counter()
            actions.publish_now(reviewer, "notice", place, values(known[number % len(known)], number))
            written.append(time.perf_counter() - start)
            if number % BATCH == 0 or number == count:
                indexed += _index(settings)
    mean = (sum(written) + indexed) / count * 1000
    note = (
        f"{statistics.mean(written) * 1000:.1f} ms create + publish, {indexed / count * 1000:.1f} ms index "
        f"(index_pending after every {BATCH}, its time shared out)"
    )
    return [Figure.most("create + publish + index, mean", mean, 10, "{:.1f} ms", note)]


def _index(settings: Settings) -> float:
    start = time.perf_counter()
    while search.index_pending(settings):
        pass
    return time.perf_counter() - start


def starting(settings: Settings) -> list[Figure]:
    """From the start of the process to the first whole page, with bytecode and disk warm; the first try warms them."""
    times = []
    for _ in range(6):
        start = time.perf_counter()
        with servers.portal(settings.data, worker=True, first="/notices/"):
            times.append(time.perf_counter() - start)
    middle = statistics.median(times[1:])
    return [Figure.most("start to first answer (list page)", middle, 1.0, "{:.2f} s", "median of 5")]


def remembering(settings: Settings, newest: str, size: int) -> list[Figure]:
    """Memory of the web process, worker inside, after some hundred pages and searches."""
    stem, last = newest.rpartition("/")[0], int(newest.rpartition("/")[2])
    pages = [f"{stem}/{number}" for number in range(last, max(last - 400, 0), -1)]
    lists = ["/", "/notices/", "/events/", "/services/", "/library/"] * 4
    asked = [f"/search?q={quote(word)}&n={n}" for n in range(10) for word in WORDS]
    answered = 0
    with servers.portal(settings.data, worker=True) as server:
        before = server.rss()
        for path in _mixed(pages, lists, asked):
            answered += server.get(path)[0] == 200
        after = server.rss()
    note = f"{before:.0f} MB at the start; {answered} pages, {len(asked)} of them searches"
    return [Figure.most(f"web process at {size} items", after, 120, "{:.0f} MB", note)]


def _mixed(*kinds: list[str]) -> Iterable[str]:
    """Paths of all kinds in turn, until each is used up."""
    longest = max(map(len, kinds))
    return (kind[n] for n in range(longest) for kind in kinds if n < len(kind))


def finding(settings: Settings) -> list[Figure]:
    """Publish beside the running server until its search page shows it; its worker does the rest."""
    times, text = [], make(1, seed=31)[0]
    with opened(settings), servers.portal(settings.data, worker=True) as server:
        reviewer, place = people.find_person("reviewer"), Section.get(Section.title == data.SECTIONS[0])
        server.get(f"/search?q={quote('電梯')}")
        for number in range(5):
            title = f"{text.title}編號{40_000 + number}"
            start = time.perf_counter()
            item = actions.publish_now(reviewer, "notice", place, {**values(text, number), "title": title})
            while address(item).encode() not in server.get(f"/search?q={40_000 + number}&t={time.time()}")[1]:
                if time.perf_counter() - start > SLOWEST_SEARCH:
                    raise servers.CannotRun(f"what was published is not found after {SLOWEST_SEARCH:.0f} s")
                time.sleep(0.02)
            times.append(time.perf_counter() - start)
    return [Figure.most("published to found, slowest of 5", max(times), 2.0, "{:.2f} s")]


def asking(settings: Settings) -> list[Figure]:
    """Queries of each page, counted in process; the worst is the figure."""
    counts: dict[str, int] = {}
    with opened(settings):
        number = Item.select(Item.id).where(Item.kind == "notice", Item.state == "published").scalar()
        paths = [
            "/",
            *(f"/{kind.address}/" for kind in KINDS.values() if kind.board),
            "/library/",
            "/browse/board",
        ]
        paths += [
            f"/notices/{number}",
            "/contact",
            "/browse/",
            f"/search?q={quote('電梯')}",
            "/notices/feed.atom",
        ]
        inside = [
            "/work/",
            f"/work/items/{number}/edit",
            f"/work/items/{number}/history",
            "/inbox/",
            "/account",
            "/staff/",
        ]
        app = create_app(Settings(data=settings.data, response_cache=False, worker=False))
        for who in ("visitor", "editor", "reviewer"):
            client = app.test_client()
            if who != "visitor":
                _sign_in(client, who)
            for path in paths if who == "visitor" else paths + inside:
                if client.get(path).status_code == 200:  # once before: the first page fills what is kept
                    with counted() as asked:
                        client.get(path)
                    counts[f"{path} ({who})"] = len(asked)
    worst = max(counts, key=lambda name: counts[name])
    note = f"{worst}; {len(counts)} pages looked at"
    return [Figure.most("queries of a page, most", counts[worst], 12, "{:.0f}", note)]


def _sign_in(client: Any, who: str) -> None:
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/login").get_data(as_text=True))
    given = {"csrf_token": token[1] if token else "", "username": who, "password": data.PASSWORD}
    if client.post("/login", data=given).status_code not in (302, 303):
        raise servers.CannotRun(f"the {who} cannot sign in")


class _Counter(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.asked.append(str(record.msg[0]))


@contextmanager
def counted() -> Iterator[list[str]]:
    """The SQL that Peewee sends within the block; what a page asks twice counts twice."""
    logger, counter = logging.getLogger("peewee"), _Counter()
    before = logger.level
    logger.setLevel(logging.DEBUG)
    logger.addHandler(counter)
    logger.propagate = False
    try:
        yield counter.asked
    finally:
        logger.removeHandler(counter)
        logger.setLevel(before)
        logger.propagate = True


def room_for(folder: Path, items: int) -> None:
    """Say at once if the disk cannot hold the portals. About 20 kB an item, index included."""
    needed = (items + 20_000) * 20_000
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise servers.CannotRun(
            f"{folder} has {free // 10**6} MB free; this needs about {needed // 10**6} MB"
        )
