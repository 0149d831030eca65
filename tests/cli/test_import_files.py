"""`envtree import dotenv`, `procfile` and `app-json`: into one tree, proved, and never over a person's lines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import hypothesis
import pytest
from hypothesis import strategies as st

from envtree.core.runit.envdir import value_fault
from tests.builders import write_tree
from tests.cli.running import Done, run
from tests.examples import examples
from tests.sealed_files import sealed_layer

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "canary-7f3a-value"
FILES = {
    ".env.production": f"LEVEL=info\nTOKEN={CANARY}-1\nHOST=db\nURL=https://shop.example.com/\n",
    ".env.staging": f"LEVEL=info\nTOKEN={CANARY}-2\nHOST=db\n",
    "Procfile": "web: exec puma -p $PORT\nworker_low: exec sidekiq\nrelease: rake db:migrate\n",
    "app.json": json.dumps(
        {
            "env": {
                "LEVEL": "debug",
                "THREADS": {"value": "5", "description": 'How many "threads"\n(at most)'},
                "BASE": {"generator": "secret", "description": "Signs cookies"},
                "STRIPE_TOKEN": {"description": "From Stripe"},
                "OPTIONAL": {"required": False},
            },
            "formation": {"web": {"quantity": 2, "size": "standard-1x"}},
            "buildpacks": [{"url": "heroku/ruby"}],
        }
    ),
}
BOTH = (".env.production", ".env.staging")
HERE = ("--environment", "production", "--environment", "staging")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A team's files, and an empty folder `tree` beside them."""
    write_tree(tmp_path, {f"app/{name}": text for name, text in FILES.items()})
    (tmp_path / "tree").mkdir()
    return tmp_path


def imported(folder: Path, kind: str, *words: str) -> Done:
    files = [f"../app/{word}" if word in FILES else word for word in words]
    return run(folder / "tree", "import", kind, "--clear", *files)


def content(folder: Path) -> dict[str, str]:
    root = folder / "tree"
    return {str(path.relative_to(root)): path.read_text() for path in sorted(root.rglob("*")) if path.is_file()}


def values(folder: Path, target: str) -> dict[str, str]:
    done = run(folder / "tree", "export", target, "--format", "json")
    assert done.code == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_dotenv_files_become_the_fewest_entries(folder: Path) -> None:
    done = imported(folder, "dotenv", *BOTH, "--service", "shop")
    assert done.code == 0, done.stderr
    assert "7 variables as 5 entries; compiled back and compared" in done.stderr
    assert "2 secrets stand in clear in these files" in done.stderr
    assert CANARY not in done.said
    found = content(folder)
    assert found["configs/shop/common.yaml"] == "HOST: db\nLEVEL: info\n"
    assert "heroku" not in found["envtree.yaml"]
    assert "TOKEN: Secret\n    # optional: not in staging\n    URL: HttpUrl | None = None\n" in found["schemas/shop.py"]
    assert values(folder, "production/shop/web") == {
        "HOST": "db",
        "LEVEL": "info",
        "TOKEN": f"{CANARY}-1",
        "URL": "https://shop.example.com/",
    }
    assert values(folder, "staging/shop/web") == {"HOST": "db", "LEVEL": "info", "TOKEN": f"{CANARY}-2"}
    again = imported(folder, "dotenv", *BOTH, "--write")
    assert (again.code, content(folder)) == (0, found)
    assert "nothing is to be imported: the tree gives each value already" in again.stderr


