"""What a register of the back office declares about itself; listing, changing and exporting read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from peewee import Expression, Field

from content.errors import N_, Message
from content.people import Person

Row = Any  # a row of the register's model, with what its columns need already joined
Values = Mapping[str, Any]
Choices = Sequence[tuple[Any, str]] | Callable[[], Sequence[tuple[Any, str]]]
ColumnType = Literal["text", "long", "number", "date", "time", "yes", "choice", "name", "money"]
InputType = Literal["line", "text", "number", "yes", "date", "time", "choice", "choices", "pick", "password"]
FilterType = Literal["choice", "yes", "dates", "text", "number"]

# Headings of the navigation, in its order.
GROUPS: dict[str, str] = {
    "content": N_("Content"),
    "people": N_("People"),
    "homes": N_("Homes"),
    "matters": N_("Matters"),
    "liaison": N_("Liaison"),
    "machine": N_("Running it"),
}


@dataclass(frozen=True)
class Column:
    """A value of a row. ``name`` and ``label`` are shown; people's own words are never converted (type "name").

    ``sort`` is the field that sorts by it; an index must serve it, or the column is not sortable.
    ``inplace`` names the input with which it can be changed in the list itself.
    """

    name: str
    label: str
    type: ColumnType = "text"
    value: Callable[[Row], Any] | None = None  # else the attribute of that name
    sort: Field | None = None
    choices: Choices = ()  # value → label (translated), for type "choice"
    own_words: bool = True  # what people typed: shown as content, not as interface
    listed: bool = True  # else only on the record's own page and in exports
    inplace: str = ""


@dataclass(frozen=True)
class Filter:
    """A condition that the reader chooses. "dates" takes two days, from and until, both included."""

    name: str
    label: str
    type: FilterType
    field: Field | None = None
    choices: Choices = ()
    condition: Callable[[Any], Expression] | None = None  # else field == value
    own_words: bool = False  # the choices' labels are content


@dataclass(frozen=True)
class Input:
    """A field of the register's form. ``pick`` looks records up by typed words instead of listing them all."""

    name: str
    label: str
    type: InputType = "line"
    required: bool = False
    help: str = ""
    max_length: int = 200
    lowest: int | None = None
    highest: int | None = None
    choices: Choices = ()
    own_words: bool = False  # the choices' labels are content
    # type "pick": (person, words) → up to 20 (key, label) of what the person may see; and key → label
    find: Callable[[Person, str], Sequence[tuple[Any, str]]] | None = None
    name_of: Callable[[Person, Any], str] | None = None
    only_new: bool = False  # asked when the record is made, shown but fixed afterwards
    default: Any = ""


@dataclass(frozen=True)
class Act:
    """Something done with one row or many. ``refuses`` says of each row why not, for the preview; ``None`` is yes.

    ``run`` does it through the domain, in one transaction per row, and raises the domain's errors.
    """

    name: str
    label: str  # a verb
    run: Callable[[Person, Row, Values], None]
    refuses: Callable[[Person, Row], Message | None]
    explains: str = ""  # one sentence for the preview: what happens, and whether it can be undone
    danger: bool = False
    inputs: tuple[Input, ...] = ()  # asked once for all rows, in the preview


@dataclass(frozen=True)
class Register:
    """One list of the back office.

    ``rows`` selects, with joins, all that the person may see and nothing else; whatever is opened, changed,
    exported or acted upon by number is looked up in it again. ``create`` and ``update`` are acts of the domain:
    they check the permission, write, remember and raise ``Invalid`` with the inputs' names. ``update`` is handed
    the version that the form was filled from, and raises ``Conflict`` if the record has changed since.
    """

    name: str  # in addresses
    label: str
    one: str  # label of one record
    group: str
    permission: str  # to see it at all
    help: str
    key: Field
    rows: Callable[[Person], Any]
    columns: tuple[Column, ...]
    order: Field
    newest_first: bool = True
    filters: tuple[Filter, ...] = ()
    search: Callable[[str], Expression] | None = None
    search_hint: str = ""
    inputs: tuple[Input, ...] = ()
    load: Callable[[Row], dict[str, Any]] | None = None  # the form's values of a row; else its attributes
    version: Callable[[Row], str] | None = None
    create: Callable[[Person, Values], int] | None = None
    update: Callable[[Person, Row, Values, str], None] | None = None
    may_create: str = ""  # permission, if another than to see it
    may_update: str = ""
    acts: tuple[Act, ...] = ()  # trash is an act; nothing is deleted
    export: bool = True
    address: Callable[[Row], str] | None = None  # its page on the site
    title: Callable[[Row], str | Message] | None = None  # what one record is called; else the first column
    empty: str = N_("There is nothing here yet.")
