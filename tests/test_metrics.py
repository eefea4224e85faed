"""Health and figures: told to machines that may ask, counted without a write, right at the boundary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from content import actions, moment, pulse, vitals
from content.db import database
from content.history import AuditEntry
from content.items import address
from content.outbox import Outgoing
from content.settings import Settings
from portal.app import create_app
from tests.conftest import notice
from tests.forms import counted
from tests.matters import sent

Clock = Callable[[timedelta], None]


def figures(client: Any) -> dict[str, Any]:
    """Name → value, with labels as a frozen set of pairs where there are any."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    found: dict[str, Any] = {}
    for family in text_string_to_metric_families(answer.get_data(as_text=True)):
        for sample in family.samples:
            key = sample.name + "".join(f" {name}={value}" for name, value in sorted(sample.labels.items()))
            found[key] = sample.value
    return found


def test_requests_are_counted_by_route_and_the_cache_by_result(app: Any, house: SimpleNamespace) -> None:
    item = actions.publish_now(house.reviewer, "notice", house.board, notice())
    client = app.test_client()
    for _ in range(3):
        client.get(address(item))
    client.get("/nowhere/at/all")
    found = figures(client)
    name = "lianxi_request_seconds_count method=GET route=/<kind:kind>/<slug> status=200"
    assert found[name] == 3, sorted(found)
    assert found["lianxi_request_seconds_count method=GET route=none status=404"] == 1
    assert found["lianxi_request_seconds_bucket le=+Inf method=GET route=none status=404"] == 1
    assert found["lianxi_page_cache_total result=hit"] == 2
    assert found["lianxi_page_cache_total result=miss"] >= 1
    assert found["lianxi_requests_in_progress"] == 1  # this one
    assert not any(address(item) in key for key in found)


def test_an_unknown_method_makes_no_new_series(app: Any) -> None:
    client = app.test_client()
    for method in ("BREW", "SMELL", "TASTE"):
        client.open("/", method=method)
    assert figures(client)["lianxi_request_seconds_count method=OTHER route=none status=405"] == 3


def test_what_waits_and_what_there_is(app: Any, house: SimpleNamespace, settings: Settings) -> None:
    actions.create(house.editor, "notice", house.board, notice())
    actions.publish_now(house.reviewer, "notice", house.board, notice("停電"))
    sent(None, "repair")
    now = moment.now()
    Outgoing.create(channel="mail", context={}, created_at=now, due_at=now - timedelta(minutes=3))
    Outgoing.create(channel="mail", context={}, created_at=now, due_at=now, failed_at=now)
    Outgoing.create(channel="mail", context={}, created_at=now, due_at=now, sent_at=now)
    found = figures(app.test_client())
    assert found["lianxi_up"] == 1
    assert found["lianxi_outbox_waiting channel=mail"] == 1
    assert found["lianxi_outbox_failed channel=mail"] == 1
    assert found["lianxi_index_pending"] >= 1
    assert found["lianxi_items state=draft"] == 1
    assert found["lianxi_items state=published"] == 1
    assert sum(value for key, value in found.items() if key.startswith("lianxi_open_matters")) == 1
    assert found["lianxi_database_bytes"] > 0
    assert found["lianxi_worker_alive"] == 0
    assert vitals.vitals(settings).oldest_waiting == now - timedelta(minutes=3)


def test_the_figures_cost_few_queries_and_no_write(app: Any, house: SimpleNamespace) -> None:
    for number in range(20):
        actions.publish_now(house.reviewer, "notice", house.board, notice(f"第{number}號"))
    client = app.test_client()
    client.get("/metrics")
    before = AuditEntry.select().count()
    with counted() as queries:
        client.get("/metrics")
    assert len(queries) <= 9
    assert not [
        one for one in queries if str(one).upper().lstrip("('").startswith(("INSERT", "UPDATE", "DELETE"))
    ]
    assert AuditEntry.select().count() == before


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Via", "X-Forwarded-Host", "X-Forwarded-Proto"]
)
def test_without_a_word_only_this_machine_may_ask(client: Any, header: str) -> None:
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.4"}).status_code == 404


@pytest.mark.parametrize(("given", "status"), [
    ("Bearer figures-word", 200), ("bearer figures-word", 200), ("Bearer figures-wort", 404), ("Bearer ", 404), ("", 404),
    ("Basic figures-word", 404), ("figures-word", 404), ("Bearer 字", 404),
])  # fmt: skip
def test_with_a_word_everybody_needs_it(
    settings: Settings, house: SimpleNamespace, given: str, status: int
) -> None:
    client = create_app(replace(settings, metrics_token="figures-word")).test_client()
    headers = {"Authorization": given.encode().decode("latin-1")} if given else {}
    assert client.get("/metrics", headers=headers).status_code == status
    far = client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": "192.0.2.4"})
    assert far.status_code == status
    assert "figures-word" not in far.get_data(as_text=True)


def test_health_is_two_minutes_of_silence_away_from_being_gone(
    app: Any, client: Any, settings: Settings, clock: Clock
) -> None:
    assert client.get("/healthz").json["reasons"] == []  # just begun: the worker has not spoken yet
    clock(pulse.SILENT - timedelta(seconds=1))
    assert client.get("/healthz").status_code == 200
    clock(timedelta(seconds=1))
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json["reasons"]) == (503, ["worker"])
    pulse.beat(settings)
    assert client.get("/healthz").status_code == 200
    clock(pulse.SILENT)
    assert client.get("/healthz").json["reasons"] == ["worker"]


def test_health_knows_the_schema(client: Any) -> None:
    database.execute_sql("DELETE FROM schema_migration WHERE name LIKE '0006%'")
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json["status"], answer.json["reasons"]) == (503, "unwell", ["schema"])


def test_a_database_that_does_not_answer_is_said_to_machines_too(app: Any, settings: Settings) -> None:
    database.close()
    for path in settings.data.glob("lianxi.db*"):
        path.unlink()
    (settings.data / "lianxi.db").write_bytes(b"no database at all" * 99)
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.json) == (503, {"status": "unwell", "reasons": ["database"]})
    database.close()


def test_nothing_secret_is_told(client: Any, settings: Settings) -> None:
    secret = (settings.data / "secret").read_text()
    told = client.get("/healthz").get_data(as_text=True) + client.get("/metrics").get_data(as_text=True)
    assert secret not in told
    assert str(settings.data) not in told
