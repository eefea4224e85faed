"""The pages of one record: what there is of it, the forms to make and change it, its values changed in the list."""

from __future__ import annotations

from typing import Any

from flask import flash, jsonify, redirect, request
from flask_admin import expose
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from admin import forms
from admin.lists import Lists
from admin.showing import cell, plain_title
from content.backoffice import changing, listing
from content.backoffice.declaring import Input, Row
from content.errors import Conflict, DomainError, Invalid, NotFound
from portal.web.errors import STATUS
from portal.web.i18n import say
from portal.web.login import person


class Records(Lists):
    """A record's own pages; mixed into ``RegisterView``."""

    @expose("/<key>/")
    def record(self, key: str) -> str:
        """All that there is of one record, also what the list leaves out, and what can be done with it."""
        row = listing.one(person(), self.register, key)
        return self.render(
            "backoffice/record.html", register=self.register, row=row, key=key, refusals=self._refusals(row)
        )

    @expose("/new", methods=("GET", "POST"))
    def new(self) -> Any:
        """The form of a new record."""
        if not self.may_create():
            raise NotFound()
        inputs = self.register.inputs
        if request.method == "GET":
            return self._form(inputs, changing.filled(inputs, {}))
        typed, look = forms.typed(inputs), forms.looked_up(inputs)
        if look:
            return self._form(inputs, typed, look=look)
        try:
            key = changing.create(person(), self.register, typed)
        except Invalid as error:
            return self._form(inputs, typed, error), 422
        flash(_("Saved."), "done")
        return redirect(self.address_of(key), code=303)

    @expose("/<key>/edit", methods=("GET", "POST"))
    def edit(self, key: str) -> Any:
        """The form of a record."""
        row = listing.one(person(), self.register, key)
        if not self.may_update():
            raise NotFound()
        inputs, stored = (
            self.register.inputs,
            changing.filled(self.register.inputs, changing.form_values(self.register, row)),
        )
        if request.method == "GET":
            return self._form(inputs, stored, row=row)
        typed, look = forms.typed(inputs), forms.looked_up(inputs)
        for input in inputs:
            if input.only_new:
                typed[input.name] = stored[input.name]
        version = request.form.get("version", "")
        if look:
            return self._form(inputs, typed, row=row, look=look, version=version)
        try:
            changing.update(person(), self.register, key, typed, version)
        except Invalid as error:
            return self._form(inputs, typed, error, row=row, version=version), 422
        except Conflict as error:
            fresh = listing.one(person(), self.register, key)
            return self._form(inputs, typed, error, row=fresh), 409
        flash(_("Saved."), "done")
        return redirect(self.address_of(key), code=303)

    @expose("/<key>/cell/<name>", methods=("POST",))
    def cell(self, key: str, name: str) -> Any:
        """Change one value in the list; for our script, which is answered in JSON."""
        try:
            row = changing.update_cell(
                person(),
                self.register,
                key,
                name,
                request.form.getlist("value"),
                request.form.get("version", ""),
            )
        except Invalid as error:
            fields, others = forms.problems(error, self.register.inputs)
            return jsonify(
                error=" ".join([*(text for texts in fields.values() for text in texts), *others])
            ), 422
        except Conflict:
            return jsonify(
                error=_("Somebody else changed this row meanwhile. Load the list anew to see it.")
            ), 409
        except NotFound:
            return jsonify(error=_("It is not there any more.")), 404
        except DomainError as error:
            return jsonify(error=say(error.message)), STATUS.get(type(error), 400)
        columns = [column for column in self.register.columns if column.listed]
        inplace = [column for column in columns if column.name in self.inplace()]
        return jsonify(
            version=changing.version_of(self.register, row),
            cells={column.name: str(cell(column, row, short=True)) for column in columns},
            values={column.name: self.raw(column, row) for column in inplace},
        )

    @expose("/find/<name>")
    def find(self, name: str) -> Response:
        """Records for an input of type "pick", by typed words: ``?q=…``; for our script."""
        inputs: list[Input] = [*self.register.inputs]
        prefix, _dot, rest = name.rpartition(".")
        if prefix:
            inputs = [input for act in self.register.acts if act.name == prefix for input in act.inputs]
        found = next((input for input in inputs if input.name == rest and input.type == "pick"), None)
        if found is None:
            raise NotFound()
        return jsonify(
            found=[
                {"key": key, "label": label} for key, label in forms.find(found, request.args.get("q", ""))
            ]
        )

    def _refusals(self, row: Row) -> list[tuple[Any, str]]:
        """The acts of a register with why this record cannot be done with; "" where it can."""
        reader = person()
        assert reader is not None
        found = [(act, act.refuses(reader, row)) for act in self.register.acts]
        return [(act, "" if why is None else say(why)) for act, why in found]

    def _form(
        self,
        inputs: Any,
        typed: dict[str, list[str]],
        error: DomainError | None = None,
        *,
        row: Row | None = None,
        look: str = "",
        version: str = "",
    ) -> str:
        fields, others = forms.problems(error, inputs) if isinstance(error, Invalid) else ({}, [])
        drawn = forms.draw(inputs, typed, fields, new=row is None, look=look)
        differing = []
        if isinstance(error, Conflict) and row is not None:
            stored = changing.filled(inputs, changing.form_values(self.register, row))
            theirs = forms.draw(inputs, stored)
            differing = [(a, b) for a, b in zip(theirs, drawn, strict=True) if list(a.texts) != list(b.texts)]
        return self.render(
            "backoffice/form.html",
            register=self.register,
            row=row,
            back=self.address_of(listing.key_of(self.register, row))
            if row is not None
            else f"/admin/{self.register.name}/",
            drawn=drawn,
            errors=fields,
            others=others,
            conflict=isinstance(error, Conflict),
            differing=differing,
            version=version or (changing.version_of(self.register, row) if row is not None else ""),
            heading=plain_title(self.register, row) if row is not None else "",
        )
