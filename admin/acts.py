"""Acts on the rows that somebody chose: what would happen to each, then what did."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_admin import expose
from flask_babel import gettext as _

from admin import forms
from admin.addresses import Address
from admin.records import Records
from admin.showing import plain_title
from content.backoffice import acting, listing
from content.backoffice.acting import MOST
from content.backoffice.declaring import Act
from content.errors import Invalid, NotFound
from portal.web.i18n import say
from portal.web.login import person
from portal.web.numbers import number
from portal.web.security import safe_path

SHOWN = 200  # rows that a page names; the others are counted
LONGEST = 200_000  # characters of keys that a form hands on


class Acts(Records):
    """Doing something with rows; mixed into ``RegisterView``."""

    @expose("/act", methods=("POST",))
    def act(self) -> Any:
        """What would happen, and after the button there, what did."""
        address = Address.of_query(self.register, request.form.get("query", ""))
        back = safe_path(request.form.get("back"), address.url)
        name = request.form.get("act", "")
        if not name:
            flash(_("Please choose first what is to be done."), "note")
            return redirect(back, code=303)
        act = acting.act_of(self.register, name)
        keys, more = self._keys(address)
        if not keys:
            flash(_("Please choose at least one row first."), "note")
            return redirect(back, code=303)
        typed, look = forms.typed(act.inputs), forms.looked_up(act.inputs)
        if "go" not in request.form or look:
            return self._preview(act, keys, back, typed, more=more, look=look)
        try:
            outcome = acting.run(person(), self.register, act, keys, typed)
        except Invalid as error:
            return self._preview(act, keys, back, typed, error), 422
        return self._result(act, outcome, back)

    def _keys(self, address: Address) -> tuple[list[str], bool]:
        """The keys that were chosen, or of all rows that fit; and whether there are more of these than can be done."""
        if request.form.get("all"):
            found = listing.keys_matching(person(), self.register, address.selection, MOST + 1)
            return [str(key) for key in found[:MOST]], len(found) > MOST
        handed = request.form.get("keys", "")[:LONGEST].split("\n")
        found = [key.strip() for key in (*request.form.getlist("key"), *handed) if key.strip()]
        return found[:MOST], len(found) > MOST

    def _preview(
        self,
        act: Act,
        keys: list[str],
        back: str,
        typed: dict[str, list[str]],
        error: Invalid | None = None,
        *,
        more: bool = False,
        look: str = "",
    ) -> str:
        preview = acting.preview(person(), self.register, act, keys)
        fields, others = forms.problems(error, act.inputs) if error else ({}, [])
        if error is None and not look and "go" not in request.form:
            typed = {
                input.name: [str(input.default)] if input.default not in ("", None) else []
                for input in act.inputs
            }
        return self.render(
            "backoffice/act.html",
            register=self.register,
            act=act,
            preview=preview,
            keys="\n".join(acting.looked_at(self.register, row) for row in preview.will),
            refused=[(row, say(why)) for row, why in preview.wont],
            drawn=forms.draw(act.inputs, typed, fields, look=look),
            errors=fields,
            others=others,
            back=back,
            more=more,
            most=MOST,
            shown=SHOWN,
        )

    def _result(self, act: Act, outcome: acting.Outcome, back: str) -> Any:
        done = len(outcome.done) + (number(request.form.get("done")) or 0)
        stayed = len(outcome.refused) + (number(request.form.get("stayed")) or 0)
        if done == 1 and not stayed and not outcome.rest:
            row = outcome.done[0]
            text = _("Done: %(act)s – %(record)s", act=say(act.label), record=plain_title(self.register, row))
            flash(text, "done")
            return redirect(self._still_there(listing.key_of(self.register, row), back), code=303)
        return self.render(
            "backoffice/done.html",
            register=self.register,
            act=act,
            outcome=outcome,
            done=done,
            stayed=stayed,
            refused=[(row, say(why)) for row, why in outcome.refused],
            keys="\n".join(outcome.rest),
            typed={input.name: request.form.getlist(input.name) for input in act.inputs},
            back=back,
            shown=SHOWN,
        )

    def _still_there(self, key: Any, back: str) -> str:
        """Where to go after one record: back, but not to the page of a record that is not there any more."""
        if not back.startswith(self.address_of(key)):
            return back
        try:
            listing.one(person(), self.register, key)
        except NotFound:
            return f"/admin/{self.register.name}/"
        return back
