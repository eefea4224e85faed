"""Residents and visitors write in, follow, add, rate and open again (R-001, R-002, R-034, R-058): over HTTP."""

from __future__ import annotations

import base64
import io
import re
import wave
import zlib
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from content import people, reception
from content.cases import Case, CaseEntry
from content.households import Building, Household, Resident
from content.people import Community, Site
from content.reception.attachments import CaseFile, HeldFile
from content.reception.categories import CATEGORIES, FILES_LIMIT
from tests.conftest import PASSWORD, csrf
from tests.forms import counted, fields_of, found_in, text_of

FORM = "//form[contains(@class,'report-form')]"
MB = 1024 * 1024
VISITOR = {"caller_name": "過路人", "caller_telephone": "138 0013 8000"}
WORDS = "樓下燒烤店半夜還在排煙，窗戶都不敢開。"


def photo(color: str = "#23695a", pad: int = 0) -> io.BytesIO:
    made = io.BytesIO()
    Image.new("RGB", (60, 40), color).save(made, "JPEG")
    made.write(b"\0" * pad)
    made.seek(0)
    return made


def write(client: Any, category: str = "complaint", files: Any = (), **values: str) -> Any:
    """Open the form of a category, fill it in and send it, with photos."""
    fields = fields_of(client.get(f"/report/{category}"), FORM)
    return again(client, category, fields, files, **values)


def again(client: Any, category: str, fields: Any, files: Any = (), **values: str) -> Any:
    data = {**fields.to_dict(), **values}
    if files:
        data["photos"] = list(files)
    answer = client.post(f"/report/{category}", data=data, content_type="multipart/form-data")
    answer.request.environ["wsgi.input"].close()  # the test client leaves its large body open
    return answer


def send_matter(client: Any, category: str = "complaint", **values: Any) -> Case:
    """Send in a matter that is accepted."""
    answer = write(client, category, **{"words": WORDS, **values})
    assert answer.status_code == 303, text_of(answer)
    assert answer.headers["Location"] == "/report/sent"
    return Case.select().order_by(Case.id.desc()).get()


def act(client: Any, base: str, name: str, files: Any = (), **values: Any) -> Any:
    """One of the forms on the page of a matter."""
    page = client.get(base)
    fields = fields_of(page, f"//form[@action='{base}/{name}']").to_dict()
    data: dict[str, Any] = {**fields, **values}
    if files:
        data["photos"] = list(files)
    return client.post(f"{base}/{name}", data=data, content_type="multipart/form-data")


def follow(client: Any, number: str, code: str) -> Any:
    page = client.get("/follow")
    return client.post("/follow", data={"csrf_token": csrf(page), "number": number, "code": code})


def status(client: Any, path: str) -> int:
    """How a file is answered."""
    answer = client.get(path)
    answer.close()
    return int(answer.status_code)


def answered(house: SimpleNamespace, case: Case) -> None:
    """The receptionist settles it."""
    case = Case.get_by_id(case.id)
    reception.step(house.receptionist, case, "answer", comment="已請店家改裝排煙管。", version=case.version)


@pytest.fixture
def home(house: SimpleNamespace) -> Household:
    """The owner's home: 3棟 2單元 501."""
    site = Site.get_or_none() or Site.create(name="青禾花園")
    community = Community.create(site=site, name="青禾花園東苑")
    building = Building.create(community=community, name="3棟", key="3")
    made = Household.create(building=building, unit="2單元", room="501", key="2-501")
    Resident.create(household=made, person=house.owner, tenure="owner", name=house.owner.name)
    people.Person.update(email="owner@example.com").where(people.Person.id == house.owner.id).execute()
    return made


@pytest.fixture
def visitor(client: Any) -> Any:
    return client


@pytest.fixture
def owner(app: Any, login: Callable[..., Any], home: Household) -> Any:
    client = app.test_client()
    login(client, "owner")
    return client


# ---- sending in


