"""The page that stands in when no portal answers: one file, three languages, nothing else needed."""

from __future__ import annotations

from markupsafe import Markup

from content import chinese
from content.errors import N_
from content.settings import Settings
from portal.web.i18n import say
from portal.web.reading import LOCALES, TAGS, in_language

TITLE = N_("The portal is being looked after.")
SOON = N_("It opens again soon. Nothing is lost.")
URGENT = N_("Is something urgent – water, power, a lift, fire? Please report it by telephone:")
CALL = N_("Is something urgent – water, power, a lift, fire? Please call the service centre.")
DAY, NIGHT = N_("By day:"), N_("At night:")

_STYLE = """
:root { color-scheme: light dark; }
body { margin: 0; font: 1.0625rem/1.7 system-ui, "PingFang TC", "Noto Sans CJK TC", sans-serif;
  color: #1f2328; background: #fbfaf6; }
main { max-width: 36rem; margin: 8vh auto; padding: 0 1.25rem; }
section + section { margin-top: 2rem; padding-top: 2rem; border-top: 1px solid #8884; }
h1, h2 { font-size: 1.5rem; line-height: 1.3; margin: 0 0 .75rem; }
p { margin: 0 0 .75rem; }
a { color: inherit; font-weight: 700; font-size: 1.25rem; }
@media (prefers-color-scheme: dark) { body { color: #e8e6e0; background: #14191e; } }
"""


def standing_page(settings: Settings) -> str:
    """The whole page; the site's language comes first."""
    order = sorted(LOCALES, key=lambda locale: locale != settings.locale)
    sections = Markup("\n").join(
        _section(settings, locale, "h1" if n == 0 else "h2") for n, locale in enumerate(order)
    )
    return Markup(
        '<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="robots" content="noindex">\n<title>{title}</title>\n<style>{style}</style>\n</head>\n'
        "<body>\n<main>\n{sections}\n</main>\n</body>\n</html>\n"
    ).format(
        lang=TAGS[order[0]],
        title=settings.site_name,
        style=Markup(_STYLE),  # noqa: S704  ours
        sections=sections,
    )


def _section(settings: Settings, locale: str, heading: str) -> Markup:
    script = in_language(locale).script
    name = chinese.convert(settings.site_name, script) if script else settings.site_name  # type: ignore[arg-type]
    lines = [say(SOON, locale), say(URGENT if settings.phone_day or settings.phone_night else CALL, locale)]
    found = Markup("<section lang='{}'>\n<{h}>{}</{h}>\n<p>{}</p>\n").format(
        TAGS[locale], say(TITLE, locale), name, h=heading
    )
    found += Markup("").join(Markup("<p>{}</p>\n").format(line) for line in lines)
    for label, number in ((DAY, settings.phone_day), (NIGHT, settings.phone_night)):
        if number:
            dial = "".join(char for char in number if char.isdigit() or char in "+*#,")
            found += Markup('<p>{} <a href="tel:{}">{}</a></p>\n').format(say(label, locale), dial, number)
    return found + Markup("</section>")
