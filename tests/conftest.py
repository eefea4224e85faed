"""Fixtures: settings → db → house (a small site with one person per role) → app → client."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from argon2 import PasswordHasher
from jinja2.bccache import Bucket, BytecodeCache
from xdist.scheduler import LoadScopeScheduling

from content import channels, demo, moment, passwords, people, setup
from content import db as database_module
from content.settings import Settings

# 2026-03-16 is a Monday; 10:00 in Shanghai.
NOW = datetime(2026, 3, 16, 2, 0, tzinfo=UTC)
PASSWORD = "a-password-for-tests"


class Together(LoadScopeScheduling):  # type: ignore[misc]
    """With several processes: a file's tests share what it prepares, and the browser's share one server."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return "browser" if "/browser/" in path else path


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return Together(config, log)


@pytest.fixture(autouse=True, scope="session")
def cheap_passwords() -> None:
    """Hash with few rounds: the tests sign in hundreds of times."""
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(autouse=True)
def nothing_is_sent() -> Iterator[None]:
    """A test that would send mail for real fails."""
    with channels.forbid_sending():
        yield


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "var", worker=False, database_wait_ms=500)


@pytest.fixture(scope="session")
def portals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Databases to begin with, made once: ``empty`` as after the first start, ``house`` with one person per role."""
    folder = tmp_path_factory.mktemp("portals")
    with moment.at(NOW):
        setup.open_portal(Settings(data=folder, worker=False))
        _keep(folder / "empty")
        for role in people.ROLES:
            person = people.add_person(role, f"{role} 甲", PASSWORD, in_directory=people.ROLES[role].staff)
            people.give_role(person, role)
        _keep(folder / "house")
    database_module.database.close()
    return folder


def _keep(path: Path) -> None:
    database_module.database.execute_sql("VACUUM INTO ?", (str(path),))


@pytest.fixture(scope="session")
def demo_portal(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A demo of 2026-03-16 to look at and not to change, made once for all processes."""
    made = Settings(
        data=demo_folder(tmp_path_factory), demo_password="for-the-demo-2026", database_wait_ms=500
    )
    made.data.parent.mkdir(parents=True, exist_ok=True)
    with made.data.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.data.with_suffix(".done").exists():
            with moment.at(NOW):
                setup.open_portal(made)
                demo.fill(made, NOW.date())
            database_module.database.close()
            made.data.with_suffix(".done").touch()
    return made


def demo_folder(factory: pytest.TempPathFactory) -> Path:
    """Where all processes of this run find it."""
    base = factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "the-demo" / "data"


@pytest.fixture
def db(settings: Settings, portals: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    """An empty portal; the house, where a test asks for that."""
    begins = "empty"
    if "house" in request.fixturenames:
        begins = "house"
        request.getfixturevalue("clock")  # opened at the time at which all else happens
    settings.data.mkdir(parents=True)
    shutil.copy(portals / begins, settings.data / "lianxi.db")
    setup.open_portal(settings)
    yield database_module.database
    database_module.database.close()


@pytest.fixture
def clock() -> Iterator[Callable[[timedelta], None]]:
    with moment.at(NOW) as advance:
        yield advance


@pytest.fixture
def house(db: Any, clock: Callable[[timedelta], None]) -> SimpleNamespace:
    """One person per role (names as user names, dashes as underscores) and the three first sections."""
    found = SimpleNamespace(
        board=setup.root("board"), library=setup.root("library"), staff_room=setup.root("staff"), people={}
    )
    for role in people.ROLES:
        person = people.find_person(role)
        found.people[role] = person
        setattr(found, role.replace("-", "_"), person)
    return found


def notice(title: str = "停水通知", body: str = "<p>明天上午停水。</p>", **more: Any) -> dict[str, Any]:
    """Values of a notice."""
    return {"title": title, "body": body, **more}


class CompiledTemplates(BytecodeCache):
    """Every test has an application of its own; its templates are compiled once for all of them."""

    def __init__(self) -> None:
        self.codes: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.codes[bucket.key, bucket.checksum] = bucket.code


COMPILED = CompiledTemplates()


@pytest.fixture
def app(settings: Settings, house: SimpleNamespace) -> Any:
    from portal.app import create_app

    made = create_app(settings)
    made.config["TESTING"] = True
    made.jinja_env.bytecode_cache = COMPILED
    return made


@pytest.fixture
def client(app: Any) -> Any:
    return app.test_client()


def csrf(page: Any) -> str:
    """The token of a form on the page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.get_data(as_text=True))
    assert found, "the page has no form with a token"
    return found.group(1)


@pytest.fixture
def login() -> Callable[..., Any]:
    """``login(client, "editor")`` signs in through the form."""

    def sign_in(client: Any, username: str, password: str = PASSWORD) -> Any:
        page = client.get("/login")
        answer = client.post(
            "/login", data={"csrf_token": csrf(page), "username": username, "password": password}
        )
        assert answer.status_code in (302, 303), answer.get_data(as_text=True)[:500]
        return answer

    return sign_in
