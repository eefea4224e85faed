"""What the script of the form says, in the reader's language; it reads it from the form itself."""

from __future__ import annotations

from flask_babel import gettext as _

from content.errors import N_

# Mark and words of the five ratings, from the worst to the best.
STARS: tuple[tuple[str, str], ...] = (
    ("①", N_("Very bad")),
    ("②", N_("Bad")),
    ("③", N_("Fair")),
    ("④", N_("Good")),
    ("⑤", N_("Very good")),
)


def form_words() -> dict[str, str]:
    """Each sentence or label by the name the script knows; ``{…}`` is filled there."""
    return {
        "next": _("Next"),
        "back": _("Back"),
        "step": _("Step %(now)s of %(all)s", now="{now}", all="{all}"),
        "kept": _("Kept on this device"),
        "restored": _("What you wrote last time is here again."),
        "afresh": _("Start afresh"),
        "counted": _("%(count)s of %(limit)s characters", count="{count}", limit="{limit}"),
        "tooLarge": _("“%(name)s” is larger than %(limit)s MB.", name="{name}", limit="{limit}"),
        "tooMuch": _("Together these files are larger than %(limit)s MB.", limit="{limit}"),
        "sending": _("Sending …"),
    }
