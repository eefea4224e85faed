"""How matters and people hang together: merged into another one, linked, about somebody."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from content import reception
from content.cases import Case
from content.errors import N_, Invalid, NotFound, msg
from content.people import Person
from portal.pages.desk.acts import act, at_field, worked
from portal.pages.work.found import sent_version
from portal.web.login import person
from portal.web.numbers import number as plain_number

pages = Blueprint("ties", __name__)
_NO_SUCH = N_("There is no matter with this number that you can see.")


def _other(name: str) -> Case:
    """The other matter that a form names by its number. Raises ``Invalid``."""
    try:
        return reception.find(person(), _typed(name))
    except NotFound:
        raise Invalid({name: [msg(_NO_SUCH)]}) from None


@pages.post("/<number>/merge")
def merge(number: str) -> Response | str:
    """Merge it into another one; asked first, for merging cannot be undone."""
    version = sent_version()
    if "sure" not in request.form:
        try:
            other = _other("into")
        except Invalid:
            return act(number, "merge", lambda case: _refused())
        return render_template(
            "parts/confirm.html",
            title=_("Merge"),
            question=_("Merge %(number)s into %(other)s?", number=worked(number).number, other=other.number),
            consequence=_(
                "Everything goes on in %(other)s, where both residents read the answer. Both numbers keep leading "
                "there. This cannot be undone.", other=other.number),
            address=f"/cases/{number}/merge",
            verb=_("Merge"),
            back=f"/cases/{number}",
            values={"into": other.number, "version": version, "sure": "1"},
        )  # fmt: skip

    def do(case: Case) -> str:
        other = _other("into")
        reception.merge(person(), case, other.number, version)
        return _("It is merged into %(other)s.", other=other.number)

    return act(number, "merge", do)


def _refused() -> str:
    raise Invalid({"into": [msg(_NO_SUCH)]})


@pages.post("/<number>/link")
def link(number: str) -> Response:
    """Link two matters that have to do with each other."""

    def do(case: Case) -> str:
        at_field("other", "number", lambda: reception.link(person(), case, _typed("other")))
        return _("The two are linked.")

    return act(number, "link", do)


@pages.post("/<number>/unlink")
def unlink(number: str) -> Response:
    """Take a link away."""

    def do(case: Case) -> str:
        at_field("other", "number", lambda: reception.unlink(person(), case, _typed("other")))
        return _("The link is taken away.")

    return act(number, "link", do)


def _typed(name: str) -> str:
    return request.form.get(name, "").strip()[:40]


@pages.post("/<number>/about")
def about(number: str) -> Response:
    """Say whom it is about: of a complaint they see nothing from now on, of praise they are told."""

    def do(case: Case) -> str:
        at_field("person", "about", lambda: reception.add_about(person(), case, _person()))
        return _("It is noted whom it is about.")

    return act(number, "about", do)


@pages.post("/<number>/about/drop")
def drop_about(number: str) -> Response:
    """Say that it is not about somebody after all."""

    def do(case: Case) -> str:
        reception.drop_about(person(), case, _person())
        return _("It is not about them any more.")

    return act(number, "about", do)


def _person() -> Person:
    id = plain_number(request.form.get("person"))
    found: Person | None = None if id is None else Person.get_or_none(Person.id == id)
    if found is None:
        raise Invalid({"person": [msg(N_("Please choose one of the list."))]})
    return found
