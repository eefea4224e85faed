"""Records of the back office: looked at, made, changed under a lock; nothing hidden is reached by its number."""

from __future__ import annotations

from typing import Any

import pytest

from content.backoffice.acting import looked_at
from content.history import AuditEntry
from content.people import Department, Site
from tests.backoffice import SHELVES, shelves, stock
from tests.conftest import csrf
from tests.forms import counted, fields_of, found_in, send

__all__ = ["shelves"]
FORM = "//form[@class='office-form']"


@pytest.fixture
def admin_client(shelves: Any, app: Any, client: Any, login: Any) -> Any:
    login(client, "administrator")
    return client


def errors(answer: Any) -> list[str]:
    return [link.get("href") for link in found_in(answer, "//div[@class='error-summary']//a")]


def standing(answer: Any, name: str) -> str:
    return str(fields_of(answer, FORM).get(name, ""))


def test_a_record_shows_also_what_the_list_leaves_out(admin_client: Any) -> None:
    (one,) = stock(1)
    answer = admin_client.get(f"/admin/shelves/{one.id}/")
    assert len(found_in(answer, "//dl[contains(@class, 'office-facts')]/dt")) == 5
    with counted() as asked:
        admin_client.get(f"/admin/shelves/{one.id}/")
    assert len(asked) <= 12


def test_a_record_is_made_through_the_domain(admin_client: Any) -> None:
    site = Site.create(name="聯繫苑")
    before = AuditEntry.select().count()
    answer = send(admin_client, "/admin/shelves/new", name="  維修 部 ", site=str(site.id), telephone="0755")
    made = Department.get()
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/admin/shelves/{made.id}/")
    assert (made.name, made.site_id, made.telephone, made.position) == ("維修 部", site.id, "0755", 0)
    assert AuditEntry.select().count() == before + 1


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"name": ""}, ["#f-name"]),
        ({"name": "長" * 21}, ["#f-name"]),
        ({"name": "長" * 20}, []),
        ({"position": "-1"}, ["#f-position"]),
        ({"position": "100"}, ["#f-position"]),
        ({"position": "99"}, []),
        ({"position": "九"}, ["#f-position"]),
        ({"site": ""}, ["#f-site"]),
        ({"site": "999"}, ["#f-site"]),
        ({"site": "x"}, ["#f-site"]),
        ({"name": "部門1"}, ["#f-name"]),  # the domain says so
        ({"name": "", "position": "x", "site": ""}, ["#f-name", "#f-site", "#f-position"]),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(
    admin_client: Any, typed: dict[str, str], wrong: list[str]
) -> None:
    stock(1)
    typed = {"name": "甲部", "site": str(Site.get().id), "telephone": "0755 1", "position": "5"} | typed
    answer = send(admin_client, "/admin/shelves/new", **typed)
    if not wrong:
        assert answer.status_code == 303
        return
    assert answer.status_code == 422
    assert errors(answer) == wrong
    assert Department.select().count() == 1
    for name in ("name", "telephone", "position"):
        assert standing(answer, name) == typed[name]
    assert len(found_in(answer, "//*[contains(@class, 'field-wrong')]")) == len(wrong)


def test_a_record_is_changed_and_what_is_fixed_stays(admin_client: Any) -> None:
    (one,) = stock(1)
    other = Site.create(name="別處")
    answer = send(admin_client, f"/admin/shelves/{one.id}/edit", name="新名", site=str(other.id))
    assert answer.status_code == 303
    changed = Department.get_by_id(one.id)
    assert (changed.name, changed.site_id) == ("新名", one.site_id)


def test_two_at_once_see_both_versions_and_lose_nothing(admin_client: Any) -> None:
    (one,) = stock(1)
    fields = fields_of(admin_client.get(f"/admin/shelves/{one.id}/edit"), FORM)
    Department.update(name="別人改的", position=8).where(Department.id == one.id).execute()
    fields["name"], fields["telephone"] = "我改的", "110"
    refused = admin_client.post(f"/admin/shelves/{one.id}/edit", data=fields)
    assert refused.status_code == 409
    assert Department.get_by_id(one.id).name == "別人改的"
    rows = [[cell.text_content().strip() for cell in row] for row in found_in(refused, "//tbody/tr")]
    assert [row[1:] for row in rows] == [["別人改的", "我改的"], ["0755", "110"], ["8", "0"]]
    assert (standing(refused, "name"), standing(refused, "telephone")) == ("我改的", "110")
    # Sent once more it holds.
    assert (
        admin_client.post(f"/admin/shelves/{one.id}/edit", data=fields_of(refused, FORM)).status_code == 303
    )
    assert Department.get_by_id(one.id).name == "我改的"


def test_a_save_that_fails_half_way_leaves_nothing_behind(admin_client: Any) -> None:
    """STYLE 4.2, 3: Flask-Admin saves without a transaction."""
    (one,) = stock(1)
    before = AuditEntry.select().count()
    answer = send(admin_client, f"/admin/shelves/{one.id}/edit", name="半途", telephone="666")
    assert (answer.status_code, errors(answer)) == (422, ["#f-telephone"])
    assert (Department.get_by_id(one.id).name, AuditEntry.select().count()) == ("部門1", before)


def hide(one: Department) -> None:
    Department.update(position=-1).where(Department.id == one.id).execute()


