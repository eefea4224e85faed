"""What somebody typed as a setting: read, checked by its type, and refused in a sentence."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from email.errors import HeaderParseError
from email.headerregistry import Address
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from content import telephones
from content.errors import N_, Message, msg
from content.settings import About
from content.signing_names import mail_key_of

_PERIOD = re.compile(r"(\d{1,2})[:：](\d{2})\s*(?:[-–—−~～]|至|到)\s*(\d{1,2})[:：](\d{2})")
_HOST = re.compile(
    r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*"
)
_ADDRESS6 = re.compile(r"[0-9A-Fa-f:]{2,39}")
_SHORT_NUMBER = re.compile(r"\d{3,6}")  # 110, 12345 and extensions within the estate
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


class Refused(ValueError):
    """What was typed cannot be this setting; ``message`` says why and what would be right."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.id)
        self.message = message


def read_typed(about: About, raw: Any) -> Any:
    """The value to keep, of the type of the default. Raises ``Refused``."""
    if about.type == "yes":
        return raw if isinstance(raw, bool) else str(raw) not in ("", "0", "None")
    if about.type == "number":
        return _number(about, raw)
    text = str(raw)
    if about.type != "secret":
        text = " ".join(_CONTROL.sub(" ", text).split())
    elif _CONTROL.search(text):
        raise Refused(msg(N_("Please leave out line breaks and other characters that cannot be seen.")))
    if not text:
        if about.required or about.type == "choice":
            raise Refused(msg(N_("Please fill this in.")))
        return ""
    if len(text) > about.longest:
        raise Refused(msg(N_("At most %(most)s characters, please."), most=about.longest))
    if about.type == "choice" and text not in dict(about.choices):
        raise Refused(msg(N_("Please choose one of the list.")))
    return _READERS[about.type](text) if about.type in _READERS else text


def _number(about: About, raw: Any) -> int:
    low, high = about.lowest, about.highest
    text = unicodedata.normalize("NFKC", str(raw)).strip()
    value = int(text) if re.fullmatch(r"[+-]?[0-9]{1,9}", text) and not isinstance(raw, bool) else None
    if value is None or (low is not None and value < low) or (high is not None and value > high):
        raise Refused(msg(N_("Please enter a whole number from %(low)s to %(high)s."), low=low, high=high))
    return value


def _telephone(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    if telephones.read(plain) is None and not _SHORT_NUMBER.fullmatch(plain):
        raise Refused(telephones.NOT_A_NUMBER)
    return plain


def _hours(text: str) -> str:
    """One period or several, in one way of writing: 08:00–12:00、14:00–18:00. The day ends at 24:00."""
    found, ended = [], -1
    for part in re.split(r"[,，、;；]", text):
        read = _PERIOD.fullmatch(part.strip())
        numbers = [int(one) for one in read.groups()] if read else [0, 0, 0, 0]
        begins, ends = numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]
        if not ended < begins < ends <= 24 * 60 or numbers[1] > 59 or numbers[3] > 59:
            raise Refused(
                msg(
                    N_(
                        "Please write hours like 08:00–24:00, several with a comma between them, earlier ones first."
                    )
                )
            )
        found.append(f"{numbers[0]:02d}:{numbers[1]:02d}–{numbers[2]:02d}:{numbers[3]:02d}")
        ended = ends
    return "、".join(found)


def _zone(text: str) -> str:
    if text not in available_timezones():
        raise Refused(msg(N_("This is not the name of a time zone. Please write it like Asia/Shanghai.")))
    return text


def _mail(text: str) -> str:
    try:  # as every mail would have it: with another one it would never go out
        named = Address(addr_spec=text)
        wrong = not (mail_key_of(text) and named.username and named.domain)
    except (ValueError, HeaderParseError, IndexError):
        wrong = True
    if wrong:
        raise Refused(msg(N_("This is not a mail address. Please write it like desk@example.org.")))
    return text


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        wrong = parts.scheme not in ("http", "https") or not _is_host(parts.hostname or "") or parts.port == 0
    except ValueError:
        wrong = True
    if wrong or parts.username is not None or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise Refused(
            msg(
                N_(
                    "Please write the address as it stands in the browser's line, such as https://portal.example.org."
                )
            )
        )
    return f"{parts.scheme}://{parts.netloc}"  # without the marks of an empty query or part


def _host(text: str) -> str:
    if not _is_host(text):
        raise Refused(msg(N_("This is not the name of a server. Please write it like mail.example.org.")))
    return text


def _is_host(text: str) -> bool:
    return bool(_HOST.fullmatch(text) or (":" in text and _ADDRESS6.fullmatch(text)))


_READERS: dict[str, Callable[[str], str]] = {
    "telephone": _telephone,
    "hours": _hours,
    "zone": _zone,
    "mail": _mail,
    "url": _url,
    "host": _host,
}
