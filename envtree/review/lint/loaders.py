"""Variables that make loaders, shells and interpreters load or run code that nobody asked for.

The sources are sudo's list of variables to remove, glibc's list for setuid programs, and the manuals of the
interpreters. Variables that every service sets to find its own parts (`PATH`, `GEM_HOME`), and those that name programs
(`EDITOR`), are left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LIBRARIES = "the dynamic loader takes libraries from it, for every program"
_SHELLS = "shells run what it says, or read commands otherwise for it"
_MODULES = "{} programs load their modules from there"

_ALWAYS = {
    **dict.fromkeys(("LD_AUDIT", "LD_LIBRARY_PATH", "LD_PRELOAD"), _LIBRARIES),
    "GCONV_PATH": "conversions of text load modules from there",
    **dict.fromkeys(("OPENSSL_CONF", "OPENSSL_ENGINES", "OPENSSL_MODULES"), "OpenSSL loads the modules that it names"),
    **dict.fromkeys(("BASH_ENV", "FPATH", "IFS", "PROMPT_COMMAND", "PS4", "ZDOTDIR"), _SHELLS),
    **dict.fromkeys(("PYTHONHOME", "PYTHONPATH", "PYTHONPLATLIBDIR"), _MODULES.format("Python")),
    **dict.fromkeys(("PYTHONPYCACHEPREFIX", "PYTHONUSERBASE"), _MODULES.format("Python")),
    "PYTHONSTARTUP": "Python runs the file when it is used by hand",
    **dict.fromkeys(("PERL5LIB", "PERLLIB"), _MODULES.format("Perl")),
    "PERL5DB": "Perl runs it when it debugs",
    "RUBYLIB": _MODULES.format("Ruby"),
    "NODE_PATH": _MODULES.format("Node"),
    "CLASSPATH": _MODULES.format("Java"),
    **dict.fromkeys(("PHPRC", "PHP_INI_SCAN_DIR"), "PHP loads what the settings there name"),
    **dict.fromkeys(("DOTNET_ADDITIONAL_DEPS", "DOTNET_STARTUP_HOOKS"), ".NET programs load it at their start"),
    **dict.fromkeys(("ASPNETCORE_HOSTINGSTARTUPASSEMBLIES", "CORECLR_PROFILER_PATH"), ".NET programs load it"),
    "ERL_LIBS": _MODULES.format("Erlang"),
    **dict.fromkeys(("LUA_CPATH", "LUA_PATH"), _MODULES.format("Lua")),
    "LUA_INIT": "Lua runs it first",
    **dict.fromkeys(("R_PROFILE", "R_PROFILE_USER"), "R runs the file first"),
}
_JAVA = re.compile(
    r"-(?:javaagent|agentlib|agentpath|Xbootclasspath|cp|classpath|-class-path|-module-path|-patch-module)\b"
    r"|-XX:On(?:Error|OutOfMemoryError)=|-Djava\.(?:ext\.dirs|endorsed\.dirs|system\.class\.loader)=|(?:^|\s)@"
)
_ERLANG = re.compile(r"(?:^|\s)-(?:args_file|boot|eval|loader|pa|path|pz|run|s)\b")
_OPTIONS = {
    "NODE_OPTIONS": re.compile(r"(?:^|\s)(?:-r|--require|--import|--(?:experimental[-_])?loader|--inspect)\b"),
    "RUBYOPT": re.compile(r"(?:^|\s)-[rI]"),
    "PERL5OPT": re.compile(r"(?:^|[\s-])[CDTUWtw]*[IMdm]\S"),
    **dict.fromkeys(("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "JAVA_OPTS"), _JAVA),
    **dict.fromkeys(("ERL_AFLAGS", "ERL_FLAGS", "ERL_ZFLAGS", "ELIXIR_ERL_OPTIONS"), _ERLANG),
    "PYTHONBREAKPOINT": re.compile(r"\."),
    "PYTHONWARNINGS": re.compile(r"(?:^|,)[^:,]*:[^:,]*:[^:,]*\."),
    "ENV": re.compile(r"[/~$]"),
}
"""Variables of which only some values load code: `--yjit` is harmless, and so is an `ENV` of `production`."""
_LUA = re.compile(r"(LUA_\w+?)_5_\d")
NAMES = (*_ALWAYS, *_OPTIONS)


def loads(name: str, texts: Iterable[str]) -> str | None:
    """Describe what a variable makes programs load, if one of these values does; None for any other variable."""
    if name.startswith("BASH_FUNC_"):
        return "bash takes it for a function, in the place of a command of that name"
    if name in _OPTIONS:
        return "it has options that load code" if any(_OPTIONS[name].search(text) for text in texts) else None
    versioned = _LUA.fullmatch(name)
    return _ALWAYS.get(versioned[1] if versioned else name)