def test_what_to_tell_is_chosen_from_tiles_and_danger_leads_to_the_telephone(visitor: Any) -> None:
    page = visitor.get("/report")
    tiles = [link.get("href") for link in found_in(page, "//a[@class='tile']")]
    assert tiles == [f"/report/{name}" for name in CATEGORIES]  # R-001, all seven
    main = page.get_data(as_text=True)
    assert main.index('class="danger"') < main.index('class="tile"')
    assert visitor.get("/report/nonsense").status_code == 404


def test_a_suggestion_asks_little_and_a_resident_nothing_we_know(visitor: Any, owner: Any) -> None:
    def asked(client: Any, category: str) -> set[str]:
        return set(fields_of(client.get(f"/report/{category}"), FORM)) - {"csrf_token", "key"}

    assert asked(owner, "suggestion") == {"words"}
    assert asked(visitor, "suggestion") == {"words", "caller_name", "caller_telephone", "household"}
    assert asked(owner, "complaint") == {"words", "when_where", "about_whom", "wish"}
    assert fields_of(owner.get("/report/repair"), FORM)["place"] == "3棟 2單元 501"


def test_a_visitor_gets_number_and_code_and_the_slip_says_what_happens_next(visitor: Any) -> None:
    case = send_matter(visitor, **VISITOR)
    slip = visitor.get("/report/sent", headers={"Accept-Language": "en"})
    words = text_of(slip)
    assert case.number in words
    assert case.code in words
    assert "You hear from us by Wed, Mar 18 at the latest" in words  # two days
    assert slip.headers["Cache-Control"] == "no-store"
    assert (case.caller_name, case.caller_telephone) == ("過路人", "+8613800138000")


def test_a_resident_gets_the_number_alone(owner: Any, house: SimpleNamespace, home: Household) -> None:
    case = send_matter(owner)
    words = text_of(owner.get("/report/sent"))
    assert case.number in words
    assert case.code not in words
    assert case.requester_id == house.owner.id
    assert case.household_id == home.id


def test_the_code_is_neither_in_the_session_nor_in_an_address(visitor: Any) -> None:
    case = send_matter(visitor, **VISITOR)
    answer = follow(visitor, case.number, case.code)
    assert answer.headers["Location"] == "/follow"
    kept = visitor.get_cookie("session").value.lstrip(".").split(".")[0]
    text = base64.urlsafe_b64decode(kept + "=" * (-len(kept) % 4))
    if visitor.get_cookie("session").value.startswith("."):
        text = zlib.decompress(text)
    assert case.code not in text.decode()


def test_without_anything_sent_there_is_no_slip(visitor: Any, clock: Callable[[timedelta], None]) -> None:
    assert visitor.get("/report/sent").headers["Location"] == "/report"
    send_matter(visitor, **VISITOR)
    clock(timedelta(minutes=29, seconds=59))
    assert visitor.get("/report/sent").status_code == 200
    clock(timedelta(seconds=1))
    assert visitor.get("/report/sent").headers["Location"] == "/report"


# ---- refused, and nothing lost


def test_a_refused_form_keeps_everything_photos_too(visitor: Any) -> None:
    files = [(photo(), "一.jpg"), (photo("red"), "二.jpg")]
    typed = {
        "words": WORDS,
        "about_whom": "保安隊",
        "wish": "請他們改",
        "caller_name": "",
        "caller_telephone": "",
    }
    refused = write(visitor, files=files, **typed)
    assert refused.status_code == 422
    kept = fields_of(refused, FORM)
    assert {name: kept[name] for name in typed} == typed
    assert [name.text for name in found_in(refused, "//span[@class='held-name']/span[1]")] == [
        "一.jpg",
        "二.jpg",
    ]
    problems = {link.get("href") for link in found_in(refused, "//div[@id='problems']//a")}
    assert problems == {"#f-caller_name", "#f-caller_telephone"}
    for target in problems:
        assert found_in(refused, f"//*[@id='{target[1:]}']")
    assert Case.select().count() == 0
    # Only this browser may look at what waits there.
    small = found_in(refused, "//ul[@class='held']//img")[0].get("src")
    assert status(visitor, small) == 200
    assert status(visitor.application.test_client(), small) == 404

    sent = again(visitor, "complaint", kept, **VISITOR)
    assert sent.status_code == 303
    case = Case.get()
    assert sorted(use.file.name for use in CaseFile.select().where(CaseFile.case == case.id)) == [
        "一.jpg",
        "二.jpg",
    ]
    assert HeldFile.select().count() == 0


