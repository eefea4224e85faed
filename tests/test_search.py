"""Finding: recall against plain truth in both scripts, the query language, and who finds what."""

from datetime import date, timedelta

import pytest

from content import actions, people, search
from content.chinese import convert, fold
from content.items import Item
from content.search import SearchQuery, find
from content.search.documents import SearchDocument
from tests.search_papers import (
    cuttings,
    index_all,
    publish,
    publish_papers,
    publish_policy,
    truth,
    uids,
)


@pytest.fixture
def papers(house, settings):
    found = publish_papers(house)
    index_all(settings)
    yield found
    search.close(settings)


@pytest.fixture
def policy(house, settings):
    item = publish_policy(house)
    index_all(settings)
    yield item
    search.close(settings)


def other_script(text):
    return convert(text, "hans") if convert(text, "hans") != text else convert(text, "hant")


def test_whatever_is_cut_out_is_found_in_both_scripts_and_nothing_else(papers, settings):
    for piece in cuttings(seed=7, count=150):
        expected = truth(papers, piece)
        assert expected, piece
        for typed in (piece, other_script(piece), f"「{piece}」"):
            assert set(uids(settings, typed)) == expected, typed


def test_words_with_spaces_must_all_match(papers, settings):
    for first, second in zip(cuttings(1, 60, 3), cuttings(2, 60, 3), strict=True):
        expected = truth(papers, first) & truth(papers, second)
        assert set(uids(settings, f"{first}\u3000{other_script(second)}")) == expected


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("适用範圍", "裝修管理規程"),
        ("臺賬 借出", "鑰匙管理規程"),
        ("〔2013〕18號", "停车场管理制度"),
        ("冀物[2013]18号", "停车场管理制度"),
        ("wor*", "服务礼仪规范"),
        ("WORD", "服务礼仪规范"),
        ("0.5", "物业费收费标准"),
        ("A4紙", "物业费收费标准"),
        ("複印", "物业费收费标准"),
        ("着裝", "服务礼仪规范"),
        ("驗收合格後，方可", "鑰匙管理規程"),
        ("驗收合格後、借用人", "鑰匙管理規程"),
        ("头*", "服务礼仪规范"),
    ],
)
def test_the_query_language(papers, settings, typed, title):
    found = [papers[uid].split("\n")[0] for uid in uids(settings, typed)]
    assert found == [title]


@pytest.mark.parametrize("typed", ["wor", "201", "18x", '"合格方可"', "規程匙", "火星"])
def test_what_is_not_there(papers, settings, typed):
    assert uids(settings, typed) == []


def test_a_phrase_keeps_its_order_where_words_do_not(papers, settings):
    assert len(uids(settings, "借用 會議室")) == 1
    assert uids(settings, '"借用會議室"') == []
    assert len(uids(settings, "“会议室借用”")) == 1


def test_having_all_the_pairs_of_a_word_is_not_having_the_word(house, settings):
    publish(house, title="說明一", body="<p>水停了。停電或停水時</p>")
    item = publish(house, title="說明二", body="<p>遇停水停電時</p>")
    index_all(settings)
    assert uids(settings, "「停水停電」") == [item.uid]
    results = find(settings, None, SearchQuery("停水停电"))
    assert [hit.title for hit in results.hits] == [
        "說明二",
        "說明一",
    ]  # the second has it all, but not together
    assert results.full == 1


def test_the_clause_with_the_number_comes_before_those_that_speak_of_it(house, settings):
    publish_policy(
        house, [("1", 1, "四(三)2", "從略"), ("2", 1, "見四(三)2", ""), ("四(三)2", 3, "夜間", "長" * 90)]
    )
    index_all(settings)
    numbers = [hit.number for hit in find(settings, None, SearchQuery("四（三）2")).hits]
    assert numbers[0] == "四(三)2"
    assert set(numbers) == {"1", "2", "四(三)2"}


