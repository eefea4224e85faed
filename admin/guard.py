"""Who may enter a view of the back office, and what Flask-Admin would do wrong before it is run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import render_template

from content.backoffice.listing import ENTER
from content.errors import NotAllowed
from content.permissions import may
from portal.web.cache import fresh
from portal.web.login import person


class Guarded:
    """Checks before every function of a view that the reader may enter, and draws pages in our own frame."""

    label = ""  # in the navigation, an English source string
    group = ""  # heading of the navigation under which it stands; "" is above them all
    permission = ENTER
    in_navigation = True

    def is_accessible(self) -> bool:
        """Whether the reader may see this view at all."""
        reader = person()
        return may(reader, ENTER) and may(reader, self.permission)

    def _handle_view(self, function: str, /, **values: Any) -> None:
        """Send visitors to sign in; to anybody else who may not enter there is nothing here.

        Flask-Admin's own stumbles over an address with a part that is called "name".
        """
        if not self.is_accessible():
            raise NotAllowed()

    def _run_view(self, function: Callable[..., Any], /, *args: Any, **values: Any) -> Any:
        """Flask-Admin calls a function that raised ``TypeError`` once more and hides the reason; we do not."""
        fresh()
        return function(self, *args, **values)

    def render(self, template: str, **values: Any) -> str:
        """A page in our frame. Nothing of Flask-Admin's theme, scripts and words is handed to it."""
        return render_template(template, view=self, **values)
