"""Every page of the back office and everything that can be done in it, in a browser, under the policy, without a word
in the console.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from admin import INDEX, PAGES
from content import db, moment, people, setup
from content.backoffice import listing
from content.backoffice.registers import REGISTERS
from content.people import Department
from tests.browser.conftest import DESK, PHONE, serving
from tests.conftest import NOW
from tests.registers import filled

VIOLATIONS = """window.__refused = [];
addEventListener("securitypolicyviolation", (e) => __refused.push(`${e.violatedDirective} ${e.blockedURI}`));"""
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """A portal of our own: it is filled to the brim."""
    with serving(tmp_path_factory.mktemp("portal")) as found:
        yield found


@pytest.fixture(scope="module")
def full(portal: SimpleNamespace) -> SimpleNamespace:
    """Something in every register of the portal, once."""
    setup.open_portal(portal.settings)
    house = SimpleNamespace(people={role: people.find_person(role) for role in people.ROLES})
    for role, person in house.people.items():
        setattr(house, role.replace("-", "_"), person)
    house.board, house.library, house.staff_room = (
        setup.root(name) for name in ("board", "library", "staff")
    )
    with moment.at(NOW):  # its days are those of the other tests
        found = filled(house, portal.settings)
    db.database.close()
    return found


@pytest.fixture
def stocked(portal: SimpleNamespace, full: SimpleNamespace) -> Iterator[SimpleNamespace]:
    """The same portal opened in this process."""
    setup.open_portal(portal.settings)
    yield SimpleNamespace(keeper=people.find_person("keeper"))
    db.database.close()


@pytest.fixture
def office(open_page: Open, stocked: SimpleNamespace) -> Callable[..., Page]:
    """Opens a page as the keeper; every violation of the policy is collected."""

    def opened(path: str, **more: Any) -> Page:
        page = open_page("/", user="keeper", **more)
        page.add_init_script(VIOLATIONS)
        page.goto(path)
        return page

    return opened


def whole(page: Page) -> None:
    """The page is one, keeps to the policy and to the width of the screen."""
    expect(page.locator("h1").first).to_be_visible()
    assert page.evaluate("window.__refused") == [], page.url
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} px too wide"


@pytest.mark.slow
@pytest.mark.parametrize(("size", "locale"), [(DESK, "zh-TW"), (PHONE, "zh-CN")], ids=["desk", "phone"])
def test_every_page(office: Any, stocked: SimpleNamespace, size: Any, locale: str) -> None:
    page = office("/admin/", size=size, locale=locale)
    whole(page)
    for view in (INDEX, *PAGES):
        page.goto(f"/admin/{view.address}".rstrip("/") + "/")
        whole(page)
        # What these pages lead to within themselves.
        for address in page.locator("main a[href^='/admin/']").evaluate_all(
            "all => all.map(a => a.getAttribute('href'))"
        ):
            if not address.endswith(("/file", "/state")):
                page.goto(address)
                whole(page)
                page.go_back()
    for register in REGISTERS:
        base = f"/admin/{register.name}/"
        page.goto(base)
        whole(page)
        page.goto(f"{base}?q=%E4%B8%80&size=50")
        whole(page)
        row = next(iter(listing.page(stocked.keeper, register).rows), None)
        ends = [*(["new"] if register.create else [])]
        if row is not None:
            key = listing.key_of(register, row)
            ends += [f"{key}/", *([f"{key}/edit"] if register.update else [])]
        for end in ends:
            page.goto(base + end)
            whole(page)
        if row is not None:
            look_at_acts(page, register, key)


def look_at_acts(page: Page, register: Any, key: Any) -> None:
    """The preview of every act that is open for a record; nothing is done."""
    for act in register.acts:
        page.goto(f"/admin/{register.name}/{key}/")
        button = page.locator(f"form:has(input[name=act][value={act.name}]) button")
        if button.count():
            button.click()
            whole(page)
            expect(page.locator("h1")).not_to_be_empty()


def test_a_record_from_its_making_to_its_change_in_the_list(office: Any, stocked: SimpleNamespace) -> None:
    """Made, found, changed where it stands, changed by two at once."""
    page = office("/admin/departments/new")
    Department.delete().where(Department.name == "瀏覽器部").execute()
    fill_new(page)
    page.get_by_role("button", name="儲存", exact=True).last.click()
    page.wait_for_url(re.compile(r"/admin/departments/\d+/$"))
    made = Department.get(Department.name == "瀏覽器部")
    page.goto("/admin/departments/?q=%E7%80%8F%E8%A6%BD%E5%99%A8%E9%83%A8")
    if page.locator(".inplace").count():
        place = page.locator(".inplace").first
        place.locator(".inplace-open").click()
        control = place.locator(".inplace-editor input, .inplace-editor select").first
        control.fill("0755-8888") if control.get_attribute("type") in ("text", None) else control.fill("7")
        control.press("Enter")
        expect(page.locator(".inplace-done")).to_be_visible()
        assert Department.get_by_id(made.id).__data__ != made.__data__
    page.goto(f"/admin/departments/{made.id}/edit")
    Department.update(name="別人改的部").where(Department.id == made.id).execute()
    page.fill("input[name=name]", "我改的部")
    page.get_by_role("button", name="儲存", exact=True).last.click()
    expect(page.locator(".error-summary")).to_contain_text("別人改的部")
    expect(page.locator("input[name=name]")).to_have_value("我改的部")
    page.get_by_role("button", name="儲存", exact=True).last.click()
    page.wait_for_url(f"**/admin/departments/{made.id}/")
    assert Department.get_by_id(made.id).name == "我改的部"
    Department.delete().where(Department.id == made.id).execute()
    whole(page)


def fill_new(page: Page) -> None:
    page.fill("input[name=name]", "瀏覽器部")
    for choice in page.locator(".office-form select").all():
        choice.select_option(index=1)


def test_a_record_is_looked_up_with_the_keyboard_alone(office: Any, stocked: SimpleNamespace) -> None:
    """The combobox of an input of type "pick": words, arrow, Enter."""
    page = office("/admin/sections/new")
    box = page.locator("[data-name=parent]")
    field = box.get_by_role("combobox")
    field.fill("物")  # 物業
    expect(box.get_by_role("listbox")).to_be_visible()
    option = box.get_by_role("option").first.inner_text()
    field.press("ArrowDown")
    expect(box.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    field.press("Enter")
    expect(box.locator("input[type=radio]:checked")).to_have_count(1)
    expect(box.locator("label").first).to_contain_text(option.split("\n")[0])
    expect(box.get_by_role("listbox")).to_be_hidden()
    whole(page)


def test_many_rows_at_once_and_the_list_as_a_file(office: Any, stocked: SimpleNamespace) -> None:
    """Ticked all, looked at, gone back; kept under a name; written by the worker and fetched."""
    page = office("/admin/people/")
    page.locator("[data-all]").check()
    assert page.locator("input[name=key]:checked").count() == page.locator("input[name=key]").count() > 1
    page.select_option("#office-act", "end_sessions")
    page.locator(".office-acts button").click()
    expect(page.locator("#office-will")).to_be_visible()
    whole(page)
    page.go_back()
    page.goto("/admin/people/?q=%E7%AE%A1%E4%BA%8B")
    page.fill("#office-name", "管事的人")
    page.locator("form[action$='/saved'] button").click()
    expect(page.locator(".office-saved")).to_contain_text("管事的人")
    whole(page)
    page.locator("form[action*='/saved/'] button[name=remove]").click()
    expect(page.locator(".office-saved")).to_have_count(0)
    page.goto("/admin/people/?q=%E7%AE%A1%E4%BA%8B")
    page.locator("button[name=format][value=xlsx]").click()
    page.wait_for_url("**/admin/exports/*/")
    link = page.locator("a[href$='/file']")
    expect(link).to_be_visible(timeout=20_000)  # the page looks by itself
    whole(page)
    with page.expect_download() as fetched:
        link.click()
    assert fetched.value.suggested_filename.endswith(".xlsx")


def test_on_a_phone_filters_fold_and_an_act_is_done_and_undone(office: Any, stocked: SimpleNamespace) -> None:
    page = office("/admin/items/", size=PHONE, locale="zh-CN")
    fields = page.locator(".office-fields")
    expect(fields).to_be_hidden()
    page.locator(".office-filters > summary").click()
    expect(fields).to_be_visible()
    row = page.locator(".office-table tbody tr").first
    title = row.locator("th, td.row-head").first.inner_text()
    row.locator("input[name=key]").check()
    page.locator(".office-acts button").click()  # no act chosen yet: the browser asks, and the tick stays
    expect(row.locator("input[name=key]")).to_be_checked()
    done_to = page.locator("main")
    for act in ("trash", "untrash"):
        page.select_option("#office-act", act)
        page.locator(".office-acts button").click()
        expect(done_to).to_contain_text(title)
        whole(page)
        page.locator("button[name=go]").click()
        page.wait_for_load_state()
        whole(page)
        page.goto(f"/admin/items/?f.trashed={int(act == 'trash')}&q={title}")
        expect(done_to).to_contain_text(title)
        expect(page.locator(".office-fields")).to_be_visible()  # in use, so not folded
        page.locator(".office-table tbody tr").first.locator("input[name=key]").check()
