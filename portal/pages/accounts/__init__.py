"""Pages round the account: register, forgotten passwords, sessions, the second factor, my data, help at the counter."""

from __future__ import annotations

from flask import Blueprint

from portal.pages.accounts import data, erasures, forgot, helping, register, second, sittings

pages = Blueprint("accounts", __name__)
for _part in (register, forgot, sittings, second, data, helping, erasures):
    pages.register_blueprint(_part.pages)
