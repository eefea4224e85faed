"""Lists that are kept: under a name to use again, and written into a file."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_admin import expose
from flask_babel import gettext as _

from admin.acts import Acts
from admin.addresses import Address
from content.backoffice import jobs, saved
from content.errors import Invalid
from portal.web.i18n import say
from portal.web.login import person
from portal.web.reading import reading


class Keeping(Acts):
    """What somebody keeps of a list; mixed into ``RegisterView``."""

    @expose("/saved", methods=("POST",))
    def save(self) -> Any:
        """Keep the list as it is searched, filtered and sorted, under a name."""
        address = Address.of_query(self.register, request.form.get("query", ""))
        try:
            kept = saved.keep(person(), self.register, request.form.get("name", ""), address.kept)
        except Invalid as error:
            return self._refused(error, address.url)
        flash(_("The list “%(name)s” is kept; you find it above the rows.", name=kept.name), "done")
        return redirect(address.url, code=303)

    @expose("/saved/<int:id>", methods=("POST",))
    def change_saved(self, id: int) -> Any:
        """Give a kept list another name, or keep it no longer."""
        address = Address.of_query(self.register, request.form.get("query", ""))
        if "remove" in request.form:
            gone = saved.remove(person(), self.register, id)
            flash(
                _(
                    "The list “%(name)s” is not kept any more. The records in it are as they were.",
                    name=gone.name,
                ),
                "done",
            )
            return redirect(address.url, code=303)
        try:
            kept = saved.rename(person(), self.register, id, request.form.get("name", ""))
        except Invalid as error:
            return self._refused(error, address.url)
        flash(_("The list is called “%(name)s” now.", name=kept.name), "done")
        return redirect(address.url, code=303)

    @expose("/export", methods=("POST",))
    def write(self) -> Any:
        """Have the list written into a file."""
        address = Address.of_query(self.register, request.form.get("query", ""))
        try:
            job = jobs.ask(
                person(),
                self.register,
                request.form.get("format", ""),
                words=address.words,
                typed=dict(address.typed),
                sort=address.sort,
                descending=address.descending,
                locale=reading().locale,
            )
        except Invalid as error:
            flash(say(error.message), "error")
            return redirect(address.url, code=303)
        return redirect(f"/admin/exports/{job.uid}/", code=303)

    def _refused(self, error: Invalid, url: str) -> Any:
        for messages in error.fields.values():
            for message in messages:
                flash(say(message), "error")
        return redirect(url, code=303)
