"""What residents and visitors do with matters: write in, follow, add words, rate, open again."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from content.reception.categories import FILES_LIMIT
from portal.pages.matters import case, follow, looks, mine, report, words

pages = Blueprint("matters", __name__)
for _part in (report, follow, mine, case):
    pages.register_blueprint(_part.pages)


@pages.record_once
def _know_looks(state: Any) -> None:
    state.app.jinja_env.globals.update(
        category_icon=looks.category_icon,
        state_mark=looks.state_mark,
        case_stops=looks.stops,
        category_of=looks.category_of,
        file_size=looks.file_size,
        files_limit=FILES_LIMIT,
        stars=words.STARS,
    )
