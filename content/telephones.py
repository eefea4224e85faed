"""Telephone numbers: read as people write them, kept in one form, shown with what is nobody's business masked."""

from __future__ import annotations

import re
import unicodedata

from content.errors import N_, Message, msg
from content.late import Late

phonenumbers = Late("phonenumbers")

# Where a number without a country code may be from: the mainland (also 400), Hong Kong, Taiwan.
REGIONS = ("CN", "HK", "TW")
# 400 and 800 numbers are valid in the mainland, but cannot be called from abroad.
_SERVICE = re.compile(r"(400|800)\d{7}")
NOT_A_NUMBER: Message = msg(
    N_(
        "This is not a telephone number. Please write it with its area code, such as 0755-2345 6789 or 138 0013 8000."
    )
)


def read(text: str) -> str | None:
    """The number in its international form (``+8613800138000``); ``None`` if nobody could be reached under it.

    Mainland mobile and fixed numbers, 400 numbers, Hong Kong and Taiwan; full-width digits and any spacing.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    digits = re.sub(r"[\s\-–—().]", "", plain)
    if not digits or not re.fullmatch(r"\+?[0-9]{5,15}", digits):
        return None
    if _SERVICE.fullmatch(digits):
        return f"+86{digits}"
    for region in REGIONS:
        try:
            number = phonenumbers.parse(digits, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None


def show(number: str) -> str:
    """A kept number as people write it: 138 0013 8000; with the country code only for other regions."""
    if number.startswith("+86") and _SERVICE.fullmatch(number[3:]):
        return f"{number[3:6]}-{number[6:9]}-{number[9:]}"
    try:
        parsed = phonenumbers.parse(number, "CN")
    except phonenumbers.NumberParseException:
        return number
    home = parsed.country_code == phonenumbers.country_code_for_region("CN")
    form = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, form)


def mask(number: str) -> str:
    """A number of which only the beginning and the end are told: 138 **** 8000.

    At least four digits are hidden; of less than eleven nothing of the beginning is told and at most a third.
    """
    shown = show(number)
    digits = [place for place, char in enumerate(shown) if char.isdigit()]
    count = len(digits)
    head, tail = (3, 4) if count >= 11 else (0, count // 3 if count > 4 else 0)
    hidden = set(digits[head : count - tail])
    return "".join("*" if place in hidden else char for place, char in enumerate(shown))
