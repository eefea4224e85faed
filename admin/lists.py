"""The list of a register: search, filters, order and pages, all kept in the address."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_admin import expose

from admin.addresses import FILTER, Address
from content.backoffice import changing, listing, saved
from content.backoffice.asking import typed_of
from content.backoffice.declaring import Column, Input, Register, Row
from content.backoffice.listing import COUNTED, SIZES, Page
from content.backoffice.selecting import Unreadable
from content.backoffice.values import value_of
from content.permissions import may
from portal.web.login import person

IN_PLACE = ("line", "number", "yes", "date", "choice")  # types of inputs that fit into a cell


class Lists:
    """The list page; mixed into ``RegisterView``."""

    register: Register
    render: Any

    def may_create(self) -> bool:
        """Whether the reader may make new records here."""
        asked = self.register.may_create or self.register.permission
        return self.register.create is not None and may(person(), asked)

    def may_update(self) -> bool:
        """Whether the reader may change records here."""
        asked = self.register.may_update or self.register.permission
        return self.register.update is not None and may(person(), asked)

    @expose("/")
    def index(self) -> str:
        """One page of the list."""
        register, address, reader = self.register, Address.read(self.register, request.args), person()
        filters = address.filters
        page = listing.page(
            reader,
            register,
            words=address.words,
            filters=filters,
            sort=address.sort,
            descending=address.descending if address.sort else None,
            page=address.page,
            size=address.size,
            after=address.after,
        )
        return self.render(
            "backoffice/list.html",
            register=register,
            address=address,
            page=page,
            columns=[column for column in register.columns if column.listed],
            inplace=self.inplace() if self.may_update() else {},
            saved=saved.mine(reader, register),
            filter_name=FILTER,
            unreadable={name for name, value in filters.items() if isinstance(value, Unreadable)},
            sizes=SIZES,
            counted=COUNTED,
            pages=_pages(address, page),
        )

    def inplace(self) -> dict[str, Input]:
        """The inputs with which columns can be changed in the list itself, by column."""
        inputs = {
            input.name: input
            for input in self.register.inputs
            if input.type in IN_PLACE and not input.only_new
        }
        columns = (column for column in self.register.columns if column.listed)
        return {column.name: inputs[column.inplace] for column in columns if column.inplace in inputs}

    def raw(self, column: Column, row: Row) -> str:
        """A value as the column's input holds it."""
        input = next(input for input in self.register.inputs if input.name == column.inplace)
        return next(iter(typed_of(input, value_of(column, row))), "")

    def version(self, row: Row) -> str:
        """What tells one state of a record from another."""
        return changing.version_of(self.register, row)

    def key(self, row: Row) -> Any:
        """The key of a row."""
        return listing.key_of(self.register, row)

    def address_of(self, key: Any) -> str:
        """The address of a record's own page."""
        return f"/admin/{self.register.name}/{key}/"


def _pages(address: Address, page: Page) -> dict[str, str]:
    """The addresses of the pages around this one; "" where there is none."""
    if page.number < 0:  # beyond what is counted: only onwards, and back to the beginning
        beyond = address.at(after=page.after).url if page.further else ""
        return {"first": address.begun().url, "before": "", "after": beyond}
    last = (page.number + 2) * address.size > COUNTED
    onwards = address.at(after=page.after) if last else address.at(page.number + 1)
    return {
        "first": address.begun().url if page.number > 1 else "",
        "before": address.at(page.number - 1).url if page.number else "",
        "after": onwards.url if page.further else "",
    }
