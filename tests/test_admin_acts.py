"""Acts on many rows: looked at first, then one transaction each, with the rights asked again."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from content.backoffice import acting, listing
from content.errors import Invalid, NotAllowed
from content.history import AuditEntry
from content.people import Department
from tests.backoffice import SHELVES, shelves, stock
from tests.conftest import csrf
from tests.forms import counted, fields_of, found_in

__all__ = ["shelves"]
FORM = "//form[@class='office-form']"
RAISE, HIDE = SHELVES.acts


@pytest.fixture
def admin_client(shelves: Any, app: Any, client: Any, login: Any) -> Any:
    login(client, "administrator")
    return client


def positions() -> list[int]:
    return [row.position for row in Department.select().order_by(Department.id)]


def act(client: Any, **fields: Any) -> Any:
    token = csrf(client.get("/admin/shelves/"))
    return client.post("/admin/shelves/act", data={"csrf_token": token, **fields})


# ---- the domain


def test_the_preview_says_of_each_row_what_will_happen_and_changes_nothing(house: SimpleNamespace) -> None:
    low, high, hidden = stock(3)
    Department.update(position=90).where(Department.id == high.id).execute()
    Department.update(position=-1).where(Department.id == hidden.id).execute()
    before = positions()
    found = acting.preview(
        house.administrator, SHELVES, RAISE, [low.id, high.id, hidden.id, "x", 999, low.id]
    )
    assert [row.id for row in found.will] == [low.id]
    assert [(row.id, why.id) for row, why in found.wont] == [(high.id, "It is at the top.")]
    assert found.absent == 3
    assert positions() == before


def test_each_row_is_a_transaction_of_its_own(house: SimpleNamespace) -> None:
    rows = stock(3)
    Department.update(name="壞的").where(Department.id == rows[1].id).execute()
    before = AuditEntry.select().count()
    outcome = acting.run(house.administrator, SHELVES, RAISE, [row.id for row in rows], {"by": ["10"]})
    assert [row.id for row in outcome.done] == [rows[0].id, rows[2].id]
    assert [(row.id, why.id) for row, why in outcome.refused] == [
        (rows[1].id, "Something went wrong with %(name)s.")
    ]
    assert positions() == [10, 1, 12]  # what the second one had written is undone
    assert AuditEntry.select().count() == before + 2


def test_what_changed_since_the_preview_is_refused(house: SimpleNamespace) -> None:
    one, other = stock(2)
    acting.preview(house.administrator, SHELVES, RAISE, [one.id, other.id])
    Department.update(position=90).where(Department.id == one.id).execute()
    Department.update(position=-1).where(Department.id == other.id).execute()
    outcome = acting.run(house.administrator, SHELVES, RAISE, [one.id, other.id, "x"], {"by": ["1"]})
    assert outcome.done == []
    assert [why.id for _, why in outcome.refused] == ["It is at the top.", acting.GONE, acting.GONE]
    assert positions() == [90, -1]


def test_wrong_inputs_stop_it_before_the_first_row(house: SimpleNamespace) -> None:
    (one,) = stock(1)
    for text in ("", "x", "0"):
        with pytest.raises(Invalid) as caught:
            acting.run(house.administrator, SHELVES, RAISE, [one.id], {"by": [text]})
        assert list(caught.value.fields) == ["by"]
    assert positions() == [0]


def test_what_there_is_no_time_for_is_handed_back(house: SimpleNamespace) -> None:
    rows = stock(5)
    outcome = acting.run(
        house.administrator, SHELVES, RAISE, [row.id for row in rows], {"by": ["1"]}, seconds=-1
    )
    assert len(outcome.done) == 1
    assert outcome.rest == [str(row.id) for row in rows[1:]]
    assert acting.run(house.administrator, SHELVES, RAISE, outcome.rest, {"by": ["1"]}).rest == []
    assert positions() == [1, 2, 3, 4, 5]


def test_no_more_than_the_most_at_once(house: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acting, "MOST", 3)
    rows = stock(5)
    assert len(acting.preview(house.administrator, SHELVES, RAISE, [row.id for row in rows]).will) == 3


def test_who_may_not_enter_does_nothing(house: SimpleNamespace) -> None:
    (one,) = stock(1)
    for who in (house.editor, house.owner, None):
        with pytest.raises(NotAllowed):
            acting.run(who, SHELVES, RAISE, [one.id], {"by": ["1"]})
    assert positions() == [0]


def test_all_that_fit_are_those_of_the_list(house: SimpleNamespace) -> None:
    rows = stock(30)
    Department.update(position=-1).where(Department.id == rows[3].id).execute()
    selection = listing.Selection(words="部門", filters={"high": False})
    keys = listing.keys_matching(house.administrator, SHELVES, selection, 100)
    assert keys == [row.id for row in reversed(rows) if row.id != rows[3].id]
    assert len(listing.keys_matching(house.administrator, SHELVES, selection, 7)) == 7


# ---- the pages


def test_chosen_rows_are_looked_at_then_done(admin_client: Any) -> None:
    rows = stock(3)
    Department.update(position=95).where(Department.id == rows[2].id).execute()
    look = act(admin_client, act="raise", key=[str(row.id) for row in rows])
    assert positions() == [0, 1, 95]
    assert len(found_in(look, "//section[@aria-labelledby='office-will']//li")) == 2
    assert len(found_in(look, "//section[@aria-labelledby='office-wont']//li")) == 1
    fields = fields_of(look, FORM)
    wrong = admin_client.post("/admin/shelves/act", data={**fields, "go": "1", "by": "x"})
    assert (wrong.status_code, positions()) == (422, [0, 1, 95])
    assert fields_of(wrong, FORM)["by"] == "x"
    done = admin_client.post("/admin/shelves/act", data={**fields_of(wrong, FORM), "go": "1", "by": "4"})
    assert (done.status_code, positions()) == (200, [4, 5, 95])


def test_one_record_goes_back_where_it_was_begun(admin_client: Any) -> None:
    one, other = stock(2)
    fields = {"act": "raise", "key": str(one.id), "back": f"/admin/shelves/{one.id}/"}
    look = act(admin_client, **fields)
    done = admin_client.post("/admin/shelves/act", data={**fields_of(look, FORM), "go": "1", "by": "4"})
    assert (done.status_code, done.headers["Location"]) == (303, f"/admin/shelves/{one.id}/")
    # A record that is not there any more is not gone back to.
    gone = act(admin_client, act="hide", keys=str(other.id), go="1", back=f"/admin/shelves/{other.id}/")
    assert gone.headers["Location"] == "/admin/shelves/"


def test_all_that_fit_are_bound_to_the_words_and_filters(admin_client: Any) -> None:
    stock(30)
    look = act(admin_client, act="raise", all="1", query="q=部門1&f.high=0")
    assert len(fields_of(look, FORM)["keys"].split()) == 11
    # A filter that cannot be read fits nothing, so nothing is chosen.
    nothing = act(admin_client, act="raise", all="1", query="f.position=x")
    assert nothing.status_code == 303


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"act": "raise"}, 303), ({"key": "1"}, 303), ({"act": "x", "key": "1"}, 404), ({"act": "raise", "key": ["x", ""]}, 200)],
)  # fmt: skip
def test_nothing_chosen_is_said(admin_client: Any, fields: dict[str, Any], status: int) -> None:
    stock(1)
    answer = act(admin_client, **fields)
    assert answer.status_code == status
    if status == 303:
        assert found_in(admin_client.get(answer.headers["Location"]), "//div[contains(@class, 'flash-note')]")


def test_back_leads_to_no_other_site(admin_client: Any) -> None:
    stock(1)
    answer = act(admin_client, act="", back="//evil.example/")
    assert answer.headers["Location"] == "/admin/shelves/"


def test_a_preview_asks_few_questions(admin_client: Any) -> None:
    rows = stock(200)
    act(admin_client, act="raise", key=str(rows[0].id))
    token = csrf(admin_client.get("/admin/shelves/"))
    with counted() as asked:
        admin_client.post(
            "/admin/shelves/act",
            data={"csrf_token": token, "act": "raise", "key": [str(row.id) for row in rows]},
        )
    assert len(asked) <= 12


def test_every_post_wants_the_token(admin_client: Any) -> None:
    (one,) = stock(1)
    for path in ("act", "saved", "saved/1", "export", "new", f"{one.id}/edit", f"{one.id}/cell/telephone"):
        assert (
            admin_client.post(
                f"/admin/shelves/{path}", data={"act": "hide", "key": one.id, "go": "1"}
            ).status_code
            == 400
        )
    assert positions() == [0]
