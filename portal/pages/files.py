"""Stored files: pictures to look at, everything else to download; only for whom they are meant."""

from __future__ import annotations

from flask import Blueprint, Response, abort, g, redirect, request, send_file, url_for
from werkzeug.wrappers import Response as Answer

from content.errors import NotFound
from content.files import StoredFile, find_file, may_see, path_of, type_of
from portal.web.login import person

pages = Blueprint("files", __name__)
# How long a browser may show a public picture without asking again, in seconds.
PUBLIC_FOR = 300
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@pages.get("/files/<uid>")
def original(uid: str) -> Answer:
    """The file itself."""
    return _file(uid, "original")


@pages.get("/files/<uid>/<rendition>")
def rendition(uid: str, rendition: str) -> Answer:
    """A picture in another size: card, page or thumb."""
    if rendition == "original":
        abort(404)
    return _file(uid, rendition)


def _file(uid: str, size: str) -> Answer:
    reader = person()
    file = find_file(uid)
    public = may_see(None, file)
    if not public and not may_see(reader, file):
        # Who is not signed in may be somebody that it is meant for.
        if reader is None:
            return redirect(url_for("sessions.login", next=request.path))
        raise NotFound()
    return deliver(file, size, public)


def deliver(file: StoredFile, size: str = "original", public: bool = False) -> Response:
    """A stored file, or a picture in another size, for somebody of whom it is known that they may have it."""
    response: Response = send_file(
        path_of(g.settings, file, size),
        mimetype=type_of(file, size),
        as_attachment=not file.is_picture,
        download_name=file.name,
        conditional=True,
        etag=f"{file.sha256[:32]}-{size}",
        max_age=PUBLIC_FOR if public else None,
    )
    if public:
        response.cache_control.public = True
    else:
        response.headers["Cache-Control"] = "private, no-cache"
    # Opened by itself a file must not act as a page of ours.
    response.headers["Content-Security-Policy"] = POLICY
    return response