ORDERS = (("dotenv", "procfile", "app-json"), ("procfile", "app-json", "dotenv"), ("app-json", "dotenv", "procfile"))


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_in_any_order_the_three_make_one_tree(order: tuple[str, ...], folder: Path) -> None:
    words = {
        "dotenv": BOTH,
        "procfile": ("Procfile", *(HERE if order[0] == "procfile" else ())),
        "app-json": ("app.json", *(HERE if order[0] == "app-json" else ())),
    }
    for kind in order:
        done = imported(folder, kind, *words[kind], "--service", "shop", *(("--write",) if kind != order[0] else ()))
        assert done.code == 0, done.stderr
        assert CANARY not in done.said
    (folder / "tree/configs/shop/web").mkdir()
    with (folder / "tree/configs/shop/common.yaml").open("a") as layer:
        layer.write("BASE: made-up\nSTRIPE_TOKEN: from-stripe\n")
    for environment, number in (("production", 1), ("staging", 2)):
        for process in ("web", "worker_low"):
            found = values(folder, f"{environment}/shop/{process}")
            assert found["TOKEN"] == f"{CANARY}-{number}"
            assert (found["LEVEL"], found["THREADS"]) == ("info", "5")
    service = content(folder)["configs/shop/service.yaml"]
    assert "exec puma -p $PORT" in service
    assert "exec sidekiq" in service
    assert "db:migrate" not in service
    schema = content(folder)["schemas/shop.py"]
    assert 'THREADS: int = Field(description="How many \\"threads\\"\\n(at most)")' in schema
    assert 'BASE: Secret = Field(description="Signs cookies")' in schema
    assert "OPTIONAL: str | None = None" in schema
    assert schema.count("LEVEL") == 1
    before = content(folder)
    for kind in order:
        assert imported(folder, kind, *words[kind], "--service", "shop", "--write").code == 0
    assert content(folder) == before


def test_app_json_names_what_is_left_to_do(folder: Path) -> None:
    done = imported(folder, "app-json", "app.json", "--service", "shop", *HERE)
    assert done.code == 0, done.stderr
    assert "to be set: STRIPE_TOKEN\n" in done.stderr
    assert "to be generated, each environment its own: BASE\n" in done.stderr
    assert "part of the move:\n  buildpacks: heroku/ruby\n" in done.stdout
    assert content(folder)["configs/shop/service.yaml"].endswith("# web: 2 of standard-1x on Heroku, by app.json\n")
    checked = run(folder / "tree", "validate", "--format", "short")
    assert (checked.code, checked.stdout.count("error[missing-variable]")) == (1, 2)


def test_a_default_never_replaces_a_value(folder: Path) -> None:
    assert imported(folder, "dotenv", *BOTH, "--service", "shop").code == 0
    done = imported(folder, "app-json", "app.json", "--write")
    assert "= LEVEL  has a value already, set in configs/shop/common.yaml" in done.stdout
    assert values_of_layer(folder)["LEVEL"] == "info"


def values_of_layer(folder: Path) -> dict[str, str]:
    lines = content(folder)["configs/shop/common.yaml"].splitlines()
    return dict(line.split(": ", 1) for line in lines)


def test_a_person_s_lines_stay_and_what_would_change_is_shown_first(folder: Path) -> None:
    assert imported(folder, "procfile", "Procfile", "--service", "shop", *HERE).code == 0
    layer = folder / "tree/configs/shop/production.yaml"
    layer.write_text("# why it is so\nLEVEL: warn # for now\nOWN: x\n")
    before = content(folder)
    done = imported(folder, "dotenv", ".env.production")
    assert done.code == 0, done.stderr
    assert content(folder) == before
    assert "    LEVEL  replaced in configs/shop/production.yaml\n" in done.stdout
    assert "= OWN  not in the files, set in configs/shop/production.yaml:3" in done.stdout
    assert "nothing was written, since the tree has content" in done.stderr
    assert imported(folder, "dotenv", ".env.production", "--write").code == 0
    assert layer.read_text().startswith("# why it is so\nLEVEL: info # for now\nOWN: x\n")


def test_a_command_of_a_person_stays(folder: Path) -> None:
    assert imported(folder, "procfile", "Procfile", "--service", "shop", *HERE).code == 0
    service = folder / "tree/configs/shop/service.yaml"
    service.write_text(service.read_text().replace("exec puma -p $PORT", "exec unicorn # mine"))
    before = service.read_text()
    done = imported(folder, "procfile", "Procfile", "--write")
    assert (done.code, service.read_text()) == (0, before)
    assert "`web` stays as it is in configs/shop/service.yaml:4, which is another command" in done.stderr


