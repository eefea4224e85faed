"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CODE = sorted(path for folder in ("content", "portal", "admin") for path in (ROOT / folder).rglob("*.py"))
IDS = [str(path.relative_to(ROOT)) for path in CODE]
WRITES = {
    "save",
    "create",
    "delete_instance",
    "insert",
    "insert_many",
    "get_or_create",
    "bulk_create",
    "replace_many",
}


def functions(tree: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


@pytest.mark.parametrize("path", CODE, ids=IDS)
def test_sizes_and_imports(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 400
    for function in functions(ast.parse(text)):
        assert (function.end_lineno or 0) - function.lineno < 50, function.name
        hidden = [node for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)]
        assert not hidden, f"{function.name} imports"


def test_views_write_nothing_themselves() -> None:
    """Every change goes through the domain, which checks the person and remembers."""
    found = []
    for path in CODE:
        if path.is_relative_to(ROOT / "content"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            target = node.func.value
            model = isinstance(target, ast.Name) and target.id[:1].isupper()
            if node.func.attr in ("save", "delete_instance") or (
                model and node.func.attr in WRITES | {"update", "delete"}
            ):
                found.append(f"{path.name}:{node.lineno} .{node.func.attr}()")
    assert found == []


def test_only_one_module_reads_the_time() -> None:
    found = []
    for path in CODE:
        if path.name == "moment.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                name = f"{getattr(node.func.value, 'id', '')}.{node.func.attr}"
                if name in ("datetime.now", "datetime.utcnow", "date.today", "datetime.today", "time.time"):
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []


def test_every_setting_is_in_the_manual_and_every_command_too() -> None:
    """What can be set or typed and is not written down does not exist for an administrator."""
    from content.settings import ABOUT
    from portal.cli import COMMANDS

    manual = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
    assert [one.name for one in ABOUT.values() if one.variable not in manual] == []
    assert [name for name in COMMANDS if f"lianxi {name}" not in manual] == []
