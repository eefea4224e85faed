"""``lianxi search``."""

from __future__ import annotations

from typing import Any

import click

from content import search
from content.search import Hit, SearchQuery
from portal.cli.common import acting, as_option, json_option, note, open_portal, out, reports


@click.command("search")
@click.argument("query", nargs=-1, required=True)
@as_option
@click.option(
    "--limit", default=20, show_default=True, type=click.IntRange(1, 100), help="Most hits to print."
)
@json_option
@reports
def command(query: tuple[str, ...], username: str | None, limit: int, as_json: bool) -> None:
    """Search what a visitor may read, or with --as what that person may; best hits first."""
    settings = open_portal()
    person = acting(username) if username else None
    results = search.find(settings, person, SearchQuery(" ".join(query), limit=limit))
    for hit in results.hits:
        if as_json:
            out(as_record(hit))
        else:
            where = f"{hit.title} {hit.number}" if hit.number else hit.title
            click.echo(f"{where}\t{hit.url}\n    {_marked(hit)}")
    if not as_json:
        note(f"{results.total} found")


def as_record(hit: Hit) -> dict[str, Any]:
    """A hit as it is printed with ``--json``; ``marks`` are the matches in ``snippet`` as [start, end]."""
    marks, at = [], 0
    for is_match, text in hit.snippet:
        if is_match:
            marks.append([at, at + len(text)])
        at += len(text)
    return {
        "kind": hit.kind,
        "title": hit.title,
        "document": hit.document,
        "number": hit.number,
        "text": hit.text,
        "snippet": "".join(text for _, text in hit.snippet),
        "url": hit.url,
        "score": hit.score,
        "marks": marks,
    }


def _marked(hit: Hit) -> str:
    return "".join(click.style(text, bold=True) if is_match else text for is_match, text in hit.snippet)
