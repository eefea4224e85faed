"""A bare Flask view that answers with ready bytes: what is measured against. ``python -m bench.bare PORT THREADS FOLDER``"""

from __future__ import annotations

import argparse
from pathlib import Path

import waitress
from flask import Flask, Response


def make_app(folder: Path) -> Flask:
    """``/<name>`` answers with the bytes of ``<name>.html`` in the folder, read once."""
    app = Flask(__name__, static_folder=None)
    bodies = {path.stem: path.read_bytes() for path in folder.glob("*.html")}

    @app.get("/<name>")
    def page(name: str) -> Response:
        return Response(bodies[name], mimetype="text/html")

    return app


def main() -> None:
    """Serve as ``lianxi serve`` does: waitress, one process, as many threads."""
    parser = argparse.ArgumentParser(prog="bench.bare")
    parser.add_argument("port", type=int)
    parser.add_argument("threads", type=int)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    waitress.serve(make_app(given.folder), host="127.0.0.1", port=given.port, threads=given.threads)


if __name__ == "__main__":
    main()
