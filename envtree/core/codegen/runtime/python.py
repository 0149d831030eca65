"""The parts of a generated Python file that find variables and read texts."""

TEXTS = r'''
class Secret(Generic[_T]):
    """A value that is never shown: `reveal()` returns it."""

    __slots__ = ("_read",)

    def __init__(self, value: _T) -> None:
        self._read: Callable[[], _T] = lambda: value

    def reveal(self) -> _T:
        """Return the value itself."""
        return self._read()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and bool(self.reveal() == other.reveal())

    def __hash__(self) -> int:
        return hash(self.reveal())

    def __repr__(self) -> str:
        return "Secret('[hidden]')"

    def __str__(self) -> str:
        return "[hidden]"

    def __format__(self, spec: str) -> str:
        return format("[hidden]", spec)

    def __copy__(self) -> Secret[_T]:
        return self

    def __deepcopy__(self, memo: object) -> Secret[_T]:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret can't be pickled")


class SettingsError(Exception):
    """Names each variable that is wrong, and shows no value."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n  ".join(("the environment is not as its schema says:", *faults)))
        self.faults = faults


class _Invalid(Exception):
    def __init__(self, reason: str, place: str = "") -> None:
        super().__init__(reason)
        self.reason, self.place = reason, place


def _getter(environ: Mapping[str, str], faults: list[str]) -> Callable[..., Any]:
    def get(name: str, read: _Read, default: object = _REQUIRED, ignores_empty: bool = False) -> Any:
        text = environ.get(name)
        if text is None or (ignores_empty and not text):
            if default is _REQUIRED:
                faults.append(f"{name} is not set" if text is None else f"{name} is empty")
            return default
        try:
            text.encode()
        except UnicodeEncodeError:
            faults.append(f"{name} is not UTF-8")
            return None
        try:
            return read(text)
        except _Invalid as invalid:
            faults.append(f"{name}{invalid.place} {invalid.reason}")
            return None

    return get


def _text(least: int = 0, most: int | None = None, *patterns: str) -> _Read:
    def read(text: str) -> str:
        if len(text) < least:
            raise _Invalid(f"is shorter than {least} characters")
        if most is not None and len(text) > most:
            raise _Invalid(f"is longer than {most} characters")
        if not all(re.search(pattern, text) for pattern in patterns):
            raise _Invalid("doesn't match its pattern")
        return text

    return read


def _path() -> _Read:
    return Path


def _integer(least: int | None = None, most: int | None = None, multiple: int | None = None, *choices: int) -> _Read:
    def read(text: str) -> int:
        if not re.fullmatch("-?(?:0|[1-9][0-9]{0,4299})", text):
            raise _Invalid("is not an integer, written as digits alone")
        return _within(int(text), least, most, multiple, choices)

    return read


def _within(value: int, least: int | None, most: int | None, multiple: int | None, choices: tuple[int, ...]) -> int:
    if least is not None and value < least:
        raise _Invalid(f"is less than {least}")
    if most is not None and value > most:
        raise _Invalid(f"is more than {most}")
    if multiple is not None and value % multiple:
        raise _Invalid(f"is not a multiple of {multiple}")
    if choices and value not in choices:
        raise _Invalid("is none of the allowed values")
    return value


def _number(
    least: float | None = None,
    most: float | None = None,
    above: float | None = None,
    below: float | None = None,
    finite: bool = False,
) -> _Read:
    def read(text: str) -> float:
        if not re.fullmatch("-?(?:0|[1-9][0-9]*)(?:[.][0-9]+)?(?:[eE][-+]?[0-9]+)?", text):
            raise _Invalid("is not a number")
        return _bounded(float(text), least, most, above, below, finite)

    return read


def _bounded(
    value: float, least: float | None, most: float | None, above: float | None, below: float | None, finite: bool
) -> float:
    if finite and not math.isfinite(value):
        raise _Invalid("is not a finite number")
    if (least is not None and not value >= least) or (above is not None and not value > above):
        raise _Invalid("is too small")
    if (most is not None and not value <= most) or (below is not None and not value < below):
        raise _Invalid("is too large")
    return value


def _boolean() -> _Read:
    def read(text: str) -> bool:
        word = text.lower()
        if word in ("1", "t", "true", "y", "yes", "on"):
            return True
        if word in ("0", "f", "false", "n", "no", "off"):
            return False
        raise _Invalid("is not a boolean, such as `true` or `false`")

    return read


def _choice(*texts: str) -> _Read:
    def read(text: str) -> str:
        if text not in texts:
            raise _Invalid("is none of the allowed values")
        return text

    return read


def _url(
    schemes: tuple[str, ...] = (), needs_host: bool = False, several: bool = False, most: int | None = None
) -> _Read:
    def read(text: str) -> str:
        if any(letter.isspace() for letter in text):
            raise _Invalid("has a blank in it, and a URL has none")
        return _checked_url(text, schemes, needs_host, several, most)

    return read


def _checked_url(text: str, schemes: tuple[str, ...], needs_host: bool, several: bool, most: int | None) -> str:
    if most is not None and len(text.encode()) > most:
        raise _Invalid(f"is longer than {most} bytes")
    found = re.match("[\x00-\x20]*([A-Za-z][A-Za-z0-9+.-]*):", text)
    if not found:
        raise _Invalid("is not a URL")
    scheme, rest = found[1].lower(), text[found.end() :]
    if schemes and scheme not in schemes:
        raise _Invalid("has the wrong URL scheme")
    special = scheme in ("http", "https", "ws", "wss", "ftp")
    if special:
        authority = re.split(r"[/\\?#]", rest.lstrip("/\\"))[0]
    elif rest.startswith("//"):
        authority = re.split("[/?#]", rest[2:])[0]
    elif needs_host:
        raise _Invalid("has no host")
    else:
        return text
    authority = authority if authority.strip("@:") else ""
    hosts = authority.rpartition("@")[2].partition("\\")[0]
    for each in hosts.split(",") if several else [hosts]:
        host, colon, port = each.rpartition(":")
        host, port = (host, port) if colon and "]" not in port else (each, "")
        if not host and (authority or special or needs_host):
            raise _Invalid("has no host")
        if port and not (re.fullmatch("[0-9]+", port) and len(port.lstrip("0")) <= 5 and int(port) <= 65535):
            raise _Invalid("has a port that is none")
    return text


def _duration() -> _Read:
    def read(text: str) -> timedelta:
        number = "(0|[1-9][0-9]{0,14})"
        units = "".join(f"(?:{number}{unit}(?![a-z]))?" for unit in ("d", "h", "m", "s", "ms"))
        found = re.fullmatch(units, text)
        if not text or not found:
            raise _Invalid("is not a duration, such as `1m30s`")
        days, hours, minutes, seconds, milliseconds = (int(each) for each in found.groups("0"))
        try:
            return timedelta(
                days=days, hours=hours, minutes=minutes, seconds=seconds, milliseconds=milliseconds
            )
        except OverflowError:
            raise _Invalid("is too long a duration") from None

    return read


def _either(*options: _Read) -> _Read:
    def read(text: str) -> Any:
        for option in options:
            try:
                return option(text)
            except _Invalid:
                continue
        raise _Invalid("fits none of its types")

    return read


def _items(item: _Read, least: int = 0, most: int | None = None) -> _Read:
    def read(text: str) -> tuple[Any, ...]:
        if not text:
            raise _Invalid("has no items")
        texts = text.split(",")
        for number, each in enumerate(texts):
            if not each or each != each.strip():
                raise _Invalid("is empty, or has a blank beside a comma", f"[{number}]")
        return _each(texts, item, least, most)

    return read


def _each(values: list[Any], item: _Read, least: int, most: int | None) -> tuple[Any, ...]:
    if len(values) < least or (most is not None and len(values) > most):
        raise _Invalid("has too few items" if len(values) < least else "has too many items")
    return tuple(_at(f"[{number}]", item, value) for number, value in enumerate(values))


def _at(place: str, read: _Read, value: Any) -> Any:
    try:
        return read(value)
    except _Invalid as invalid:
        reason, inner = invalid.reason, invalid.place
    raise _Invalid(reason, place + inner)
'''
