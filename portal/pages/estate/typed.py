"""What was typed into the forms of the estate, and what is said about it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request
from flask_babel import gettext as _
from markupsafe import Markup

from content.errors import Invalid
from portal.web.i18n import say

LONGEST = 1000  # characters of a field that are looked at


def typed(*names: str) -> dict[str, str]:
    """The fields of a form as they were typed."""
    return {name: request.form.get(name, "")[:LONGEST] for name in names}


def spoken(invalid: Invalid) -> dict[str, list[str]]:
    """The messages of an error in the reader's language, field by field."""
    return {name: [say(message) for message in messages] for name, messages in invalid.fields.items()}


def tenures() -> Sequence[tuple[str, str]]:
    """Owner and tenant, to choose from."""
    return (("owner", _("Owner")), ("tenant", _("Tenant")))


def as_content(text: str) -> Markup:
    """Words that are nobody's to translate within a sentence of the interface: an address, a heading of a file."""
    return Markup("<span data-content>{}</span>").format(text)


def area_text(hundredths: int | None) -> str:
    """A floor area as it is written in a form: 89.5."""
    return "" if hundredths is None else f"{hundredths / 100:.2f}".rstrip("0").rstrip(".")
