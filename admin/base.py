"""The two views that all others derive from, with every correction of Flask-Admin in one place.

Flask-Admin brings the views, their addresses and who may see them. Its own pages, scripts and forms are not used:
they need inline scripts, open by number what a list hides, delete for good, and save without a transaction.
Rows are found, changed and acted upon by ``content.backoffice`` alone, which looks up each of them in what the
person may see.
"""

from __future__ import annotations

from typing import Any

from flask_admin import BaseView
from flask_admin.model import BaseModelView

from admin.guard import Guarded
from admin.keeping import Keeping
from content.backoffice import listing
from content.backoffice.declaring import Register
from portal.web.login import person


class PageView(Guarded, BaseView):
    """A page of the back office that is no register. ``address`` is its path under /admin/, and its endpoint."""

    address = ""

    def __init__(self) -> None:
        name = self.address.replace("/", "_")
        super().__init__(
            name=self.label,
            endpoint=f"admin_{name}" if name else "admin",
            url=f"/admin/{self.address}".rstrip("/"),
        )


class RegisterView(Guarded, Keeping, BaseModelView):
    """A register: its list, its records, their forms, its acts and its exports."""

    can_delete = False  # trash is an act of the domain
    column_display_actions = False

    # Addresses of Flask-Admin that are not to exist: they open and change rows by number, unseen by the domain.
    index_view = create_view = edit_view = details_view = delete_view = None
    action_view = export = ajax_lookup = ajax_update = None

    def __init__(self, register: Register) -> None:
        self.register = register
        self.label, self.group, self.permission = register.label, register.group, register.permission
        super().__init__(
            register.key.model,
            name=register.label,
            endpoint=f"admin_{register.name}",
            url=f"/admin/{register.name}",
        )

    def _refresh_cache(self) -> None:
        """Flask-Admin would make columns, filters and forms from the model; the register declares them."""

    def init_actions(self) -> None:
        """Flask-Admin would look at every attribute of every view for its own; acts are declared."""
        self._actions: list[tuple[str, str]] = []
        self._actions_data: dict[str, Any] = {}

    # What Flask-Admin itself would ask. It answers as the pages do, so that no way leads past the domain.

    def get_pk_value(self, model: Any) -> Any:
        return listing.key_of(self.register, model)

    def get_one(self, id: Any) -> Any:
        """A row that the reader may see; Flask-Admin's own opens whatever is in the table."""
        return listing.one(person(), self.register, id)

    def get_list(
        self,
        page: int,
        sort_field: str,
        sort_desc: bool,
        search: str,
        filters: Any,
        page_size: int | None = None,
    ) -> tuple[int, list[Any]]:
        found = listing.page(
            person(),
            self.register,
            words=search or "",
            sort=sort_field or "",
            descending=sort_desc,
            page=page or 0,
            size=page_size or listing.SIZES[0],
        )
        return found.count, found.rows

    def delete_model(self, model: Any) -> bool:
        """Nothing is deleted here."""
        return False

    def create_model(self, form: Any) -> bool:
        """Forms are read by ``admin.records`` and saved by ``content.backoffice.changing``."""
        return False

    def update_model(self, form: Any, model: Any) -> bool:
        """As ``create_model``."""
        return False
