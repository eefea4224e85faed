"""Settings in the back office: the subjects, and a page for each."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, g, make_response, redirect, request
from flask_admin import expose
from flask_babel import gettext as _
from markupsafe import Markup, escape

from admin.base import PageView
from content import preferences
from content.errors import N_, Conflict, Invalid
from content.preferences import Changed, Shown, SubjectPage
from content.settings import ABOUT, SUBJECTS, About
from portal.web.connection import base_settings
from portal.web.i18n import say
from portal.web.login import person
from portal.web.numbers import number
from portal.web.waiting import Errors, told

Typed = dict[str, str]


class SettingsView(PageView):
    """What can be set, subject by subject."""

    label = N_("Settings")
    address = "settings"
    group = "machine"
    permission = preferences.PERMISSION

    @expose("/")
    def index(self) -> str:
        """The subjects, each with a line."""
        return self.render("backoffice/settings.html", subjects=SUBJECTS.values())

    @expose("/<subject>")
    def subject(self, subject: str) -> str:
        """The settings of a subject."""
        page = preferences.page(base_settings(), person(), subject)
        return self._page(page, _values(page), {})

    @expose("/<subject>", methods=("POST",))
    def change(self, subject: str) -> Any:
        """Give them other values; what is refused is kept as it was typed."""
        page = preferences.page(base_settings(), person(), subject)
        typed = _typed(page)
        try:
            changed = preferences.change(base_settings(), person(), typed, version=_version())
        except Invalid as invalid:
            return make_response(self._page(page, typed, told(invalid)), 422)
        except Conflict as conflict:
            return self._overtaken(page, typed, conflict)
        _say_what_changed(changed)
        return redirect(f"/admin/settings/{subject}", code=303)

    @expose("/<subject>/reset", methods=("POST",))
    def reset(self, subject: str) -> Any:
        """Put one back to its default. What else was typed and not saved stays in the form."""
        page = preferences.page(base_settings(), person(), subject)
        typed, name = _typed(page), request.form.get("reset", "")
        try:
            changed = preferences.reset(base_settings(), person(), name, version=_version())
        except Invalid as invalid:
            return make_response(self._page(page, typed, told(invalid)), 422)
        except Conflict as conflict:
            return self._overtaken(page, typed, conflict)
        if changed is not None:
            flash(_("“%(setting)s” is back to its default.", setting=_(changed.about.label)), "done")
        _known_at_once()
        page = preferences.page(base_settings(), person(), subject)
        now = _values(page)
        typed[name] = now.get(name, "")
        if typed == now:
            return redirect(f"/admin/settings/{subject}#f-{name}", code=303)
        flash(_("What else you typed is still here, and not saved yet."), "note")
        return self._page(page, typed, {})

    @expose("/mail/test", methods=("POST",))
    def test_mail(self) -> Any:
        """Send a mail to whoever asks."""
        try:
            preferences.send_test(base_settings(), person())
        except Invalid as invalid:
            problems = [one for some in invalid.fields.values() for one in some] or [invalid.message]
            flash(" ".join(say(one) for one in problems), "error")
        else:
            flash(_("A test mail to you is in the outbox. Look at this page again in a moment."), "done")
        return redirect("/admin/settings/mail#test", code=303)

    def _page(self, page: SubjectPage, typed: Typed, errors: Errors, overtaken: str | None = None) -> str:
        reader = person()
        live = page.subject.live
        return self.render(
            "backoffice/settings_subject.html" if live else "backoffice/settings_machine.html",
            page=page,
            typed=typed,
            errors=errors,
            labels={name: _(about.label) for name, about in ABOUT.items()},
            overtaken=overtaken,
            in_words=in_words,
            same=_values(page),
            last_test=preferences.last_test(reader) if page.subject.name == "mail" and reader else None,
        )

    def _overtaken(self, page: SubjectPage, typed: Typed, conflict: Conflict) -> Response:
        """The form as it was typed, beside what somebody else saved meanwhile."""
        return make_response(self._page(page, typed, {}, overtaken=conflict.by), 409)


def in_words(about: About, value: Any) -> Markup:
    """A value as it is read: chosen words translated, numbers with their unit, what was typed as content."""
    if about.type == "yes":
        return escape(_("Yes") if value else _("No"))
    if value == "":
        return escape(_("empty"))
    if about.type == "choice":
        return escape(_(dict(about.choices).get(value, str(value))))
    unit = f" {_(about.unit)}" if about.unit else ""
    return Markup("<span data-content>{}</span>{}").format(value, unit)


def _values(page: SubjectPage) -> Typed:
    """The present values as the form would send them."""
    return {one.about.name: _sent(one) for one in page.settings if not one.fixed}


def _sent(one: Shown) -> str:
    if one.about.type == "yes":
        return "1" if one.value else ""
    return str(one.value)


def _typed(page: SubjectPage) -> Typed:
    return {one.about.name: request.form.get(one.about.name, "") for one in page.settings if not one.fixed}


def _version() -> int:
    found = number(request.form.get("version"))
    return -1 if found is None else found


def _known_at_once() -> None:
    """What follows in this request is said with the new values already."""
    g.settings = preferences.current(base_settings())


def _say_what_changed(changed: list[Changed]) -> None:
    _known_at_once()
    if not changed:
        flash(_("Nothing was changed."), "note")
        return
    lines = [
        _("“%(setting)s” is saved.", setting=_(one.about.label))
        if one.about.type == "secret"
        else _("%(setting)s: %(old)s → %(new)s", setting=_(one.about.label),
               old=in_words(one.about, one.old), new=in_words(one.about, one.new))
        for one in changed
    ]  # fmt: skip
    flash(Markup("<br>").join(Markup(line) for line in lines), "done")  # noqa: S704  escaped by in_words
