"""Reception: matters come in, are worked by those whom they concern, and are told to their parties."""

from content.reception import dates as _dates  # noqa: F401  importing it puts promises into calendars
from content.reception.access import (
    desks_of,
    find,
    mine,
    open_steps,
    rights,
    visible_cases,
)
from content.reception.acts import add_about, drop_about, move, note, rate, say_in
from content.reception.attachments import (
    CaseFile,
    HeldFile,
    attach_held,
    drop_held,
    file_of,
    forget_held,
    held,
    hold_file,
)
from content.reception.categories import HELD
from content.reception.entries import address, role_label, role_of
from content.reception.erasing import erase, erase_matters, matters_of
from content.reception.intake import Receipt, check_draft, follow, open_case, receipt
from content.reception.joining import link, merge, unlink
from content.reception.lists import (
    desk_counts,
    desk_page,
    export_rows,
    household_matters,
    my_matters,
    note_export,
    received_by,
    waiting_for,
)
from content.reception.page import CasePage, Entry, page, page_at
from content.reception.promises import latest_day, set_promise
from content.reception.rows import Page, Row
from content.reception.similar import Similar, similar
from content.reception.steps import step

__all__ = [
    "HELD",
    "CaseFile",
    "CasePage",
    "Entry",
    "HeldFile",
    "Page",
    "Receipt",
    "Row",
    "Similar",
    "add_about",
    "address",
    "attach_held",
    "check_draft",
    "desk_counts",
    "desk_page",
    "desks_of",
    "drop_about",
    "drop_held",
    "erase",
    "erase_matters",
    "export_rows",
    "file_of",
    "find",
    "follow",
    "forget_held",
    "held",
    "hold_file",
    "household_matters",
    "latest_day",
    "link",
    "matters_of",
    "merge",
    "mine",
    "move",
    "my_matters",
    "note",
    "note_export",
    "open_case",
    "open_steps",
    "page",
    "page_at",
    "rate",
    "receipt",
    "received_by",
    "rights",
    "role_label",
    "role_of",
    "say_in",
    "set_promise",
    "similar",
    "step",
    "unlink",
    "visible_cases",
    "waiting_for",
]
