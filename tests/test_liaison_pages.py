"""The liaison pages over HTTP: few taps, nothing typed is lost, what the office sees, what it costs."""

from __future__ import annotations

import io
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from openpyxl import load_workbook

from content import liaison
from content.liaison import Meeting, Pairing, overview
from content.settings import Settings
from tests.conftest import csrf
from tests.forms import counted, fields_of, found_in, text_of
from tests.liaison import LINE, NOTE, TODAY, WORDS, another, met, paired
from tests.test_translations import unmarked

LOG = "//form[@class='log-form']"


@pytest.fixture
def pair(house: SimpleNamespace, clock: Any) -> Pairing:
    return paired(house)


def test_a_talk_is_logged_by_sending_the_form_as_it_is(pair: Pairing, client: Any, login: Any) -> None:
    """Today, a talk, the counselor, the last place: nothing to fill in."""
    login(client, "leader")
    fields = fields_of(client.get("/liaison/log"), LOG)
    assert (fields["kind"], fields["held_on"], fields["pairing"]) == ("talk", "2026-03-16", str(pair.id))
    answer = client.post("/liaison/log", data=fields)
    assert answer.status_code == 303
    assert "已請counselor 甲確認" in text_of(client.get(answer.location))
    again = client.post("/liaison/log", data=fields)
    assert again.location == answer.location
    assert "已經記過" in text_of(client.get(again.location))
    assert Meeting.select().count() == 1


def test_the_last_place_is_proposed(house: SimpleNamespace, pair: Pairing, client: Any, login: Any) -> None:
    met(house, pair, place="活動室")
    login(client, "leader")
    fields = fields_of(client.get("/liaison/log"), LOG)
    assert (fields["place_pick"], fields["place"]) == ("活動室", "")
    client.post("/liaison/log", data={**fields, "place": "操場"})
    assert Meeting.select().order_by(Meeting.id.desc()).get().place == "操場"


def test_nothing_typed_is_lost(pair: Pairing, client: Any, login: Any) -> None:
    login(client, "leader")
    fields = fields_of(client.get("/liaison/log"), LOG)
    typed = {**fields, "kind": "work", "held_on": "2026-03-17", "place": "操場", "private_note": "寫了很多",
             "office_line": LINE, "follow_what": "名單", "follow_due": "2026-04-01", "follow_owner": "counselor"}  # fmt: skip
    answer = client.post("/liaison/log", data=typed)
    assert answer.status_code == 422
    back = fields_of(answer, LOG)
    for name in ("kind", "held_on", "place", "private_note", "office_line", "follow_what", "follow_due",
                 "follow_owner", "key"):  # fmt: skip
        assert back[name] == typed[name], name
    assert found_in(answer, "//a[@href='#f-held_on']")
    assert found_in(answer, "//fieldset[@id='f-activity']//p[@class='field-error']")
    assert found_in(answer, "//details[@open]")
    assert Meeting.select().count() == 0


def test_the_counselor_confirms_with_own_words(
    house: SimpleNamespace, pair: Pairing, client: Any, login: Any
) -> None:
    meeting = met(house, pair)
    login(client, "counselor")
    assert "等您確認" in text_of(client.get("/liaison/"))
    page = client.get(f"/liaison/meetings/{meeting.id}")
    fields = fields_of(page, "//form[contains(@action, 'confirm')]")
    answer = client.post(f"/liaison/meetings/{meeting.id}/confirm", data={**fields, "counselor_note": WORDS})
    assert answer.status_code == 303
    assert Meeting.get_by_id(meeting.id).counselor_note == WORDS
    assert "等您確認" not in text_of(client.get("/liaison/"))
    stale = client.post(
        f"/liaison/meetings/{meeting.id}/words", data={**fields, "counselor_note": "改了的話"}
    )
    assert stale.status_code == 409
    assert "改了的話" in stale.get_data(as_text=True)


