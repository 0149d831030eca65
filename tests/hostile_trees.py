"""Trees that try to have something run by whoever reads them, made at random from payloads that do run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.builders import SERVICE, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

HEAD = """\
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from envtree import Secret, Settings

"""
CLASS = "class Common(Settings):\n    A: str\n"
RUNS: dict[str, str] = {
    "a statement": f"{HEAD}RUN\n{CLASS}",
    "a class body": f"{HEAD}{CLASS}    RUN\n",
    "a type": f"{HEAD}{CLASS}    B: (RUN, str)[1] = ''\n",
    "a type in quotes": f"{HEAD}{CLASS}    B: \"(RUN, str)[1]\" = ''\n",
    "a default": f"{HEAD}{CLASS}    B: str = RUN or ''\n",
    "a field": f"{HEAD}{CLASS}    B: str = Field(RUN or '', description='b')\n",
    "a decorator": f"{HEAD}@(RUN, lambda each: each)[1]\n{CLASS}",
    "a base": f"{HEAD}class Common((RUN, Settings)[1]):\n    A: str\n",
    "a keyword": f"{HEAD}class Common(Settings, process=RUN):\n    A: str\n",
    "a metaclass": f"{HEAD}class M(type(Settings)):\n    def __new__(cls, *a, **k):\n        RUN\n"
    "        return super().__new__(cls, *a, **k)\nclass Common(Settings, metaclass=M):\n    A: str\n",
    "a hook of subclasses": f"{HEAD}class Base(Settings):\n    def __init_subclass__(cls, **k):\n"
    "        RUN\n        super().__init_subclass__(**k)\nclass Common(Base):\n    A: str\n",
    "a core schema": f"{HEAD}class T(str):\n    @classmethod\n    def __get_pydantic_core_schema__(cls, s, h):\n"
    "        RUN\n        return h(str)\nclass Common(Settings):\n    A: T\n",
    "a default of a function": f"{HEAD}def f(x=RUN): pass\n{CLASS}",
    "a comprehension": f"{HEAD}X = [RUN for _ in 'a']\n{CLASS}",
    "an f-string": f'{HEAD}X = f"{{RUN}}"\n{CLASS}',
    "an assertion": f"{HEAD}assert RUN is None\n{CLASS}",
    "an exec": f"{HEAD}exec('RUN')\n{CLASS}",
    "a validator": f"{HEAD}T = Annotated[str, AfterValidator(lambda each: (RUN, each)[1])]\n"
    f"{CLASS.replace('str', 'T')}",
    "a byte order mark": f"\ufeff{HEAD}RUN\n{CLASS}",
    "an encoding": f"# -*- coding: utf-8 -*-\n{HEAD}RUN\n{CLASS}",
    "lines of another system": f"{HEAD}RUN\n{CLASS}".replace("\n", "\r\n"),
}
"""What a schema can run, and when: each is a schema that is right, and runs."""
FILES = ("schemas/common.py", "schemas/accounts.py", "schemas/__init__.py", "schemas/_shared.py", "schemas/other.py")
OTHERS: dict[str, str] = {
    "schemas/sitecustomize.py": "RUN\n",
    "sitecustomize.py": "RUN\n",
    "envtree.py": "RUN\n",
    "pydantic.py": "RUN\n",
    "conftest.py": "RUN\n",
    "schemas/conftest.py": "RUN\n",
    "schemas/deep/common.py": "RUN\n",
    "schemas/run.pth": "import os; RUN\n",
    "configs/accounts/common.yaml": "B: !!python/object/apply:os.system ['COMMAND']\n",
    "configs/production.yaml": 'B: !expand "$(COMMAND) ${A} `COMMAND`"\n',
    "configs/staging.yaml": "LD_PRELOAD: /dev/zero\nBASH_ENV: |\n  COMMAND\n",
    "configs/accounts/web/common.yaml": "B: !file ../../../envtree.yaml\n",
    "configs/accounts/service.yaml": "processes: {web: {command: COMMAND, ready: {command: COMMAND}}}\n",
    ".envtree/schema/common.json": "{}\n",
    ".env": "A=$(COMMAND)\n",
    ".mailmap": "Ann <COMMAND>\n",
}
"""Files besides, which nothing should run, schemas or not."""


def code(marker: str) -> str:
    """Return an expression in one line that leaves a mark."""
    return f"__import__('pathlib').Path({marker!r}).touch()"


def made(random: Random, marker: str) -> dict[str, bytes]:
    """Return the files of one hostile tree."""

    def filled(text: str) -> str:
        return text.replace("RUN", code(marker)).replace("COMMAND", f"touch {marker}")

    files = {
        "envtree.yaml": SETTINGS,
        "configs/accounts/service.yaml": SERVICE,
        "configs/common.yaml": "A: a\n",
        "configs/accounts/production.yaml": "TOKEN: hunter2\n",
    }
    for path in random.sample(FILES, random.randint(1, len(FILES))):
        files[path] = filled(RUNS[random.choice([*RUNS])])
    for path in random.sample([*OTHERS], random.randint(0, 4)):
        files[path] = filled(OTHERS[path])
    data = {path: text.encode() for path, text in files.items()}
    if random.random() < 0.4:
        path = random.choice([path for path in data if path.startswith("schemas/")])
        data[path] = random.choice(DAMAGES)(data[path], random)
    return data


DAMAGES: tuple[Callable[[bytes, Random], bytes], ...] = (
    lambda data, random: data[: random.randrange(len(data))],
    lambda data, random: data.replace(b"\n", b"\0\n", 1) if random.random() < 0.5 else data + b"\xff\xfe",
    lambda data, random: data + b"\n" + b"(" * random.randint(1, 300),
    lambda data, random: data + b"\nX = " + b"-" * random.randint(1, 20_000) + b"1\n",
    lambda data, random: data + b"\nX = 1" + b"+1" * random.randint(1, 20_000) + b"\n",
    lambda data, random: data + b"\nimport a" + b".a" * random.randint(1, 40_000) + b"\n",
    lambda data, random: data.decode().encode("utf-16" if random.random() < 0.5 else "utf-7"),
    lambda data, random: data * random.randint(2, 40),
    lambda data, _: data + b"\nfrom os import *\nclass Common(Settings, **{}): ...\n",
)
"""What may be wrong with the text of a schema besides."""