def test_a_kept_photo_can_be_taken_out_again(visitor: Any) -> None:
    refused = write(visitor, files=[(photo(), "一.jpg"), (photo("red"), "二.jpg")], words="")
    fields, uid = fields_of(refused, FORM), found_in(refused, "//button[@name='do']")[0].get("value")
    shown = again(visitor, "complaint", fields, words=WORDS, do=uid)
    assert shown.status_code == 200
    assert [name.text for name in found_in(shown, "//span[@class='held-name']/span[1]")] == ["二.jpg"]
    assert fields_of(shown, FORM)["words"] == WORDS
    assert again(visitor, "complaint", fields_of(shown, FORM), **VISITOR).status_code == 303
    assert [use.file.name for use in CaseFile.select()] == ["二.jpg"]


def test_the_first_button_of_the_form_sends(visitor: Any) -> None:
    """Enter in a line presses it; it must not be one that takes a photo out."""
    refused = write(visitor, files=[(photo(), "一.jpg")], words="")
    assert found_in(refused, f"{FORM}//button")[0].get("name") is None


@pytest.mark.parametrize(("length", "status"), [(5000, 303), (5001, 422), (20_000, 422)])
def test_long_words_are_refused_and_come_back_whole(visitor: Any, length: int, status: int) -> None:
    words = "吵" * length
    answer = write(visitor, words=words, **VISITOR)
    assert answer.status_code == status
    if status == 422:
        assert fields_of(answer, FORM)["words"] == words
        assert found_in(answer, "//p[@id='e-words']")


@pytest.mark.parametrize("telephone", ["12345", "沒有", "138 0013 800", "+86 000 0000 0000"])
def test_an_unreachable_telephone_is_told_beside_the_field(visitor: Any, telephone: str) -> None:
    answer = write(visitor, words=WORDS, caller_name="過路人", caller_telephone=telephone)
    assert answer.status_code == 422
    assert found_in(answer, "//p[@id='e-caller_telephone']")
    assert fields_of(answer, FORM)["caller_telephone"] == telephone


