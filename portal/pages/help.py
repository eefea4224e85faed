"""Help: what one can do here, a page for each role, in the three languages.

The pages are Markdown templates under ``templates/help/<locale>/``. Names of buttons and pages are not written in
them but asked for (``{{ b("Send") }}``), so they are always what the interface says.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, render_template
from flask_babel import gettext as _
from markupsafe import Markup

from content.errors import N_
from content.late import Late
from content.people import Person
from portal.web.login import person
from portal.web.reading import reading

markdown_it = Late("markdown_it")
pages = Blueprint("help", __name__)
# Stand for the ends of a button's name while the text is Markdown, which cannot set all Chinese in bold.
_BEGIN, _END = "\ue000", "\ue001"


@dataclass(frozen=True)
class Topic:
    """A page of help. ``roles`` are those whom it is for; without any it is for everybody."""

    name: str
    label: str
    help: str
    icon: str
    roles: frozenset[str] = frozenset()


TOPICS: dict[str, Topic] = {
    one.name: one
    for one in (
        Topic("visitor", N_("Without an account"), N_("Find something, tell us something, follow it."), "board"),
        Topic(
            "resident", N_("Owners and tenants"), N_("Your account, your matters, what you are told."), "people",
            frozenset({"owner", "tenant"}),
        ),
        Topic("editor", N_("Editors"), N_("Write, preview, submit, correct."), "pen", frozenset({"editor"})),
        Topic("reviewer", N_("Reviewers"), N_("Publish, return, take down."), "eye", frozenset({"reviewer"})),
        Topic(
            "receptionist", N_("Reception"), N_("Record a matter and give it into the right hands."), "phone",
            frozenset({"receptionist"}),
        ),
        Topic("crew", N_("Repair crews"), N_("Take a repair, settle it, answer."), "wrench", frozenset({"crew"})),
        Topic(
            "manager", N_("Heads and managers"), N_("Decide, and see what is late."), "clock",
            frozenset({"head", "manager", "quality", "general-manager"}),
        ),
        Topic("leader", N_("School leaders"), N_("Log a talk, keep promises."), "people", frozenset({"leader"})),
        Topic("counselor", N_("Counselors"), N_("Confirm a talk, add your words."), "people", frozenset({"counselor"})),
        Topic("office", N_("Liaison office"), N_("Who looks after whom, and who is late."), "calendar", frozenset({"office"})),
        Topic(
            "administrator", N_("Administrators"), N_("People, settings, and what the machine needs."), "lock",
            frozenset({"administrator"}),
        ),
    )
}  # fmt: skip


@pages.get("/help/")
def overview() -> str:
    """All pages of help, the reader's own ones first."""
    own = own_topics(person())
    others = [topic for topic in TOPICS.values() if topic not in own]
    return render_template("help/index.html", own=own, others=others)


@pages.get("/help/<topic>")
def one(topic: str) -> str:
    """The page for one role."""
    found = TOPICS.get(topic)
    if found is None:
        abort(404)
    return render_template("help/page.html", topic=found, body=body(found))


def own_topics(reader: Person | None) -> list[Topic]:
    """What concerns a reader: the pages of their roles, or the visitors' page."""
    held = {grant.role for grant in reader.grants} if reader is not None else set()
    return [topic for topic in TOPICS.values() if topic.roles & held] or [TOPICS["visitor"]]


def body(topic: Topic) -> Markup:
    """The text of a page in the reader's language."""
    text = render_template(f"help/{reading().locale}/{topic.name}.md", b=_button, t=_)
    html = markdown_it.MarkdownIt("commonmark", {"html": False}).render(text)
    return Markup(html.replace(_BEGIN, "<strong>").replace(_END, "</strong>"))  # noqa: S704  our own text


def _button(label: str) -> str:
    return f"{_BEGIN}{_(label)}{_END}"