def test_a_correction_keeps_what_was_logged(
    house: SimpleNamespace, pair: Pairing, client: Any, login: Any
) -> None:
    meeting = met(house, pair, place="活動室")
    liaison.confirm_meeting(house.counselor, meeting.id, "", version=1)
    login(client, "leader")
    fields = fields_of(client.get(f"/liaison/meetings/{meeting.id}/edit"), LOG)
    assert (fields["private_note"], fields["office_line"], fields["place_pick"]) == (NOTE, LINE, "活動室")
    stale = client.post(
        f"/liaison/meetings/{meeting.id}/edit", data={**fields, "version": "1", "private_note": "新"}
    )
    assert stale.status_code == 409
    assert fields_of(stale, LOG)["private_note"] == "新"
    answer = client.post(f"/liaison/meetings/{meeting.id}/edit", data={**fields, "private_note": "新"})
    assert answer.status_code == 303
    assert "重新確認" in text_of(client.get(answer.location))
    assert Meeting.get_by_id(meeting.id).state == "logged"


def test_taken_back_and_put_back(house: SimpleNamespace, pair: Pairing, client: Any, login: Any) -> None:
    meeting = met(house, pair)
    login(client, "leader")
    token = csrf(client.get("/account"))
    for act, version, state in (("withdraw", 1, "withdrawn"), ("restore", 2, "logged")):
        answer = client.post(
            f"/liaison/meetings/{meeting.id}/{act}", data={"csrf_token": token, "version": version}
        )
        assert answer.status_code == 303
        assert Meeting.get_by_id(meeting.id).state == state
    gone = client.post(f"/liaison/meetings/{meeting.id}/restore", data={"csrf_token": token, "version": 3})
    assert "再看看" in text_of(client.get(gone.location))


def test_promises_are_written_down_and_kept(
    house: SimpleNamespace, pair: Pairing, client: Any, login: Any
) -> None:
    meeting = met(house, pair)
    login(client, "counselor")
    path = f"/liaison/meetings/{meeting.id}/promises"
    fields = fields_of(client.get(f"/liaison/meetings/{meeting.id}"), f"//form[@action='{path}']")
    wrong = client.post(path, data={**fields, "follow_what": "名單", "follow_due": "2026-03-15"})
    assert wrong.status_code == 422
    assert fields_of(wrong, f"//form[@action='{path}']")["follow_what"] == "名單"
    assert (
        client.post(path, data={**fields, "follow_what": "名單", "follow_due": "2026-03-20"}).status_code
        == 303
    )
    home = client.get("/liaison/")
    assert "名單" in text_of(home)
    done = fields_of(home, "//form[contains(@action, '/done')]")
    action = found_in(home, "//form[contains(@action, '/done')]")[0].get("action")
    answer = client.post(action, data=done)
    assert answer.location == "/liaison/"
    assert "名單" not in text_of(client.get("/liaison/"))