@pytest.mark.parametrize(
    "processes",
    [
        "processes: {web: {command: exec puma -p $PORT}}\n",
        "processes:\n  web: # the front\n    command: exec puma -p $PORT\n    stop: {timeout: 20s}\n\n# the end\n",
        "processes:\r\n  web: {command: exec puma -p $PORT}\r\n",
    ],
)
def test_a_process_is_added_to_a_service_of_a_person_and_the_rest_stays(processes: str, folder: Path) -> None:
    settings = "environments: {production: {instance: service}}\n"
    write_tree(folder / "tree", {"envtree.yaml": settings, "configs/shop/service.yaml": f"# mine\n{processes}"})
    service = folder / "tree/configs/shop/service.yaml"
    before = service.read_bytes()
    done = imported(folder, "procfile", "Procfile", "--write")
    assert done.code == 0, done.stderr
    after = service.read_bytes()
    assert len(after) > len(before)
    rest = iter(after)
    assert all(byte in rest for byte in before.rstrip(b"}\r\n"))
    listed = run(folder / "tree", "validate", "-v")
    assert "worker_low" in listed.said


def test_a_new_service_keeps_what_the_tree_gives_every_service(folder: Path) -> None:
    write_tree(
        folder / "tree",
        {
            "envtree.yaml": "environments: {production: {instance: service}, staging: {instance: service}}\n",
            "configs/common.yaml": "LANG: C.UTF-8\nLEVEL: warn\n",
            "configs/other/service.yaml": "processes: {web: {command: exec x}}\n",
        },
    )
    done = imported(folder, "dotenv", *BOTH, "--service", "shop", "--write")
    assert done.code == 0, done.stderr
    assert "!unset" not in "".join(content(folder).values())
    assert values(folder, "staging/shop/web")["LANG"] == "C.UTF-8"
    assert values(folder, "staging/shop/web")["LEVEL"] == "info"
    assert values(folder, "staging/other/web")["LEVEL"] == "warn"
    assert "LEVEL: info" in content(folder)["configs/shop/common.yaml"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("dotenv", ".env.production"), "nothing says which service these files are for"),
        (("dotenv", ".env.production", "--service", "Shop"), "`Shop` can't name a service"),
        (("dotenv", "app.json", "--service", "shop"), "says no environment"),
        (("dotenv", *BOTH, "--service", "shop", "--environment", "qa"), "doesn't say which is for which"),
        (("dotenv", ".env.staging", "../app/../app/.env.staging", "--service", "s"), "are both for staging"),
        (("dotenv", "missing", "--service", "shop", "--environment", "qa"), "`missing` can't be read: no such file"),
        (("dotenv", "..", "--service", "shop", "--environment", "qa"), "`..` can't be read"),
        (("procfile", "app.json", "--service", "shop"), "names no process"),
        (("app-json", "Procfile", "--service", "shop"), "is no JSON"),
        (("dotenv", ".env.staging", "--service", "shop", "--plan", "--write"), "`--plan` writes nothing"),
        (("nothing", ".env.staging"), "`import` needs a second word"),
    ],
)
def test_what_can_t_be_placed_or_read_is_refused(words: tuple[str, ...], message: str, folder: Path) -> None:
    done = imported(folder, *words)
    assert done.code == 2
    assert message in " ".join(done.stderr.split())
    assert content(folder) == {}


def test_a_line_that_readers_differ_about_stops_the_import_with_its_place(folder: Path) -> None:
    (folder / "app/.env.staging").write_text(f'A=1\nB="{CANARY}"\nC=$A{CANARY}\n')
    done = imported(folder, "dotenv", *BOTH, "--service", "shop")
    assert (done.code, content(folder)) == (2, {})
    assert "../app/.env.staging:2:1" in done.stderr
    assert "../app/.env.staging:3:1" in done.stderr
    assert "`--reader dotenv`" in done.stderr
    assert CANARY not in done.said
    (folder / "app/.env.staging").write_text(f'A=1\nB="{CANARY}"\n')
    assert imported(folder, "dotenv", *BOTH, "--service", "shop", "--reader", "dotenv").code == 0
    assert values(folder, "staging/shop/web")["B"] == CANARY


def test_a_value_that_no_envdir_carries_is_named_and_left_out(folder: Path) -> None:
    (folder / "app/.env.staging").write_text("A='x '\nB=1\n")
    done = imported(folder, "dotenv", ".env.staging", "--service", "shop", "--reader", "dotenv")
    assert done.code == 1
    assert "`A` of ../app/.env.staging (staging/shop) ends in a blank" in done.stderr
    assert "Heroku" not in done.stderr
    assert values(folder, "staging/shop/web") == {"B": "1"}