def test_the_title_comes_first(house, settings):
    inside = publish(house, title="電梯", body="<p>" + "本月繳費事宜。" * 3 + "繳費。</p>")
    titled = publish(house, title="繳費通知", body="<p>" + "各位業主請於月底前到客服中心辦理。" * 10 + "</p>")
    index_all(settings)
    assert uids(settings, "缴费") == [titled.uid, inside.uid]
    assert uids(settings, "缴*") == [titled.uid, inside.uid]


def test_a_clause_is_found_by_its_number_and_leads_to_its_place(policy, settings):
    for typed, label in (
        ("4.7.2", "4.7.2"),
        ("四（三）2", "四(三)2"),
        ("第三条", "第三條"),
        ("第三條", "第三條"),
    ):
        hit = find(settings, None, SearchQuery(typed)).hits[0]
        assert (hit.number, hit.url) == (label, f"/library/{policy.id}#{label}")
        assert (hit.document, hit.title, hit.kind) == (policy.uid, "前台服務規程", "policy")
    numbers = [hit.number for hit in find(settings, None, SearchQuery("4.7")).hits]
    assert numbers == ["4.7", "4.7.2"]
    assert {hit.number for hit in find(settings, None, SearchQuery("4.7*")).hits} == {"4.7", "4.7.2"}
    assert find(settings, None, SearchQuery("巡查 整改")).hits[0].heading == "巡查"


def test_most_of_the_words_follow_where_few_texts_have_all(papers, policy, settings):
    results = find(settings, None, SearchQuery("投訴 業主 首接責任人 月球", limit=50))
    assert (results.mode, results.full) == ("most", 0)
    first = results.hits[0]
    assert first.title == "投訴處理辦法"
    assert first.missing == ("月球",)
    assert all(len(hit.missing) in (1, 2) for hit in results.hits)
    assert [len(hit.missing) for hit in results.hits] == sorted(len(hit.missing) for hit in results.hits)


def test_full_matches_come_before_the_others_and_are_not_repeated(papers, settings):
    results = find(settings, None, SearchQuery("裝修 備案", limit=50))
    assert results.full == 1
    assert results.hits[0].title == "裝修管理規程"
    keys = [(hit.document, hit.number) for hit in results.hits]
    assert len(keys) == len(set(keys)) == results.total


def test_five_full_matches_are_enough(house, settings):
    for n in range(5):
        publish(house, title=f"通知{n}", body="<p>停水和停電</p>")
    publish(house, title="別的", body="<p>停水</p>")
    index_all(settings)
    assert find(settings, None, SearchQuery("停水 停電")).mode == "all"
    assert find(settings, None, SearchQuery("停水 停電")).total == 5


def test_a_word_in_the_title_of_the_document_counts_for_its_clauses(policy, settings):
    hit = find(settings, None, SearchQuery("前台服務規程 押金")).hits[0]
    assert (hit.number, hit.missing) == ("4.7.2", ())


def test_a_long_word_is_taken_apart_and_says_what_it_misses(papers, settings):
    results = find(settings, None, SearchQuery("鑰匙官理规程"))
    assert results.mode == "most"
    assert results.hits[0].title == "鑰匙管理規程"
    assert results.hits[0].missing == ("官",)
    assert find(settings, None, SearchQuery('"钥匙官理规程"')).mode == "none"


def test_words_of_the_glossary_find_one_another(house, settings):
    from content import glossary

    glossary.put_term(house.editor, "軟體", "软件")
    item = publish(house, title="新软件说明", body="<p>安装</p>", script="hans")
    index_all(settings)
    assert uids(settings, "軟體") == uids(settings, "新軟體") == uids(settings, "软件") == [item.uid]


def test_an_editors_own_words_in_the_other_script_are_found_and_shown(house, settings):
    words = {"hans": {"title": "网站程序说明"}}
    item = publish(house, title="網站軟體說明", body="<p>安裝</p>", scripts=words)
    index_all(settings)
    hit = find(settings, None, SearchQuery("程序", script="hans")).hits[0]
    assert (hit.document, hit.title) == (item.uid, "网站程序说明")


