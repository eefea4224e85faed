"""The only composer: builds the application from the settings."""

from __future__ import annotations

from flask import Blueprint, Flask

import admin
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
    feeds,
    files,
    help,
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
    sitemap,
    subscriptions,
    welcome,
    work,
)
from portal.web import (
    assets,
    cache,
    coding,
    connection,
    context,
    cookies,
    errors,
    i18n,
    login,
    maintenance,
    numbers,
    observing,
    pieces,
    public,
    routes,
    security,
    turns,
)

# Every set of pages of the site, each a blueprint.
PAGES: tuple[Blueprint, ...] = (
    home.pages,
    welcome.pages,
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
    feeds.pages,
    sitemap.pages,
    help.pages,
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
    app.url_rule_class = routes.LateRule
    app.jinja_environment = context.PlainEnvironment
    app.config["SETTINGS"] = settings
    turns.install(app)
    coding.install(app)
    cache.install(app, settings, lists.next_change)
    cookies.install(app)
    numbers.install(app)
    maintenance.install(app, settings)
    connection.install(app, settings)  # first: also a request that is refused is answered in a language
    security.configure(app, settings)
    login.install(app)
    maintenance.guard(app)
    i18n.install(app)
    assets.install(app)
    context.install(app)
    public.install(app)
    pieces.install(app)
    errors.install(app)
    for pages in PAGES:
        app.register_blueprint(pages)
    admin.install(app)
    observing.install(app, settings)
    return app