def test_an_environment_that_the_tree_lacks_is_a_person_s_to_add(folder: Path) -> None:
    assert imported(folder, "procfile", "Procfile", "--service", "shop", "--environment", "production").code == 0
    done = imported(folder, "dotenv", *BOTH, "--write")
    assert done.code == 2
    assert "`envtree.yaml` has no environment `staging`, where `../app/.env.staging` belongs" in done.stderr


@pytest.mark.parametrize(
    ("kind", "files", "key"),
    [("dotenv", BOTH, "entries"), ("procfile", ("Procfile",), "files"), ("app-json", ("app.json",), "to_set")],
)
def test_the_answer_is_one_object_without_a_value(kind: str, files: tuple[str, ...], key: str, folder: Path) -> None:
    done = imported(folder, kind, *files, "--service", "shop", "--format", "json", "-q")
    answer = json.loads(done.stdout)
    assert answer["written"] is True
    assert answer[key]
    assert {each["service"] for each in answer["sources"]} == {"shop"}
    assert CANARY not in done.said


def test_schemas_that_are_not_run_are_not_added_to(folder: Path) -> None:
    assert imported(folder, "dotenv", *BOTH, "--service", "shop").code == 0
    schema = content(folder)["schemas/shop.py"]
    (folder / "app/.env.staging").write_text("NEW=1\n")
    done = imported(folder, "dotenv", ".env.staging", "--write", "--no-schemas")
    assert "schemas are not run" in done.stderr
    assert content(folder)["schemas/shop.py"] == schema


def test_a_sealed_variable_stays_sealed_and_counts_as_set(folder: Path) -> None:
    assert imported(folder, "app-json", "app.json", "--service", "shop", "--environment", "production").code == 0
    sealed = sealed_layer(TOKEN=f"{CANARY}-3", STRIPE_TOKEN=f"{CANARY}-4")
    write_tree(folder / "tree", {"configs/shop/production.sops.yaml": sealed})
    with (folder / "tree/schemas/shop.py").open("a") as schema:
        schema.write("    TOKEN: Secret\n")
    done = imported(folder, "dotenv", ".env.production", "--write")
    assert done.code == 0, done.stderr
    assert "= TOKEN  sealed in configs/shop/production.sops.yaml" in done.stdout
    assert CANARY not in "".join(text for path, text in content(folder).items() if "sops" not in path) + done.said
    done = imported(folder, "app-json", "app.json", "--write")
    assert "to be set" not in done.stderr
    assert "to be generated, each environment its own: BASE" in done.stderr


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)
FILE = st.dictionaries(
    st.sampled_from(["A", "B", "SECRET_KEY", "DATABASE_URL", "no", "X.bkp", "class"]), TEXTS, max_size=6
)


@examples(10, suppress_health_check=list(hypothesis.HealthCheck))
@hypothesis.given(st.lists(FILE, min_size=2, max_size=2))
def test_what_files_say_is_what_processes_get(
    tmp_path_factory: pytest.TempPathFactory, files: list[dict[str, str]]
) -> None:
    top = tmp_path_factory.mktemp("files")
    said = dict(zip(("production", "staging"), files, strict=True))
    lines = {env: "".join(f"{name}={text}\n" for name, text in values.items()) for env, values in said.items()}
    write_tree(top, {f"app/.env.{environment}": text for environment, text in lines.items()})
    (top / "tree").mkdir()
    done = imported(top, "dotenv", *BOTH, "--service", "shop", "--reader", "docker")
    carried = {
        environment: {name: text for name, text in values.items() if value_fault(name, text) is None}
        for environment, values in said.items()
    }
    assert done.code == (0 if carried == said else 1), done.stderr
    for environment, values_of_file in carried.items():
        assert values(top, f"{environment}/shop/web") == values_of_file
    before = content(top)
    assert imported(top, "dotenv", *BOTH, "--reader", "docker", "--write").code == done.code
    assert content(top) == before
