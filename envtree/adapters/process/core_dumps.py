"""Core dumps: a crash writes no value to a disk, and what envtree starts has what the caller gave it.

`leave_memory_out` imports nothing, so that every process can afford it: a dump is then made without memory, and so is
one of git, which inherits that. `forbid` costs a third of Python's start: there is no dump at all, no debugger of the
same user gets in, and the limit holds where there is no proc(5).
"""

from __future__ import annotations

FILTER = "/proc/self/coredump_filter"
NO_MEMORY = "0"
PR_GET_DUMPABLE, PR_SET_DUMPABLE = 3, 4

_filter_before: list[str] = []
_before: list[tuple[int, int]] = []
"""What this process was given: the filter; and the soft limit and whether it is dumpable, once these are changed."""


def leave_memory_out() -> None:
    """Keep memory out of core dumps of this process and of those that it starts."""
    filter_text = "" if _filter_before else _read_filter()
    if filter_text:
        _filter_before.append(filter_text)
        _write_filter(NO_MEMORY)


def forbid() -> None:
    """Let this process make no core dump, and let no other process of this user look into it."""
    import resource

    leave_memory_out()
    if not _before:
        soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
        _before.append((soft, _prctl(PR_GET_DUMPABLE)))
        resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
        _prctl(PR_SET_DUMPABLE, 0)


def allow() -> None:
    """Give this process back what it was given, for a program that is to inherit it."""
    if _before:
        import resource

        soft, is_dumpable = _before.pop()
        if is_dumpable == 1:  # no other value can be set
            _prctl(PR_SET_DUMPABLE, 1)  # first: until then, the filter belongs to root
        resource.setrlimit(resource.RLIMIT_CORE, (soft, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    if _filter_before:
        _write_filter(f"0x{_filter_before.pop()}")


def _read_filter() -> str:
    """Return the filter in hex; empty where there is no proc(5), or a kernel without it."""
    try:
        with open(FILTER, "rb") as file:
            return file.read().decode("ascii").strip()
    except OSError:
        return ""


def _write_filter(text: str) -> None:
    try:
        with open(FILTER, "wb", buffering=0) as file:
            file.write(text.encode("ascii"))
    except OSError:
        return  # it belongs to root where this process can't be dumped at all


def _prctl(option: int, value: int = 0) -> int:
    import ctypes

    answer: int = ctypes.CDLL(None).prctl(option, *map(ctypes.c_ulong, (value, 0, 0, 0)))
    return answer
