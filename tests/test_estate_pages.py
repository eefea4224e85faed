"""The pages about homes: who sees which, what is typed stays, lists in two steps, letters shown once."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from content import db, moment, people
from content.estate import acts, codes, homes
from content.households import Building, Household, HouseholdCode, Resident
from content.settings import Settings
from portal.cli import main
from tests.conftest import NOW, PASSWORD, csrf
from tests.estate import HEADS, LI, book, furnished
from tests.forms import counted, found_in, text_of
from tests.test_translations import unmarked

FORM = "//main//form[@class='fields']"


@pytest.fixture
def places(app: Any, house: SimpleNamespace) -> SimpleNamespace:
    return furnished(house.administrator)


@pytest.fixture
def enter(app: Any, login: Callable[..., Any]) -> Callable[[str], Any]:
    def entered(username: str) -> Any:
        client = app.test_client()
        login(client, username)
        return client

    return entered


def post(client: Any, page: str, path: str, **fields: Any) -> Any:
    return client.post(path, data={"csrf_token": csrf(client.get(page)), **fields})


def test_a_receptionist_looks_and_hands_out_codes_and_changes_nothing(
    places: SimpleNamespace, enter: Callable[[str], Any]
) -> None:
    client = enter("receptionist")
    home = f"/estate/homes/{places.home.id}/"
    assert "138 0013 8000" in text_of(client.get(home))
    for path in ("import", "buildings/new?community=1", f"homes/{places.home.id}/edit", f"homes/{places.home.id}/move-in",
                 f"residents/{places.owner.id}/edit", f"residents/{places.owner.id}/leave"):  # fmt: skip
        assert client.get(f"/estate/{path}").status_code == 404, path
    page = client.get(home).get_data(as_text=True)
    assert "move-in" not in page
    assert post(client, home, f"{home}codes", resident=places.owner.id).status_code == 200


def test_a_community_is_all_that_is_seen_of_the_estate(
    places: SimpleNamespace, enter: Callable[[str], Any]
) -> None:
    local = people.add_person("local", "local", PASSWORD)
    people.give_role(local, "manager", community=places.west)
    client = enter("local")
    page = text_of(client.get("/estate/"))
    assert "西苑" in page
    assert "東苑" not in page
    for path in (
        f"homes/{places.home.id}/",
        f"buildings/{places.building.id}/",
        f"residents/{places.owner.id}/edit",
    ):
        assert client.get(f"/estate/{path}").status_code == 404
    for text in ("3-2-501", "李望舒", "13800138000", "8000"):
        assert "李望舒" not in text_of(client.get("/estate/", query_string={"q": text})), text
    token = csrf(client.get("/estate/import"))
    answer = client.post(
        f"/estate/homes/{places.home.id}/codes", data={"csrf_token": token, "tenure": "owner", "count": "1"}
    )
    assert answer.status_code == 404
    assert HouseholdCode.select().count() == 0


@pytest.mark.parametrize(
    "text", ["3-2-501", "東苑3棟501", "李望舒", "望舒", "138 0013 8000", "8000", "501室"]
)
def test_homes_are_found_by_address_name_and_number(
    places: SimpleNamespace, enter: Callable[[str], Any], text: str
) -> None:
    page = enter("manager").get("/estate/", query_string={"q": text})
    assert f"/estate/homes/{places.home.id}/" in page.get_data(as_text=True)


@pytest.mark.parametrize("text", ["000", "3-9-501", "%", "_", "'", "無此人", "x" * 300])
def test_what_is_not_there_is_not_found(
    places: SimpleNamespace, enter: Callable[[str], Any], text: str
) -> None:
    answer = enter("manager").get("/estate/", query_string={"q": text})
    assert answer.status_code == 200
    assert "/estate/homes/" not in answer.get_data(as_text=True)


def test_a_building_and_a_home_are_made_and_refused_with_all_that_was_typed(
    places: SimpleNamespace, enter: Callable[[str], Any]
) -> None:
    client = enter("manager")
    refused = send_form(client, f"/estate/buildings/new?community={places.east.id}", name="3號樓", phase="")
    assert refused.status_code == 422
    assert found_in(refused, "//input[@name='name']/@value") == ["3號樓"]
    assert found_in(refused, "//a[@href='#f-name']")
    made = send_form(client, f"/estate/buildings/new?community={places.east.id}", name="９棟", phase="一期")
    assert made.status_code == 303
    building = Building.get(Building.key == "9")
    assert (
        send_form(client, f"/estate/buildings/{building.id}/new", room="", floor_area="x").status_code == 422
    )
    assert (
        send_form(client, f"/estate/buildings/{building.id}/new", room="101", floor_area="88").status_code
        == 303
    )
    assert homes.find_household("9-101") is not None
    path = f"/estate/buildings/{building.id}/edit"
    assert send_form(client, path, name="9棟", aliases="東樓\n\n角樓").status_code == 303
    assert homes.find_household("角樓101") == homes.find_household("9-101")


def send_form(client: Any, path: str, **changes: Any) -> Any:
    return send_with(client, path, FORM, changes)


def send_with(client: Any, path: str, form: str, changes: dict[str, Any]) -> Any:
    from tests.forms import fields_of

    fields = fields_of(client.get(path), form)
    for name, value in changes.items():
        fields.setlist(name, [value])
    return client.post(path.split("?")[0], data=fields)


def test_moving_in_and_out(places: SimpleNamespace, enter: Callable[[str], Any]) -> None:
    client = enter("manager")
    path = f"/estate/homes/{places.far_home.id}/move-in"
    refused = send_form(client, path, name="何晴", tenure="tenant", telephone="12")
    assert refused.status_code == 422
    assert found_in(refused, "//input[@name='name']/@value") == ["何晴"]
    assert found_in(refused, "//input[@value='tenant']/@checked")
    assert (
        send_form(client, path, name="何晴", tenure="tenant", telephone="９１２３ ４５６７").status_code
        == 303
    )
    resident = Resident.get(Resident.name == "何晴")
    assert resident.telephone == "+85291234567"
    assert (
        send_form(
            client, f"/estate/residents/{resident.id}/edit", name="何晴", email="he@example.com"
        ).status_code
        == 303
    )
    for wrong in ("", "soon", "1900-01-01"):
        assert send_form(client, f"/estate/residents/{resident.id}/leave", until=wrong).status_code == 422
    assert send_form(client, f"/estate/residents/{resident.id}/leave", until="2026-03-16").status_code == 303
    stored = acts.stored_resident(resident.id)
    assert (stored.email, str(stored.until), stored.telephone) == (
        "he@example.com",
        "2026-03-16",
        "+85291234567",
    )


def test_a_letter_shows_its_code_this_one_time(places: SimpleNamespace, enter: Callable[[str], Any]) -> None:
    client = enter("receptionist")
    home = f"/estate/homes/{places.home.id}/"
    letter = post(client, home, f"{home}codes", resident=places.owner.id)
    (text,) = found_in(letter, "//p[@class='letter-code']/text()")
    assert codes.redeem(text) is not None
    assert letter.headers["Cache-Control"] == "no-store"
    assert "/register" in text_of(letter)
    page = client.get(home).get_data(as_text=True)
    assert text not in page
    (row,) = codes.open_codes(places.home)
    post(client, home, f"/estate/codes/{row.id}/withdraw")
    assert codes.redeem(text) is None
    refused = post(client, home, f"{home}codes", tenure="", count="1")
    assert refused.status_code == 422
    three = post(client, home, f"{home}codes", tenure="tenant", count="3")
    assert len(found_in(three, "//p[@class='letter-code']")) == 3


def test_a_code_lasts_as_long_as_the_setting_says(
    app: Any, places: SimpleNamespace, enter: Callable[[str], Any]
) -> None:
    import dataclasses
    from datetime import timedelta

    from portal.app import create_app

    other = create_app(dataclasses.replace(app.config["SETTINGS"], household_code_days=3))
    client = other.test_client()
    client.post(
        "/login", data={"csrf_token": csrf(client.get("/login")), "username": "manager", "password": PASSWORD}
    )
    home = f"/estate/homes/{places.home.id}/"
    post(client, home, f"{home}codes", tenure="owner", count="1")
    row = HouseholdCode.get()
    assert row.expires_at - row.made_at == timedelta(days=3)


# ---- lists


def upload(client: Any, path: Path, community: str = "") -> Any:
    data = {"csrf_token": csrf(client.get("/estate/import")), "community": community}
    return client.post("/estate/import", data={**data, "file": (io.BytesIO(path.read_bytes()), path.name)})


def test_a_list_is_looked_at_before_it_is_imported(
    places: SimpleNamespace, enter: Callable[[str], Any], tmp_path: Path
) -> None:
    client = enter("manager")
    bad = ["南苑", *LI[1:]]
    path = book(tmp_path / "a.xlsx", HEADS, [*LI[:4], "502", *LI[5:]], bad)
    answer = upload(client, path)
    assert answer.status_code == 303
    report = client.get(answer.location)
    assert "南苑" in text_of(report)
    assert Household.select().count() == 2  # nothing is written
    assert not found_in(report, "//input[@name='how'][@value='all']")
    everything = client.post(answer.location, data={"csrf_token": csrf(report), "how": "all"})
    assert everything.status_code == 422
    assert Household.select().count() == 2
    taken = client.post(answer.location, data={"csrf_token": csrf(report), "how": "good"})
    assert taken.status_code == 303
    assert homes.find_household("3-2-502") is not None
    assert client.get(answer.location).status_code == 404  # the file is gone
    again = upload(client, path)
    client.post(f"{again.location}/drop", data={"csrf_token": csrf(client.get(again.location))})
    assert client.get(again.location).status_code == 404


def test_a_kept_list_is_nobody_elses(
    places: SimpleNamespace, enter: Callable[[str], Any], tmp_path: Path
) -> None:
    where = upload(enter("manager"), book(tmp_path / "a.xlsx", HEADS, LI)).location
    other = enter("administrator")
    assert other.get(where).status_code == 404
    assert other.post(where, data={"csrf_token": csrf(other.get("/estate/import"))}).status_code == 404
    assert other.get("/estate/import/..%2f..%2flianxi").status_code == 404


def test_files_that_are_none_are_refused_beside_the_field(
    places: SimpleNamespace, enter: Callable[[str], Any], tmp_path: Path
) -> None:
    client = enter("manager")
    (tmp_path / "a.xlsx").write_bytes(b"\x00\x01no list")
    refused = upload(client, tmp_path / "a.xlsx")
    assert refused.status_code == 422
    assert found_in(refused, "//p[@id='e-file']")
    empty = client.post("/estate/import", data={"csrf_token": csrf(client.get("/estate/import"))})
    assert empty.status_code == 422


def test_the_community_chosen_above_the_list_is_kept_through_both_steps(
    places: SimpleNamespace, enter: Callable[[str], Any], tmp_path: Path
) -> None:
    client = enter("manager")
    path = book(tmp_path / "a.xlsx", ["棟", "房號"], ["5", "101"])
    where = upload(client, path, str(places.west.id)).location
    report = client.get(where)
    (community,) = found_in(report, "//input[@name='how']/../input[@name='community']/@value")
    sent = client.post(
        where.split("?")[0], data={"csrf_token": csrf(report), "how": "all", "community": community}
    )
    assert sent.status_code == 303
    assert homes.find_household("西苑5-101") is not None


def test_many_refused_rows_are_paged(
    places: SimpleNamespace, enter: Callable[[str], Any], tmp_path: Path
) -> None:
    client = enter("manager")
    path = book(tmp_path / "a.xlsx", HEADS, *(["南苑", *LI[1:]] for _ in range(101)))
    where = upload(client, path).location
    assert len(found_in(client.get(where), "//tbody/tr")) == 100
    assert len(found_in(client.get(f"{where}?page=2"), "//tbody/tr")) == 1
    assert client.get(f"{where}?page=3").status_code == 404


# ---- pages as such


def test_no_page_asks_the_database_more_for_more_homes(
    house: SimpleNamespace, places: SimpleNamespace, enter: Callable[[str], Any]
) -> None:
    client = enter("manager")
    paths = (
        "/estate/",
        "/estate/?q=501",
        f"/estate/buildings/{places.building.id}/",
        f"/estate/homes/{places.home.id}/",
    )

    def asked() -> list[int]:
        found = []
        for path in paths:
            with counted() as statements:
                client.get(path)
            found.append(len(statements))
        return found

    before = asked()
    for number in range(30):
        home = acts.make_household(
            house.manager, places.building, {"unit": f"{number + 3}單元", "room": "501"}
        )
        acts.add_resident(house.manager, home, {"name": f"住戶{number}", "tenure": "owner"})
    assert asked() == before
    assert max(before) <= 12


def test_pages_of_a_building_are_in_the_order_of_people(
    house: SimpleNamespace, places: SimpleNamespace, enter: Callable[[str], Any]
) -> None:
    for number in range(1, 71):
        acts.make_household(house.manager, places.far_building, {"room": str(number)})
    client = enter("manager")
    path = f"/estate/buildings/{places.far_building.id}/"
    first = found_in(client.get(path), "//td[contains(@class, 'row-head')]")
    assert [cell.text_content().strip() for cell in first] == [str(number) for number in range(1, 61)]
    second = found_in(client.get(f"{path}?page=2"), "//td[contains(@class, 'row-head')]")
    assert [cell.text_content().strip() for cell in second][-1] == "501"
    assert client.get(f"{path}?page=3").status_code == 404
    assert client.get(f"{path}?page=x").status_code == 200


def test_everything_on_the_pages_is_marked_for_translation(
    app: Any, places: SimpleNamespace, enter: Callable[[str], Any], tmp_path: Path
) -> None:
    client = enter("manager")
    home = f"/estate/homes/{places.home.id}/"
    post(client, home, f"{home}codes", resident=places.owner.id)
    acts.move_out(people.find_person("manager"), places.tenant, acts.moment.today())
    where = upload(
        client, book(tmp_path / "a.xlsx", [*HEADS, "備註"], LI, ["南苑", *LI[1:]], ["", *LI[1:]])
    ).location
    app.config["PSEUDO"] = True
    paths = ["/estate/", "/estate/?q=3-2-501", "/estate/?q=nobody", "/estate/import", where, home,
             f"/estate/buildings/{places.building.id}/", f"/estate/buildings/{places.building.id}/edit",
             f"/estate/buildings/{places.building.id}/new", f"/estate/buildings/new?community={places.east.id}",
             f"{home}edit", f"{home}move-in", f"/estate/residents/{places.owner.id}/edit",
             f"/estate/residents/{places.owner.id}/leave"]  # fmt: skip
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert unmarked(answer.get_data(as_text=True)) == [], path
    letter = post(client, home, f"{home}codes", tenure="owner", count="1")
    assert unmarked(letter.get_data(as_text=True)) == []


# ---- at the terminal, and in the demo


def test_the_command_explains_imports_and_repeats_nothing(
    house: SimpleNamespace, places: SimpleNamespace, settings: Settings, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setenv("LIANXI_DATA", str(settings.data))
    monkeypatch.setenv("LIANXI_LOCALE", "zh_Hant_TW")
    path = str(book(tmp_path / "a.xlsx", HEADS, [*LI[:4], "502", *LI[5:]], ["南苑", *LI[1:]]))

    def run(*more: str) -> tuple[int, list[Any]]:
        result = CliRunner().invoke(main, ["households", path, "--json", *more])
        return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]

    code, (problem, figures) = run("--dry-run")
    assert (code, problem["row"], problem["column"], problem["heading"]) == (1, 3, "community", "小區")
    assert "南苑" in problem["error"]
    assert (figures["good"], figures["refused"], figures["written"]) == (1, 1, False)
    assert run()[1][-1]["written"] is False
    assert Household.select().count() == 2
    code, lines = run("--good-rows")
    assert (code, lines[-1]["written"], lines[-1]["households"]) == (1, True, 1)
    assert run("--good-rows")[1][-1]["households"] == 0
    assert CliRunner().invoke(main, ["households", str(tmp_path / "none.xlsx")]).exit_code == 2
    refused = CliRunner().invoke(main, ["households", path, "--as", "editor"])
    assert refused.exit_code == 1


def test_the_demo_has_sixty_homes_and_its_owner_and_tenant_live_in_two(demo_portal: Settings) -> None:
    db.open_database(demo_portal)
    with moment.at(NOW):
        assert Household.select().count() == 60
        owner = homes.household_of(people.find_person("owner"))
        tenant = homes.household_of(people.find_person("tenant"))
        assert homes.label(owner) == "青禾花園東苑 二期 3棟 2單元 301"
        assert homes.label(tenant) == "青禾花園西苑 7棟 402"
        living = Resident.select().where(Resident.in_force())
        assert {row.tenure for row in living} == {"owner", "tenant"}
        assert all(row.telephone.startswith("+867555550") for row in living if row.telephone)
        assert len({row.name for row in Resident.select()}) == Resident.select().count()
        assert homes.find_household("南樓2單元301") == owner
    db.database.close()