@pytest.mark.parametrize(
    ("audience", "finders"),
    [
        ("", {"visitor", "owner", "crew", "editor"}),
        ("signed-in", {"owner", "crew", "editor"}),
        ("residents", {"owner"}),
        ("staff", {"crew", "editor"}),
        ("role:crew", {"crew"}),
    ],
)
def test_each_finds_what_is_meant_for_him(house, settings, audience, finders):
    item = publish(house, title="鍋爐檢修", body="<p>請避開。</p>", audience=audience)
    index_all(settings)
    who = {"visitor": None, "owner": house.owner, "crew": house.crew, "editor": house.editor}
    for name, person in who.items():
        assert uids(settings, "锅炉", person) == ([item.uid] if name in finders else []), name


def test_who_may_find_nothing_finds_nothing(house, settings):
    """Whoosh takes an empty set of allowed documents for no filter at all."""
    publish(house, title="鍋爐檢修", body="<p>請避開。</p>", audience="staff")
    index_all(settings)
    results = find(settings, None, SearchQuery("锅炉 检修"))
    assert (results.hits, results.total, results.mode) == ([], 0, "none")


def test_the_database_decides_whatever_the_index_says(house, settings, clock):
    gone = publish(house, title="停水一", body="<p>水</p>", expire_at="2026-03-16T03:00:00+00:00")
    kept = publish(house, title="停水二", body="<p>水</p>")
    reshared = publish(house, title="停水三", body="<p>水</p>")
    index_all(settings)
    assert len(uids(settings, "停水")) == 3
    clock(timedelta(hours=1))
    values = {**actions.working_values(reshared), "audience": "staff"}
    edited = actions.edit(house.administrator, Item.get_by_id(reshared.id), values, version=reshared.version)
    actions.transition(house.administrator, edited, "publish")
    assert Item.get_by_id(gone.id).state == "published"  # no worker ran; it is over all the same
    assert uids(settings, "停水") == [kept.uid]
    assert find(settings, None, SearchQuery("停水")).total == 1


def test_what_is_withdrawn_or_trashed_leaves_the_index(house, settings):
    withdrawn = publish(house, title="停水一", body="<p>水</p>")
    trashed = publish_policy(house, title="停水二")
    index_all(settings)
    actions.transition(house.administrator, withdrawn, "withdraw")
    actions.trash(house.administrator, trashed)
    assert not SearchDocument.select().exists()
    index_all(settings)
    assert search.compare(settings) == search.Agreement()
    actions.untrash(house.administrator, Item.get_by_id(trashed.id))
    index_all(settings)
    assert uids(settings, "停水二") == [trashed.uid]


def test_drafts_and_working_copies_are_not_found(house, settings):
    actions.create(house.editor, "notice", house.board, {"title": "草稿一則", "body": "<p>字</p>"})
    live = publish(house, title="原來的話", body="<p>字</p>")
    values = {**actions.working_values(live), "title": "後來的話"}
    actions.edit(house.editor, live, values, version=live.version)
    index_all(settings)
    assert uids(settings, "草稿", house.editor) == uids(settings, "後來", house.editor) == []
    assert uids(settings, "原來的話") == [live.uid]


def test_filters_by_kind_section_and_day(house, settings, clock):
    below = actions.create_section(house.administrator, house.board, "維修")
    first = publish(house, title="停水一", body="<p>水</p>")
    second = publish(house, "page", title="停水二", body="<p>水</p>", section=below)
    clock(timedelta(hours=13, minutes=59))  # 23:59 in Shanghai
    late = publish(house, title="停水三", body="<p>水</p>")
    clock(timedelta(minutes=2))
    tomorrow = publish(house, "page", title="停水四", body="<p>水</p>", section=house.library)
    index_all(settings)

    def found(**filters):
        return set(uids(settings, "停水", **filters))

    monday, tuesday = date(2026, 3, 16), date(2026, 3, 17)
    assert found(kinds=["page"]) == {second.uid, tomorrow.uid}
    assert found(kinds=["page", "notice"]) == {first.uid, second.uid, late.uid, tomorrow.uid}
    assert found(kinds=["event"]) == set()
    assert found(section=below) == {second.uid}
    assert found(section=house.board) == {first.uid, second.uid, late.uid}
    assert found(until=monday) == {first.uid, second.uid, late.uid}
    assert found(since=tuesday) == {tomorrow.uid}
    assert found(since=monday, until=monday, kinds=["notice"]) == {first.uid, late.uid}
    assert found(since=tuesday, until=monday) == set()