HOSTILE = {
    "page.jpg": b"<!doctype html><script>alert(1)</script>",
    "drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "program.exe": b"MZ\x90\x00" + b"\0" * 200,
    "empty.jpg": b"",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_by_name_and_the_good_one_stays(visitor: Any, name: str) -> None:
    files = [(io.BytesIO(HOSTILE[name]), name), (photo(), "好.jpg")]
    answer = write(visitor, files=files, words=WORDS, **VISITOR)
    assert answer.status_code == 422
    assert name in found_in(answer, "//*[@id='f-files']//p[@class='field-error']")[0].text_content()
    assert [one.text for one in found_in(answer, "//span[@class='held-name']/span[1]")] == ["好.jpg"]
    assert Case.select().count() == 0
    assert again(visitor, "complaint", fields_of(answer, FORM)).status_code == 303


@pytest.mark.parametrize("size", [21, 50])
def test_a_photo_that_is_too_large_is_told_with_the_limit(visitor: Any, size: int) -> None:
    answer = write(visitor, files=[(photo(pad=size * MB), "大.jpg")], words=WORDS, **VISITOR)
    assert answer.status_code == 422
    told = found_in(answer, "//*[@id='f-files']//p[@class='field-error']")[0].text_content()
    assert "大.jpg" in told
    assert re.search(r"\b(20|50)\b", told)
    assert fields_of(answer, FORM)["words"] == WORDS


def test_more_files_than_go_with_one_form(visitor: Any) -> None:
    files = [(photo(f"#0000{n:02x}"), f"{n}.jpg") for n in range(FILES_LIMIT + 1)]
    answer = write(visitor, files=files, words=WORDS, **VISITOR)
    assert answer.status_code == 422
    assert len(found_in(answer, "//ul[@class='held']/li")) == FILES_LIMIT
    assert again(visitor, "complaint", fields_of(answer, FORM)).status_code == 303
    assert CaseFile.select().count() == FILES_LIMIT


def test_a_nervous_thumb_makes_one_matter(visitor: Any) -> None:
    fields = fields_of(visitor.get("/report/complaint"), FORM)
    numbers = []
    for _ in range(3):
        assert again(visitor, "complaint", fields, words=WORDS, **VISITOR).status_code == 303
        numbers += re.findall(r"\d{8}-\d{3}", text_of(visitor.get("/report/sent")))
    assert len(set(numbers)) == 1
    assert Case.select().count() == 1


def test_a_form_of_somebody_else_is_told_not_answered_with_their_number(
    visitor: Any, login: Callable[..., Any]
) -> None:
    fields = fields_of(visitor.get("/report/complaint"), FORM)
    again(visitor, "complaint", fields, words=WORDS, **VISITOR)
    number = Case.get().number
    login(visitor, "tenant")
    token = csrf(visitor.get("/report/complaint"))
    answer = again(visitor, "complaint", fields, words="另一件事", csrf_token=token)
    assert answer.status_code == 422
    assert number not in text_of(answer)
    assert fields_of(answer, FORM)["words"] == "另一件事"


def test_similar_matters_of_ones_own_are_suggested_and_nobody_elses(
    owner: Any, visitor: Any, app: Any, login: Callable[..., Any]
) -> None:
    case = send_matter(owner)
    asked = {"words": WORDS, "csrf_token": csrf(owner.get("/report/complaint"))}
    assert case.number in owner.post("/report/complaint/similar", data=asked).get_data(as_text=True)
    for other in (visitor, app.test_client()):
        if other is not visitor:
            login(other, "tenant")
        asked["csrf_token"] = csrf(other.get("/report/complaint"))
        assert case.number not in other.post("/report/complaint/similar", data=asked).get_data(as_text=True)


# ---- following with number and code


def test_a_wrong_number_and_a_wrong_code_are_answered_alike(visitor: Any, app: Any) -> None:
    case = send_matter(visitor, **VISITOR)
    pages = []
    for number, code in ((case.number, "ABCD2345"), ("20260316-999", case.code), ("x", "")):
        answer = follow(app.test_client(), number, code)
        assert answer.status_code == 422
        body = answer.get_data(as_text=True).replace(f'value="{number}"', "")
        pages.append(re.sub(r'name="csrf_token"[^>]*', "", body))
        assert code == "" or code not in body
    assert len(set(pages)) == 1


def test_guessing_is_stopped_with_the_time_that_is_left(
    visitor: Any, app: Any, clock: Callable[[timedelta], None]
) -> None:
    case = send_matter(visitor, **VISITOR)
    guesser = app.test_client()
    for _ in range(10):
        assert follow(guesser, case.number, "ABCD2345").status_code == 422
    stopped = follow(guesser, case.number, case.code)  # even the right one
    assert stopped.status_code == 429
    assert 0 < int(stopped.headers["Retry-After"]) <= 15 * 60 + 1
    assert "15" in text_of(stopped)
    clock(timedelta(minutes=15, seconds=1))
    assert follow(guesser, case.number, case.code).status_code == 303


def test_number_and_code_open_the_matter_for_an_hour(
    visitor: Any, app: Any, clock: Callable[[timedelta], None]
) -> None:
    case = send_matter(visitor, files=[(photo(), "煙.jpg")], **VISITOR)
    other = app.test_client()
    full_width = case.number.translate({ord(d): ord(d) + 0xFEE0 for d in "0123456789"})
    assert follow(other, full_width, f"{case.code[:4]} {case.code[4:].lower()}").status_code == 303
    page = other.get("/follow")
    assert WORDS in text_of(page)
    assert page.headers["Cache-Control"] == "no-store"
    picture = found_in(page, "//a[@class='sent-picture']")[0].get("href")
    assert status(other, picture) == 200
    assert status(app.test_client(), picture) == 404
    assert status(app.test_client(), picture.replace("/follow", "")) in (302, 404)
    clock(timedelta(minutes=59, seconds=59))
    assert WORDS in text_of(other.get("/follow"))
    clock(timedelta(seconds=1))
    assert WORDS not in text_of(other.get("/follow"))
    assert status(other, picture) == 404


def test_it_can_be_closed_on_somebody_elses_device(visitor: Any) -> None:
    send_matter(visitor, **VISITOR)
    token = csrf(visitor.get("/follow"))
    visitor.post("/follow/leave", data={"csrf_token": token})
    assert WORDS not in text_of(visitor.get("/follow"))
    assert visitor.get("/report/sent").headers["Location"] == "/report"


def test_after_the_hour_words_are_not_lost(visitor: Any, clock: Callable[[timedelta], None]) -> None:
    send_matter(visitor, **VISITOR)
    page = visitor.get("/follow")
    fields = fields_of(page, "//form[@action='/follow/say']").to_dict()
    clock(timedelta(hours=1))
    answer = visitor.post("/follow/say", data={**fields, "text": "昨晚又來了"})
    assert answer.status_code == 422
    assert "昨晚又來了" in text_of(answer)
    assert CaseEntry.select().where(CaseEntry.text == "昨晚又來了").count() == 0


def test_a_visitor_adds_words_and_photos_rates_and_opens_again(visitor: Any, house: SimpleNamespace) -> None:
    case = send_matter(visitor, **VISITOR)
    added = act(visitor, "/follow", "say", files=[(photo("blue"), "又.jpg")], text="昨晚又來了")
    assert added.headers["Location"] == "/follow"
    page = visitor.get("/follow")
    assert "昨晚又來了" in text_of(page)
    assert found_in(page, "//section[@class='thread']//img")
    answered(house, case)
    assert "已請店家改裝排煙管" in text_of(visitor.get("/follow"))
    assert act(visitor, "/follow", "rate", stars="2", words="還是有味道").status_code == 303
    assert Case.get_by_id(case.id).rating == 2
    assert act(visitor, "/follow", "reopen", reason="").status_code == 422
    assert act(visitor, "/follow", "reopen", reason="窗邊還是有煙").status_code == 303
    assert Case.get_by_id(case.id).state == "reopened"
    assert "窗邊還是有煙" in text_of(visitor.get("/follow"))


# ---- with an account


def test_my_matters_and_the_first_page_show_mine_and_only_mine(
    owner: Any, app: Any, login: Callable[..., Any]
) -> None:
    empty = owner.get("/matters/")
    assert found_in(empty, "//main//a[@href='/report']")
    case = send_matter(owner)
    assert found_in(owner.get("/matters/"), f"//main//a[@href='/cases/{case.number}']")
    assert found_in(owner.get("/"), f"//section[@id='my-open']//a[@href='/cases/{case.number}']")
    tenant = app.test_client()
    login(tenant, "tenant")
    for path in ("/matters/", "/"):
        assert case.number not in tenant.get(path).get_data(as_text=True)


def test_another_household_finds_nothing_and_a_visitor_signs_in(
    owner: Any, app: Any, login: Callable[..., Any]
) -> None:
    case = send_matter(owner, files=[(photo(), "煙.jpg")])
    picture = CaseFile.get().file.uid
    tenant = app.test_client()
    login(tenant, "tenant")
    assert tenant.get(f"/cases/{case.number}").status_code == 404
    token = csrf(tenant.get("/"))
    for name in ("say", "rate", "reopen"):
        answer = tenant.post(f"/cases/{case.number}/{name}", data={"csrf_token": token, "text": "x"})
        assert answer.status_code == 404, name
    for size in ("", "/card"):
        assert status(tenant, f"/files/{picture}{size}") == 404
        assert status(owner, f"/files/{picture}{size}") == 200
    stranger = app.test_client()
    assert stranger.get(f"/cases/{case.number}").headers["Location"].startswith("/login")
    assert tenant.get("/cases/20260316-999").status_code == 404


def test_a_resident_adds_rates_and_opens_again(owner: Any, house: SimpleNamespace) -> None:
    case = send_matter(owner)
    base = f"/cases/{case.number}"
    assert not found_in(owner.get(base), f"//form[@action='{base}/rate']")  # not before an answer
    assert act(owner, base, "say", text="", files=[(io.BytesIO(b"MZ"), "x.exe")]).status_code == 422
    assert act(owner, base, "say", text="補充一句").status_code == 303
    answered(house, case)
    page = owner.get(base)
    assert len(found_in(page, f"//form[@action='{base}/rate']//button[@name='stars']")) == 5
    assert act(owner, base, "rate", stars="9").status_code == 422
    assert act(owner, base, "rate", stars="1", words="沒用").status_code == 303
    assert act(owner, base, "reopen", reason="還在冒煙").status_code == 303
    assert Case.get_by_id(case.id).state == "reopened"
    assert not found_in(owner.get(base), f"//form[@action='{base}/reopen']")


def test_what_happened_meanwhile_is_told_before_it_is_opened_again(
    owner: Any, house: SimpleNamespace
) -> None:
    case = send_matter(owner)
    answered(house, case)
    base = f"/cases/{case.number}"
    fields = fields_of(owner.get(base), f"//form[@action='{base}/reopen']").to_dict()
    now = Case.get_by_id(case.id)
    reception.step(house.receptionist, now, "close", version=now.version)
    answer = owner.post(f"{base}/reopen", data={**fields, "reason": "還在冒煙"})
    assert answer.status_code == 409
    assert "還在冒煙" in answer.get_data(as_text=True)
    assert Case.get_by_id(case.id).state == "closed"


def test_internal_notes_are_not_on_the_residents_page(owner: Any, house: SimpleNamespace) -> None:
    case = send_matter(owner)
    reception.note(house.receptionist, Case.get_by_id(case.id), "此戶常投訴")
    assert "此戶常投訴" not in owner.get(f"/cases/{case.number}").get_data(as_text=True)


def test_a_merged_matter_says_with_what_it_goes_on(owner: Any, house: SimpleNamespace) -> None:
    first, second = send_matter(owner), send_matter(owner)
    reception.merge(house.receptionist, Case.get_by_id(second.id), first.number, second.version)
    page = owner.get(f"/cases/{second.number}")
    assert page.status_code == 200
    assert found_in(page, f"//main//a[@href='/cases/{first.number}']")


def test_lists_and_pages_ask_little_of_the_database(owner: Any, house: SimpleNamespace) -> None:
    for _ in range(8):
        case = send_matter(owner, files=[(photo(), "煙.jpg")])
    answered(house, case)
    for path in ("/", "/matters/", f"/cases/{case.number}", "/report", "/report/complaint"):
        owner.get(path)
        with counted() as asked:
            assert owner.get(path).status_code == 200
        assert len(asked) <= 12, (path, len(asked), asked)


def test_a_voice_note_is_heard_on_the_page_of_the_matter(visitor: Any) -> None:
    voice = io.BytesIO()
    with wave.open(voice, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\1" * 4000)
    voice.seek(0)
    fields = fields_of(visitor.get("/report/other"), FORM).to_dict()
    data = {**fields, **VISITOR, "words": "請聽錄音", "voice": (voice, "錄音.wav")}
    assert visitor.post("/report/other", data=data, content_type="multipart/form-data").status_code == 303
    page = visitor.get("/follow")
    source = found_in(page, "//audio[@controls]")[0].get("src")
    part = visitor.get(source, headers={"Range": "bytes=0-99"})  # telephones ask for parts, or play nothing
    part.close()
    assert (part.status_code, part.mimetype) == (206, "audio/wav")
    assert "media-src 'self'" in page.headers["Content-Security-Policy"]


def test_who_signs_in_finds_the_way_to_their_matters(owner: Any, visitor: Any) -> None:
    assert found_in(owner.get("/"), "//nav[@class='account']//a[@href='/matters/']")
    page = visitor.get("/")
    assert found_in(page, "//footer//a[@href='/follow']")
    assert found_in(page, "//nav[@class='acts']//a[@href='/report']")
    assert PASSWORD not in page.get_data(as_text=True)
