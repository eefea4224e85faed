"""Recording a matter for somebody: who calls on the left, the form in the middle, what came before on the right."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Blueprint, flash, make_response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from content import reception
from content.cases import Case
from content.errors import Busy, Conflict, DomainError, Invalid, NotAllowed, NotFound, StorageFull
from content.people import Community
from content.permissions import may
from content.reception.categories import (
    CALLER_FIELDS,
    CATEGORIES,
    CHANNELS,
    Category,
    fields_of,
)
from portal.pages.desk.asides import Beside, beside, chosen
from portal.pages.desk.times import typed_time
from portal.pages.matters import doors, sent
from portal.web.errors import STATUS
from portal.web.i18n import say
from portal.web.login import person

pages = Blueprint("intake", __name__)
# Everything but the portal itself: who records for somebody says how they came.
WAYS = tuple(one for one in CHANNELS if one[0] != "web")


@dataclass
class Typed:
    """All that stands in the form."""

    key: str
    values: dict[str, str] = field(default_factory=dict)
    errors: sent.Errors = field(default_factory=dict)
    problem: str = ""

    @property
    def category(self) -> Category | None:
        """The category that is chosen, if one is."""
        return CATEGORIES.get(self.values.get("category", ""))

    @property
    def channel(self) -> str:
        """How the caller came; a visit if nothing is said."""
        found = self.values.get("channel", "")
        return found if found in dict(WAYS) else "visit"

    def draft(self) -> dict[str, str]:
        """For the domain: what the category and its caller are asked."""
        asked = fields_of(self.category) if self.category else ()
        names = [*(spec.name for spec in (*asked, *CALLER_FIELDS)), "community"]
        return {name: self.values.get(name, "") for name in names}


@pages.get("/new")
def form() -> Response:
    """The empty form; ``?category=`` chooses one."""
    typed = Typed(sent.new_key(), {"category": request.args.get("category", ""), "channel": "visit"})
    return _form(typed)


@pages.post("/new")
def send() -> Response:
    """Record it; any other button of the form only looks things up and keeps everything typed."""
    typed = Typed(sent.form_key(), {name: value[:20_000] for name, value in request.form.items()})
    if sent.taken_out(typed.key):
        return _form(typed)
    typed.errors = sent.hold_files(person(), typed.key)
    if request.form.get("do") != "record":
        typed.values |= chosen(person(), typed.values)
        return _form(typed)
    try:
        case = _record(typed)
    except Invalid as invalid:
        typed.errors = sent.together(sent.spoken(invalid), typed.errors)
        typed.problem = "" if typed.errors else say(invalid.message)
        return _form(typed, 422)
    except (Busy, StorageFull) as failed:
        typed.problem = say(failed.message)
        return _form(typed, next(code for kind, code in STATUS.items() if isinstance(failed, kind)))
    doors.remember("slip", case)
    _afterwards(typed, case)
    return redirect("/desk/sent", code=303)


def _record(typed: Typed) -> Case:
    """Open the matter. Raises ``Invalid`` with every problem of the form at once."""
    reader, wrong = person(), Invalid({})
    problems = dict(typed.errors)
    if typed.category is None:
        problems["category"] = [_("Please choose what it is.")]
    if "settled" in typed.values and not typed.values.get("answer", "").strip():
        problems["answer"] = [_("Please write what you told them; it is the answer.")]
    try:
        typed_time("promised_at", typed.values.get("promised_at", ""))
    except Invalid as invalid:
        problems |= sent.spoken(invalid)
    if problems:
        if typed.category is not None:
            try:
                reception.check_draft(
                    reader, typed.category.name, typed.draft(), channel=typed.channel, on_behalf=True
                )
            except Invalid as invalid:
                wrong = invalid
        typed.errors = problems
        raise wrong
    assert typed.category is not None
    return reception.open_case(
        reader, typed.category.name, typed.draft(), key=typed.key, channel=typed.channel, on_behalf=True
    )


def _afterwards(typed: Typed, case: Case) -> None:
    """What was decided at the counter besides: promised, settled at once (R-005), the same as another one.

    The matter is recorded by now, so what cannot be done here is told and can be done on its page.
    """
    reader = person()
    if case.version != 1 or not may(reader, "case:work", case):
        return  # sent twice, and done by the first; or against the recorder, who sees nothing more of it
    promised = typed_time("promised_at", typed.values.get("promised_at", ""))
    into = typed.values.get("same_as", "")
    try:
        if promised is not None:
            case = reception.set_promise(reader, case, promised, reason="", version=case.version)
        if "settled" in typed.values:
            reception.step(reader, case, "answer", comment=typed.values["answer"], version=case.version)
        elif into:
            reception.merge(reader, case, into, case.version)
    except (Invalid, NotAllowed, NotFound, Conflict) as refused:
        flash(_("It is recorded, but: %(why)s", why=_why(refused)), "error")


def _why(refused: DomainError) -> str:
    texts = sent.spoken(refused) if isinstance(refused, Invalid) else {}
    return next((text for found in texts.values() for text in found), "") or say(refused.message)


@pages.get("/sent")
def recorded() -> Response:
    """The slip of what was recorded last. Who recorded against themself sees only its number (R-004)."""
    case = doors.remembered("slip")
    if case is None:
        return redirect("/desk/new")
    receipt = reception.receipt(case, person())
    known = may(person(), "case:work", case)
    answer = make_response(
        render_template(
            "desk/sent.html",
            number=receipt.number,
            category=CATEGORIES[receipt.category],
            case=case if known else None,
        )
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _form(typed: Typed, status: int = 200) -> Response:
    found: Beside = beside(person(), typed.values, asked=request.method == "POST")
    category = typed.category
    answer = make_response(
        render_template(
            "desk/new.html",
            typed=typed,
            values=typed.values,
            errors=typed.errors,
            labels=_labels(category),
            category=category,
            categories=list(CATEGORIES.values()),
            asked=fields_of(category) if category else (),
            callers=CALLER_FIELDS,
            ways=WAYS,
            communities=list(Community.select().order_by(Community.name)),
            nearby=found,
            held=reception.held(typed.key) if request.method == "POST" else [],
        ),
        status,
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _labels(category: Category | None) -> dict[str, str]:
    asked = fields_of(category) if category else ()
    own = {
        "category": _("What is it?"),
        "answer": _("Answer"),
        "promised_at": _("Promised for"),
        "files": _("Files"),
    }
    return own | {spec.name: _(spec.label) for spec in (*asked, *CALLER_FIELDS)}
