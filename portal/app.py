"""The only composer: builds the application from the settings."""

from __future__ import annotations

from flask import Blueprint, Flask

from content import setup
from content.settings import Settings
from portal.pages import (
    account,
    accounts,
    calendars,
    desk,
    directory,
    estate,
    events,
    files,
    home,
    inbox,
    items,
    liaison,
    library,
    lists,
    machines,
    matters,
    reading,
    search,
    sections,
    sessions,
    subscriptions,
    work,
)
from portal.web import (
    assets,
    cache,
    connection,
    context,
    cookies,
    errors,
    i18n,
    login,
    numbers,
    pieces,
    security,
    turns,
)

# Every set of pages of the site, each a blueprint.
PAGES: tuple[Blueprint, ...] = (
    home.pages,
    items.pages,
    events.pages,
    library.pages,
    sections.pages,
    search.pages,
    files.pages,
    directory.pages,
    inbox.pages,
    account.pages,
    accounts.pages,
    subscriptions.pages,
    calendars.pages,
    sessions.pages,
    reading.pages,
    machines.pages,
    work.pages,
    estate.pages,
    matters.pages,
    desk.pages,
    liaison.pages,
)


def create_app(settings: Settings | None = None) -> Flask:
    """The portal as a WSGI application: database opened and migrated, every page registered."""
    settings = settings or Settings.from_env()
    setup.open_portal(settings)
    app = Flask(__name__, static_folder=None)
    app.jinja_environment = context.PlainEnvironment
    app.config["SETTINGS"] = settings
    turns.install(app)
    cache.install(app, settings, lists.next_change)
    cookies.install(app)
    numbers.install(app)
    connection.install(app, settings)  # first: also a request that is refused is answered in a language
    security.configure(app, settings)
    login.install(app)
    i18n.install(app, settings.locale)
    assets.install(app)
    context.install(app, settings)
    pieces.install(app)
    errors.install(app)
    for pages in PAGES:
        app.register_blueprint(pages)
    return app
