"""The back office: the views of Flask-Admin, in pages of our own."""

from __future__ import annotations

from flask import Blueprint, Flask
from flask_admin import Admin

from admin import showing
from admin.base import PageView, RegisterView
from admin.dashboard import DashboardView
from admin.exports import Exports
from admin.settings import SettingsView
from content.backoffice.registers import REGISTERS

# Pages beside the registers; the first one is the index.
INDEX: type[PageView] = DashboardView
PAGES: tuple[type[PageView], ...] = (SettingsView, Exports)


def install(app: Flask) -> None:
    """Add all views and their templates to the application."""
    app.register_blueprint(Blueprint("backoffice", __name__, template_folder="templates"))
    office = Admin(app, name="Lianxi", url="/admin", index_view=INDEX())
    office.add_views(*(page() for page in PAGES), *(RegisterView(register) for register in REGISTERS))
    showing.install(app, office)
