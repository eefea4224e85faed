"""What matters cost: a desk's list with many of them, one sent in with two photos, a hundred residents at once."""

from __future__ import annotations

import io
import random
import re
import statistics
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from PIL import Image

from bench import servers
from bench.client import HOST
from bench.figures import Figure
from content import moment, people, setup
from content.cases import Case
from content.db import database, transaction
from content.people import Community, Site
from content.settings import Settings
from portal.app import create_app

PASSWORD = "for-the-bench-only"
FEW, MANY = 1_000, 100_000
CHUNK = 500
LISTS = 60  # openings of a desk's list
SENT = 12  # matters sent in
RESIDENTS = 100
PAUSE = 2.0  # seconds between a resident's pages
PAGES = ("/", "/notices/", "/report", "/report/repair", "/fees/")
_STATES = ("closed",) * 17 + ("received", "in_hand", "answered")


def build(folder: Path, size: int) -> Settings:
    """A portal with so many matters, filled by bulk inserts; one in seven is still open."""
    settings = Settings(data=folder)
    setup.open_portal(settings)
    receptionist = people.add_person("receptionist", "receptionist", PASSWORD)
    people.give_role(receptionist, "receptionist")
    community = Community.create(site=Site.get(), name="東苑")
    with transaction():
        for start in range(0, size, CHUNK):
            rows = [_row(n, size, community, receptionist) for n in range(start, min(start + CHUNK, size))]
            Case.insert_many(rows).execute()
    database.execute_sql("ANALYZE")
    database.close()
    return settings


def _row(n: int, size: int, community: Community, receptionist: people.Person) -> dict[str, Any]:
    at = moment.now() - timedelta(minutes=5 * (size - n))
    state = _STATES[n % len(_STATES)]
    done = at if state in ("answered", "closed") else None
    category, desk = (("repair", "repairs"), ("complaint", "complaints"), ("suggestion", "suggestions"))[
        n % 3
    ]
    words = f"{n} 樓道三樓的燈不亮，晚上要摸著扶手上去，請來看看。"
    return {
        "number": f"{at:%Y%m%d}-{n:06}", "uid": uuid.uuid4().hex, "code": "ABCD2345", "category": category,
        "desk": desk, "state": state, "channel": "phone", "community": community, "place": f"{n % 20 + 1}棟門廳",
        "original": words, "words": words, "caller_name": "王女士", "first_receiver": receptionist,
        "opened_at": at, "changed_at": at, "answered_at": done, "closed_at": at if state == "closed" else None,
    }  # fmt: skip


def measure(folder: Path, few: int = FEW, many: int = MANY) -> list[Figure]:
    """All figures of matters."""
    small, large = build(folder / "few", few), build(folder / "many", many)
    before, asked = _lists(small)
    after, asked_large = _lists(large)
    return [
        Figure.most(f"desk's list: {many} / {few} matters", after / before, 1.3, "{:.0%}", f"{after:.1f} ms"),
        Figure.most("queries of a desk's list", max(asked, asked_large), 12, "{:.0f}"),
        Figure.most("a matter with two photos, median", _sending(large), 300, "{:.0f} ms"),
        *_together(large),
    ]


@contextmanager
def _signed_in(settings: Settings) -> Iterator[Any]:
    app = create_app(settings)
    client = app.test_client()
    form = {"csrf_token": _token(client, "/login"), "username": "receptionist", "password": PASSWORD}
    client.post("/login", data=form)
    try:
        yield client
    finally:
        database.close()


def _token(client: Any, path: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(path).get_data(as_text=True))
    if found is None:
        raise servers.CannotRun(f"{path} has no form")
    return found.group(1)


def _lists(settings: Settings) -> tuple[float, int]:
    """Milliseconds of a desk's list, the median, and its queries."""
    with _signed_in(settings) as client:
        took = [_timed(lambda: client.get("/desk/repairs/")) for _ in range(LISTS + 5)][5:]
        asked: list[str] = []
        plain = database.obj.execute_sql
        database.obj.execute_sql = lambda sql, *args, **more: (asked.append(sql), plain(sql, *args, **more))[
            1
        ]
        try:
            if client.get("/desk/repairs/").status_code != 200:
                raise servers.CannotRun("the desk's list was refused")
        finally:
            del database.obj.execute_sql
    return statistics.median(took), len(asked)


def _timed(act: Callable[[], Any]) -> float:
    start = time.perf_counter()
    act().close()
    return (time.perf_counter() - start) * 1000


def _photo(seed: int) -> bytes:
    """Twelve million pixels with some grain, as a telephone takes them: about 2 MB."""
    grain = Image.effect_noise((1000, 750), 40 + seed % 7).resize((4000, 3000)).convert("RGB")
    made = io.BytesIO()
    grain.save(made, "JPEG", quality=80)
    return made.getvalue()


def _sending(settings: Settings) -> float:
    """Milliseconds until a resident's form with two photos is answered, the median."""
    photos, took = [_photo(seed) for seed in range(2)], []
    with _signed_in(settings) as client:
        for number in range(SENT):
            page = client.get("/report/repair").get_data(as_text=True)
            fields = dict(re.findall(r'name="(csrf_token|key)"[^>]*value="([^"]+)"', page))
            # Other pictures each time, so that none is known already.
            files = [
                (io.BytesIO(one + bytes([number, place])), f"{place}.jpg") for place, one in enumerate(photos)
            ]
            form = {**fields, "kind": "water", "place": "廚房", "words": "水管滴水。", "photos": files,
                    "caller_name": "王女士", "caller_telephone": "13800138000"}  # fmt: skip
            start = time.perf_counter()
            answer = client.post("/report/repair", data=form)
            took.append((time.perf_counter() - start) * 1000)
            if answer.status_code != 303:
                raise servers.CannotRun(f"the matter was answered with {answer.status_code}")
    return statistics.median(took[2:])


def _together(settings: Settings) -> list[Figure]:
    """A hundred residents at once, each opening a page every other second, for five pages."""
    took: list[float] = []
    failed: list[str] = []

    def resident(url: str, number: int) -> None:
        chance = random.Random(number)
        time.sleep(chance.random() * PAUSE)
        for place in range(len(PAGES)):
            start = time.perf_counter()
            try:
                with urllib.request.urlopen(url + PAGES[(number + place) % len(PAGES)], timeout=30) as answer:
                    answer.read()
            except OSError as error:
                failed.append(str(error))
            took.append((time.perf_counter() - start) * 1000)
            time.sleep(PAUSE * (0.5 + chance.random()))

    with servers.portal(settings.data) as server:
        url = f"http://{HOST}:{server.port}"
        people_now = [threading.Thread(target=resident, args=(url, n)) for n in range(RESIDENTS)]
        for one in people_now:
            one.start()
        for one in people_now:
            one.join()
    p95 = statistics.quantiles(took, n=20)[-1]
    return [
        Figure.most(f"{RESIDENTS} residents at once: 95 of 100 pages within", p95, 500, "{:.0f} ms"),
        Figure.most(
            f"{RESIDENTS} residents at once: errors", len(failed), 0, "{:.0f}", "; ".join(failed[:1])
        ),
    ]
