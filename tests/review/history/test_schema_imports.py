"""Which schema files one may need: rather too many than too few."""

from __future__ import annotations

from envtree.review.history.schema_imports import needed

FILES = {
    "schemas/common.py": b"class Common: pass\n",
    "schemas/_types.py": b"from schemas._more import Name\n",
    "schemas/_more.py": b"Name = str\n",
    "schemas/accounts.py": b"from schemas import _types\n",
    "schemas/billing.py": b"from .accounts import Accounts\n",
    "schemas/search.py": b"NAME: str\n",
    "schemas/dynamic.py": b"import importlib\n",
}


def test_a_file_needs_what_its_text_mentions_at_any_remove() -> None:
    found = needed(FILES)
    names = {path.removeprefix("schemas/"): {each.removeprefix("schemas/") for each in found[path]} for path in found}
    assert names["common.py"] == {"common.py"}
    assert names["accounts.py"] == {"accounts.py", "_types.py", "_more.py"}
    assert names["billing.py"] == {"billing.py", "accounts.py", "_types.py", "_more.py"}
    assert names["search.py"] == {"search.py"}


def test_a_file_that_may_import_anything_needs_all() -> None:
    assert needed(FILES)["schemas/dynamic.py"] == FILES.keys()


def test_the_package_itself_is_needed_by_every_file() -> None:
    files = {**FILES, "schemas/__init__.py": b"import schemas._more\n"}
    assert needed(files)["schemas/search.py"] == {"schemas/search.py", "schemas/__init__.py", "schemas/_more.py"}


def test_files_that_need_each_other_are_told_apart_from_the_rest() -> None:
    found = needed({"schemas/a.py": b"import schemas.b", "schemas/b.py": b"import schemas.a", "schemas/c.py": b""})
    assert found["schemas/a.py"] == found["schemas/b.py"] == {"schemas/a.py", "schemas/b.py"}