def test_without_a_pair_the_page_says_who_helps(house: SimpleNamespace, client: Any, login: Any) -> None:
    login(client, "leader")
    for path in ("/liaison/", "/liaison/log", "/liaison/meetings/"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert found_in(answer, "//*[@class='empty']"), path


def test_the_office_is_led_to_the_overview(house: SimpleNamespace, client: Any, login: Any) -> None:
    login(client, "office")
    assert client.get("/liaison/").location == "/liaison/office/"
    assert "新建結對" in text_of(client.get("/liaison/office/"))
    assert found_in(client.get("/"), "//a[@href='/liaison/']")


@pytest.mark.parametrize("role", ["owner", "crew", "administrator", "manager"])
def test_others_find_nothing(house: SimpleNamespace, client: Any, login: Any, role: str) -> None:
    assert client.get("/liaison/").location.startswith("/login")
    login(client, role)
    assert client.get("/liaison/").status_code == 404
    assert not found_in(client.get("/"), "//a[@href='/liaison/']")


def test_a_leader_with_no_talk_this_quarter_is_marked(
    house: SimpleNamespace, pair: Pairing, client: Any, login: Any, clock: Any
) -> None:
    """R-132, and on paper: a shape and a word, not a colour alone."""
    login(client, "office")
    page = client.get("/liaison/office/")
    assert found_in(page, "//tr[@class='silent']")
    assert "兩季未談" in text_of(page)
    meeting = met(house, pair)
    assert not found_in(client.get("/liaison/office/"), "//tr[@class='silent']")
    assert "◔" in found_in(client.get("/liaison/office/"), "//td[contains(@class, 'now')]")[0].text_content()
    liaison.confirm_meeting(house.counselor, meeting.id, "", version=1)
    square = found_in(client.get("/liaison/office/"), "//td[contains(@class, 'now')]")[0].text_content()
    assert "✓" in square
    assert "談" in square


def test_the_matrix_by_counselor_and_term(
    house: SimpleNamespace, pair: Pairing, client: Any, login: Any
) -> None:
    met(house, pair, kind="work", activity="class", held_on="2026-01-31")
    login(client, "office")
    page = client.get("/liaison/office/?by=counselor&unit=term")
    heads = [head.text_content() for head in found_in(page, "//thead//th")]
    assert "2025 年秋季學期" in heads
    assert "2026 年春季學期" in heads
    autumn, spring = (
        cell.text_content() for cell in found_in(page, "//td[contains(@class, 'square-cell')]")[1:3]
    )
    assert "◔" in autumn
    assert "◷" in spring
    earlier = client.get("/liaison/office/?unit=quarter&until=2025-q4")
    assert found_in(earlier, "//a[@rel='next']")
    for query in ("until=9999-q9", "until=2030-q1", "by=cat&unit=week", "until=²-q1"):
        assert client.get(f"/liaison/office/?{query}").status_code == 200


def test_the_matrix_follows_a_counselor_from_leader_to_leader(house: SimpleNamespace, pair: Pairing) -> None:
    met(house, pair, held_on="2025-12-31")
    other = another("leader")
    liaison.hand_over(Settings(), house.office, pair.id, other.id, "2026-01-01", version=1)
    by_counselor = overview.coverage(house.office, by="counselor")
    assert [cell.standing for cell in by_counselor.rows[0].cells] == [
        "none",
        "none",
        "late",  # of the last thirty days of September
        "waiting",
        "due",
    ]
    by_leader = {
        row.person.id: [c.standing for c in row.cells] for row in overview.coverage(house.office).rows
    }
    assert by_leader[house.leader.id][-2:] == ["waiting", "none"]
    assert by_leader[other.id][-2:] == ["none", "due"]


def test_meetings_are_narrowed_by_leader_counselor_quarter_and_term(
    house: SimpleNamespace, pair: Pairing, client: Any, login: Any
) -> None:
    other, second = another("leader"), another("counselor")
    theirs = paired(house, leader=other, counselor=second)
    met(house, pair, key="1" * 32, held_on="2026-03-01", office_line="一月後")
    met(house, pair, key="2" * 32, held_on="2026-01-20", office_line="寒假前", kind="growth")
    met(house, theirs, key="3" * 32, by=other, held_on="2025-12-20", office_line="別人的")
    login(client, "office")

    def lines(query: str) -> set[str]:
        page = client.get(f"/liaison/office/meetings/?{query}")
        return {line.text_content() for line in found_in(page, "//p[@class='meeting-line']")}

    assert lines("") == {"一月後", "寒假前", "別人的"}
    assert lines(f"leader={other.id}") == lines(f"counselor={second.id}") == {"別人的"}
    assert lines("period=quarter:2026-q1") == {"一月後", "寒假前"}
    assert lines("period=term:2025-autumn") == {"寒假前", "別人的"}
    assert lines("kind=growth&period=quarter:2026-q1") == {"寒假前"}
    assert lines("leader=x&kind=y&period=z&before=q") == {"一月後", "寒假前", "別人的"}
    assert lines(f"leader={house.counselor.id}") == set()


def test_the_office_pairs_ends_and_hands_over(
    house: SimpleNamespace, clock: Any, client: Any, login: Any
) -> None:
    login(client, "office")
    fields = fields_of(
        client.get(f"/liaison/office/pairings/new?counselor={house.counselor.id}"), "//main//form"
    )
    assert fields["counselor"] == str(house.counselor.id)
    wrong = client.post("/liaison/office/pairings/new", data={**fields, "leader": "", "since": "2026-02-01"})
    assert wrong.status_code == 422
    assert fields_of(wrong, "//main//form")["since"] == "2026-02-01"
    made = client.post("/liaison/office/pairings/new",
                       data={**fields, "leader": house.leader.id, "since": "2026-02-01"})  # fmt: skip
    page = client.get(made.location)
    assert "1 個月" in text_of(page)
    other = another("leader")
    form = fields_of(page, "//form[contains(@action, 'hand-over')]")
    handed = client.post(
        f"{made.location}/hand-over", data={**form, "leader": other.id, "since": "2026-03-01"}
    )
    assert handed.status_code == 303
    assert Pairing.select().where(Pairing.leader == other.id, Pairing.until.is_null()).exists()
    end = fields_of(client.get(handed.location), "//form[contains(@action, '/end')]")
    assert client.post(f"{handed.location}/end", data={**end, "until": "2026-02-01"}).status_code == 422
    assert client.post(f"{handed.location}/end", data={**end, "until": "2026-03-15"}).status_code == 303
    assert "取消結束" in text_of(client.get(handed.location))
    stale = client.post(f"{handed.location}/reopen", data={**end})
    assert stale.status_code == 409
    back = fields_of(client.get(handed.location), "//form[contains(@action, '/reopen')]")
    assert client.post(f"{handed.location}/reopen", data=back).status_code == 303
    gone = fields_of(client.get(handed.location), "//form[contains(@action, '/remove')]")
    assert client.post(f"{handed.location}/remove", data=gone).location == "/liaison/office/pairings/"


def test_three_years_are_told(house: SimpleNamespace, clock: Any, client: Any, login: Any) -> None:
    """R-136."""
    paired(house, "2023-03-16")
    login(client, "office")
    assert "已滿三年" in text_of(client.get("/liaison/office/pairings/"))


def test_the_table_file_is_what_it_says(
    house: SimpleNamespace, pair: Pairing, client: Any, login: Any
) -> None:
    """R-141."""
    met(house, pair)
    login(client, "office")
    answer = client.get("/liaison/office/overview.xlsx")
    assert answer.mimetype.endswith("spreadsheetml.sheet")
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True))
    assert rows[0][1:4] == ("領導幹部", "職務", "輔導員")
    assert rows[1][1] == "leader 甲"
    assert rows[1][-2] == LINE
    assert any("◔" in str(cell) for cell in rows[1])