def test_nothing_hidden_from_the_list_is_reached_by_its_number(admin_client: Any) -> None:
    """STYLE 4.2, 1: Flask-Admin opens, edits and deletes whatever is in the table."""
    one, other = stock(2)
    token = csrf(admin_client.get("/admin/shelves/"))
    fields = fields_of(admin_client.get(f"/admin/shelves/{one.id}/edit"), FORM)
    hide(one)
    for path in (f"/admin/shelves/{one.id}/", f"/admin/shelves/{one.id}/edit"):
        assert admin_client.get(path).status_code == 404
    assert admin_client.post(f"/admin/shelves/{one.id}/edit", data=fields).status_code == 404
    cell = {"value": "1", "version": "部門1/0755/-1", "csrf_token": token}
    assert admin_client.post(f"/admin/shelves/{one.id}/cell/telephone", data=cell).status_code == 404
    shown = admin_client.post(
        "/admin/shelves/act", data={"act": "hide", "key": [one.id, other.id], "csrf_token": token}
    )
    assert found_in(shown, "//textarea[@name='keys']")[0].text.strip() == looked_at(SHELVES, other)
    done = admin_client.post(
        "/admin/shelves/act",
        data={"act": "raise", "by": "3", "keys": f"{one.id}", "go": "1", "csrf_token": token},
    )
    assert done.status_code == 200
    assert Department.get_by_id(one.id).position == -1
    assert (Department.get_by_id(one.id).telephone, Department.get_by_id(one.id).name) == ("0755", "部門1")


@pytest.mark.parametrize("key", ["0", "-1", "x", "999999", "9" * 30, "%C2%B2", "1%20or%201", "%00", "new"])
def test_unknown_and_malformed_keys_are_absent(admin_client: Any, key: str) -> None:
    stock(1)
    token = csrf(admin_client.get("/admin/shelves/"))
    for path in (f"/admin/shelves/{key}/", f"/admin/shelves/{key}/edit"):
        assert admin_client.get(path).status_code == 404, path
    for path in (f"/admin/shelves/{key}/edit", f"/admin/shelves/{key}/cell/telephone"):
        assert admin_client.post(path, data={"csrf_token": token}).status_code == 404, path
    for path in ("/admin/shelves/saved/99", "/admin/shelves/export", "/admin/nothing/"):
        assert admin_client.post(path, data={"csrf_token": token, "name": "x"}).status_code == 404, path


# ---- in the list itself


def cell(client: Any, one: Department, name: str, value: str, version: str | None = None) -> Any:
    token = csrf(client.get("/admin/shelves/"))
    version = version or f"{one.name}/{one.telephone}/{one.position}"
    return client.post(
        f"/admin/shelves/{one.id}/cell/{name}",
        data={"value": value, "version": version},
        headers={"X-CSRFToken": token},
    )


def test_a_value_is_changed_in_the_list(admin_client: Any) -> None:
    (one,) = stock(1)
    (place,) = found_in(admin_client.get("/admin/shelves/"), "//*[@data-column='telephone']")
    assert place.get("data-value") == "0755"
    assert (
        place.xpath(".//a")[0].get("href") == f"/admin/shelves/{one.id}/edit#f-telephone"
    )  # without our script
    answer = cell(admin_client, one, "telephone", "<b>119</b>")
    assert answer.status_code == 200
    assert answer.json["version"] == "部門1/<b>119</b>/0"
    assert "<b>" not in answer.json["cells"]["telephone"]
    changed = Department.get_by_id(one.id)
    assert (changed.telephone, changed.name, changed.position) == ("<b>119</b>", "部門1", 0)


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("position", "100", 422),
        ("position", "x", 422),
        ("telephone", "666", 422),
        ("name", "甲", 404),
        ("site", "1", 404),
        ("x", "1", 404),
    ],
)
def test_a_value_that_cannot_be_is_refused(admin_client: Any, name: str, value: str, status: int) -> None:
    (one,) = stock(1)
    answer = cell(admin_client, one, name, value)
    assert (answer.status_code, bool(answer.json["error"])) == (status, True)
    assert Department.get_by_id(one.id).__data__ == one.__data__


def test_a_value_of_an_older_version_is_refused(admin_client: Any) -> None:
    (one,) = stock(1)
    assert cell(admin_client, one, "telephone", "1", "older").status_code == 409
    assert Department.get_by_id(one.id).telephone == "0755"


# ---- looking records up


def test_a_record_is_looked_up_without_a_script(admin_client: Any) -> None:
    sites = [Site.create(name=name) for name in ("東苑", "西苑", "學校")]
    fields = fields_of(admin_client.get("/admin/shelves/new"), FORM)
    fields["name"], fields["site.words"], fields["look"] = "甲部", "苑", "site"
    found = admin_client.post("/admin/shelves/new", data=fields)
    radios = found_in(found, "//fieldset[@data-name='site']//input[@type='radio']")
    assert [radio.get("value") for radio in radios] == [str(site.id) for site in sites[:2]]
    assert (found.status_code, standing(found, "name"), Department.select().count()) == (200, "甲部", 0)
    fields = fields_of(found, FORM)
    fields["site"], fields["site.words"] = str(sites[1].id), ""
    assert admin_client.post("/admin/shelves/new", data=fields).status_code == 303
    assert Department.get().site_id == sites[1].id


def test_words_that_were_not_looked_up_are_looked_up_before_anything_is_saved(admin_client: Any) -> None:
    Site.create(name="東苑")
    answer = send(admin_client, "/admin/shelves/new", name="甲部", **{"site.words": "東"})
    assert (answer.status_code, Department.select().count()) == (200, 0)
    assert len(found_in(answer, "//fieldset[@data-name='site']//input[@type='radio']")) == 1


def test_suggestions_for_our_script(admin_client: Any) -> None:
    site = Site.create(name="東苑")
    assert admin_client.get("/admin/shelves/find/site?q=東").json == {
        "found": [{"key": str(site.id), "label": "東苑"}]
    }
    assert admin_client.get("/admin/shelves/find/site?q=").json == {"found": []}
    for name in ("name", "x", "raise.by", "x.site"):
        assert admin_client.get(f"/admin/shelves/find/{name}?q=x").status_code == 404
