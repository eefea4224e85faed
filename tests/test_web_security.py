"""Headers, tokens, keys, limits and where a reader is sent back to."""

from __future__ import annotations

import re
import stat
from dataclasses import replace
from typing import Any

import pytest

from content import actions
from content.settings import Settings
from portal.app import create_app
from portal.web.security import safe_path, secret_key
from tests.conftest import csrf
from tests.samples import SAMPLES


def test_every_answer_has_the_headers(client: Any) -> None:
    for path in ("/", "/nowhere", "/healthz", "/static/css/base.css", "/login"):
        answer = client.get(path)
        answer.close()
        headers = answer.headers
        assert "script-src 'self';" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_no_page_needs_inline_style_or_script(app: Any, client: Any, house: Any, login: Any) -> None:
    paths = ["/", "/login", "/contact", "/staff/", "/library/", "/search?q=停水", "/browse/board", "/nowhere"]
    for kind in ("notice", "service", "event", "policy", "page"):
        section = house.library if kind == "policy" else house.board
        item = actions.publish_now(house.administrator, kind, section, {**SAMPLES[kind], "audience": ""})
        paths.append(f"/{kind}s/{item.id}" if kind != "policy" else f"/library/{item.id}")
    login(client, "editor")
    for path in [*paths, "/account", "/inbox/"]:
        page = client.get(path, follow_redirects=True).get_data(as_text=True)
        assert not re.search(r"<[^>]+\s(style|on\w+)=", page), path
        assert "<style" not in page
        assert not re.search(r"<script(?![^>]*\ssrc=)", page), path
        assert not re.search(r'(src|href)="(https?:)?//', page), path  # nothing from elsewhere


@pytest.mark.parametrize("path", ["/login", "/logout", "/account", "/account/password", "/inbox/read"])
def test_a_post_without_token_is_refused_with_a_way_on(client: Any, path: str) -> None:
    answer = client.post(
        path, data={"username": "editor", "name": "想好的名字"}, headers={"Accept-Language": "en"}
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "open too long" in page
    assert "想好的名字" in page  # what was typed can be sent again


def test_what_another_site_sent_is_not_offered_again(client: Any) -> None:
    answer = client.post("/account", data={"name": "壞人"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 400
    assert "壞人" not in answer.get_data(as_text=True)


def test_passwords_are_never_written_into_a_page(client: Any) -> None:
    answer = client.post("/login", data={"username": "editor", "password": "geheim-123"})
    assert "geheim-123" not in answer.get_data(as_text=True)


def test_what_is_too_large_is_told_with_the_limits(settings: Settings, house: Any) -> None:
    app = create_app(replace(settings, request_mb=1))
    client = app.test_client()
    token = csrf(client.get("/login"))
    answer = client.post("/login", data={"csrf_token": token, "username": "x" * (2 * 1024 * 1024)})
    assert answer.status_code == 413
    assert "20" in answer.get_data(as_text=True)


def test_the_key_is_made_once_and_only_its_owner_reads_it(settings: Settings) -> None:
    settings.data.mkdir(parents=True)
    key = secret_key(settings)
    assert key == secret_key(settings)
    assert len(key) == 64
    assert stat.S_IMODE((settings.data / "secret").stat().st_mode) == 0o600
    assert secret_key(replace(settings, secret="given")) == "given"


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("/notices/?section=1#a", "/notices/?section=1#a"),
        ("//evil", "/"),
        ("/\\evil", "/"),
        ("https://evil/", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\nb", "/"),
        (None, "/"),
    ],
)
def test_only_our_own_addresses_are_gone_back_to(target: str | None, found: str) -> None:
    assert safe_path(target) == found


def test_cookies_are_not_for_scripts(client: Any) -> None:
    cookie = client.get("/login").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