def test_a_moved_item_is_found_in_its_new_section(house, settings):
    item = publish(house, title="停水", body="<p>水</p>")
    index_all(settings)
    actions.move(house.administrator, item, house.library)
    index_all(settings)
    assert uids(settings, "停水", section=house.board) == []
    assert uids(settings, "停水", section=house.library) == [item.uid]


def test_pages_are_full_stable_and_counted(house, settings, clock):
    for n in range(30):
        publish(
            house,
            title=f"停水{n}",
            body="<p>水</p>",
            expire_at="2026-03-16T03:00:00+00:00" if n % 3 == 0 else None,
        )
    index_all(settings)
    clock(timedelta(hours=2))
    pages = [find(settings, None, SearchQuery("停水", offset=n, limit=8)) for n in (0, 8, 16, 24)]
    assert [len(page.hits) for page in pages] == [8, 8, 4, 0]
    assert all((page.total, page.at_least) == (20, False) for page in pages)
    shown = [hit.document for page in pages for hit in page.hits]
    assert len(set(shown)) == 20


def test_a_large_total_is_said_to_be_a_lower_bound(house, settings):
    labels = [(str(n), 1, "", f"每日巡查第{n}次") for n in range(1, 131)]
    publish_policy(house, labels)
    index_all(settings)
    results = find(settings, None, SearchQuery("巡查", limit=10))
    assert results.at_least
    assert 101 <= results.total <= 130
    last = find(settings, None, SearchQuery("巡查", offset=125, limit=10))
    assert (len(last.hits), last.total, last.at_least) == (5, 130, False)


def test_a_changed_clause_alone_is_written_again(house, settings):
    item = publish_policy(house)
    assert index_all(settings) == 6
    values = actions.working_values(item)
    values["clauses"][2]["text"] = "押金在十五日內退還。"
    edited = actions.edit(house.administrator, item, values, version=item.version)
    actions.transition(house.administrator, edited, "publish")
    assert index_all(settings) == 1
    assert len(find(settings, None, SearchQuery("十五日内")).hits) == 1
    assert find(settings, None, SearchQuery('"十日內退還"')).hits == []


def test_every_kind_is_found_by_its_fields(house, settings):
    from tests.samples import SAMPLES

    for kind, values in SAMPLES.items():
        if kind != "fee":  # needs two signatures; its rows are covered below
            publish(house, kind, **{**values, "audience": ""})
    index_all(settings)
    for typed, kind in (("上門查看", "service"), ("中心花園", "event"), ("聯服(2026)3号", "notice")):
        assert [hit.kind for hit in find(settings, None, SearchQuery(typed)).hits] == [kind]


def test_a_tariff_is_found_by_its_lines(house, settings):
    from tests.samples import SAMPLES

    item = actions.create(house.editor, "fee", house.board, SAMPLES["fee"])
    for person, step in (
        (house.editor, "submit"),
        (house.manager, "endorse"),
        (house.general_manager, "publish"),
    ):
        item = actions.transition(person, Item.get_by_id(item.id), step)
    index_all(settings)
    assert uids(settings, "疏通下水") == [item.uid]


def test_the_audiences_of_a_person_are_all_asked_for(house, settings):
    assert people.audiences(None) == {"everyone"}
    open_to_all = publish(house, title="停水", body="<p>水</p>")
    for_staff = publish(house, title="停水內部", body="<p>水</p>", audience="staff")
    index_all(settings)
    assert set(uids(settings, fold("停水"), house.crew)) == {open_to_all.uid, for_staff.uid}
