"""Which variables make programs load code, and by which values."""

from __future__ import annotations

import pytest

from envtree.review.lint.loaders import NAMES, loads
from tests.builders import ROOT

REFERENCE = ROOT / "docs/reference/diagnostics.md"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("LD_PRELOAD", "libjemalloc.so.2"),
        ("BASH_ENV", "/etc/profile"),
        ("BASH_FUNC_ls%%", "() { rm -rf /; }"),
        ("IFS", ","),
        ("PYTHONPATH", "lib"),
        ("LUA_PATH_5_4", "?.lua"),
        ("ENV", "~/.shrc"),
        ("NODE_OPTIONS", "--max-old-space-size=512 --require ./trace.js"),
        ("NODE_OPTIONS", "-r ./trace.js"),
        ("NODE_OPTIONS", "--experimental-loader=./x.mjs"),
        ("NODE_OPTIONS", "--inspect=0.0.0.0"),
        ("RUBYOPT", "-W0 -rbundler/setup"),
        ("PERL5OPT", "-Mlib=lib"),
        ("PERL5OPT", "MCarp"),
        ("JAVA_TOOL_OPTIONS", "-Xmx1g -javaagent:/opt/agent.jar"),
        ("JDK_JAVA_OPTIONS", "@/opt/options"),
        ("_JAVA_OPTIONS", "-XX:OnOutOfMemoryError=kill"),
        ("ERL_AFLAGS", "-kernel x 1 -eval 'halt().'"),
        ("PYTHONBREAKPOINT", "pdb.set_trace"),
        ("PYTHONWARNINGS", "ignore,error::package.Warning"),
    ],
)
def test_a_variable_that_makes_programs_load_code_is_known(name: str, text: str) -> None:
    assert loads(name, ("", text))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PATH", "/usr/bin"),
        ("GEM_HOME", "/srv/gems"),
        ("LD_BIND_NOW", "1"),
        ("LUA_PATHS", "x"),
        ("ENV", "production"),
        ("NODE_OPTIONS", "--max-old-space-size=4096 --enable-source-maps"),
        ("NODE_OPTIONS", "--report-on-fatalerror --redirect-warnings=x"),
        ("RUBYOPT", "--yjit -W0"),
        ("PERL5OPT", "-w"),
        ("PERL5OPT", "-CSDA"),
        ("JAVA_TOOL_OPTIONS", "-Xmx1g -XX:+ExitOnOutOfMemoryError -Dfile.encoding=UTF-8"),
        ("ERL_AFLAGS", "-kernel inet_dist_listen_min 9100 -smp enable"),
        ("PYTHONBREAKPOINT", "0"),
        ("PYTHONWARNINGS", "default"),
        ("PYTHONWARNINGS", "error::DeprecationWarning"),
    ],
)
def test_one_that_does_not_is_quiet(name: str, text: str) -> None:
    assert loads(name, (text,)) is None


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_lists_each(name: str) -> None:
    assert f"`{name}`" in REFERENCE.read_text()