def test_pages_cost_the_same_for_few_and_many(
    house: SimpleNamespace, clock: Any, client: Any, app: Any, login: Any
) -> None:
    paths = {
        "office": ("/liaison/office/", "/liaison/office/?by=counselor&unit=term", "/liaison/office/meetings/",
                   "/liaison/office/pairings/", "/liaison/office/pairings/new", "/liaison/office/pairings/1",
                   "/liaison/office/overview.xlsx"),
        "leader": ("/liaison/", "/liaison/log", "/liaison/meetings/"),
        "counselor": ("/liaison/", "/liaison/meetings/", "/liaison/meetings/1"),
    }  # fmt: skip
    clients = {role: app.test_client() for role in paths}
    for role, one in clients.items():
        login(one, role)

    def cost() -> dict[str, int]:
        found = {}
        for role, addresses in paths.items():
            for path in addresses:
                clients[role].get(path)
                with counted() as asked:
                    assert clients[role].get(path).status_code == 200, path
                found[f"{role} {path}"] = len(asked)
        return found

    first = paired(house)
    met(house, first, follow_what="名單", follow_owner="leader", follow_due="2026-03-20")
    few = cost()
    for n in range(2, 10):
        leader, counselor = another("leader", n), another("counselor", n)
        one = paired(house, leader=leader, counselor=counselor)
        for k in range(3):
            met(
                house,
                one,
                key=f"{n}{k}" * 16,
                by=leader,
                held_on=(TODAY - timedelta(days=k * 40)).isoformat(),
            )
            met(house, first, key=f"a{n}{k}b" * 8, held_on=(TODAY - timedelta(days=n + k)).isoformat(),
                follow_what=f"名單{n}{k}", follow_owner="leader", follow_due="2026-03-20")  # fmt: skip
    many = cost()
    assert many == few
    assert max(many.values()) <= 12, many


def test_old_meetings_are_paged(house: SimpleNamespace, pair: Pairing, client: Any, login: Any) -> None:
    for n in range(23):
        met(
            house,
            pair,
            key=f"{n:032x}",
            held_on=(date(2026, 3, 1) - timedelta(days=n // 2)).isoformat(),
            office_line=str(n),
        )
    login(client, "counselor")
    seen: list[str] = []
    path = "/liaison/meetings/"
    while path:
        page = client.get(path)
        seen += [line.text_content() for line in found_in(page, "//p[@class='meeting-line']")]
        path = next((a.get("href") for a in found_in(page, "//a[@rel='next']")), "")
    assert sorted(seen, key=int) == [str(n) for n in range(23)]


# A column per reader: the pair's leader and counselor, another leader, another counselor, the office.
READERS = ("leader", "counselor", "leader-2", "counselor-2", "office")
GET = {
    "/liaison/": "yyyyr",
    "/liaison/log": "ynynn",
    "/liaison/meetings/": "yyyyy",
    "/liaison/meetings/1": "yynnn",
    "/liaison/meetings/1/edit": "ynnnn",
    "/liaison/office/": "nnnny",
    "/liaison/office/meetings/": "nnnny",
    "/liaison/office/overview.xlsx": "nnnny",
    "/liaison/office/pairings/": "nnnny",
    "/liaison/office/pairings/1": "nnnny",
    "/liaison/office/pairings/new": "nnnny",
}
POST = {
    "/liaison/log": "+nnnn",  # another leader names a pairing that is not theirs
    "/liaison/meetings/1/confirm": "++nnn",  # the leader is told that it is the counselor's step
    "/liaison/meetings/1/edit": "+nnnn",
    "/liaison/meetings/1/promises": "++nnn",
    "/liaison/meetings/1/restore": "++nnn",
    "/liaison/meetings/1/withdraw": "++nnn",
    "/liaison/meetings/1/words": "++nnn",
    "/liaison/office/pairings/1/end": "nnnn+",
    "/liaison/office/pairings/1/hand-over": "nnnn+",
    "/liaison/office/pairings/1/remove": "nnnn+",
    "/liaison/office/pairings/1/reopen": "nnnn+",
    "/liaison/office/pairings/new": "nnnn+",
    "/liaison/promises/1/done": "++nnn",
}


@pytest.mark.parametrize("place", range(len(READERS)), ids=READERS)
def test_who_reads_and_does_what(
    house: SimpleNamespace, pair: Pairing, app: Any, login: Any, place: int
) -> None:
    met(house, pair, follow_what="名單", follow_owner="leader", follow_due="2026-03-20")
    another("leader")
    another("counselor")
    client = app.test_client()
    login(client, READERS[place])
    looks = {200: "y", 302: "r", 404: "n"}
    found = {path: looks[client.get(path).status_code] for path in GET}
    assert found == {path: marks[place] for path, marks in GET.items()}
    app.config["WTF_CSRF_ENABLED"] = False
    data = {"pairing": str(pair.id), "version": "0", "done": "0"}
    done = {path: "n" if client.post(path, data=data).status_code == 404 else "+" for path in POST}
    assert done == {path: marks[place] for path, marks in POST.items()}
    assert Meeting.select().count() == 1
    assert Meeting.get().version == 1


def test_every_liaison_page_is_marked_for_translation(
    house: SimpleNamespace, pair: Pairing, app: Any, login: Any
) -> None:
    meeting = met(house, pair, follow_what="名單", follow_owner="leader", follow_due="2026-03-20")
    met(house, pair, key="c" * 32, kind="work", activity="class", held_on="2026-01-20")
    paired(house, "2023-03-01", leader=another("leader"), counselor=another("counselor"))
    another("leader", 3)
    another("counselor", 3)
    ended = paired(house, "2024-01-01", leader=another("leader", 4), counselor=another("counselor", 4))
    liaison.end_pairing(house.office, ended.id, "2025-06-30", version=1)
    liaison.confirm_meeting(house.counselor, meeting.id, WORDS, version=1)
    app.config["PSEUDO"] = True
    wrong, seen = {}, 0
    for role in ("leader", "counselor", "office"):
        client = app.test_client()
        login(client, role)
        paths = [path for path in GET if not path.endswith("xlsx")]
        paths += [
            "/liaison/meetings/2",
            "/liaison/office/pairings/3",
            "/liaison/office/?by=counselor&unit=term",
        ]
        for path in [*paths, "/liaison/office/meetings/?kind=growth"]:
            answer = client.get(path, headers={"Accept-Language": "en"})
            seen += answer.status_code == 200
            bare = unmarked(answer.get_data(as_text=True)) if answer.status_code == 200 else []
            if bare:
                wrong[f"{role} {path}"] = bare
    assert wrong == {}
    assert seen > 15
