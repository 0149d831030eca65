"""The parts of a generated Python file that read JSON."""

CONTENT = r"""
def _json(content: _Read) -> _Read:
    def read(text: str) -> Any:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = _REQUIRED
        if value is _REQUIRED:
            raise _Invalid("is not JSON")
        return content(value)

    return read


def _secret(read: _Read) -> _Read:
    return lambda value: Secret(read(value))


def _anything() -> _Read:
    return lambda value: value


def _nullable(content: _Read) -> _Read:
    return lambda value: None if value is None else content(value)


def _json_text(read_text: _Read) -> _Read:
    def read(value: object) -> Any:
        if not isinstance(value, str):
            raise _Invalid("is not a text")
        return read_text(value)

    return read


def _json_url(
    schemes: tuple[str, ...] = (), needs_host: bool = False, several: bool = False, most: int | None = None
) -> _Read:
    def read(value: str) -> str:
        _checked_url(re.sub("[\t\n\r]", "", value), schemes, needs_host, several, None)
        return value

    return _json_text(read)


def _json_integer(
    least: int | None = None, most: int | None = None, multiple: int | None = None, *choices: int
) -> _Read:
    def read(value: object) -> int:
        if isinstance(value, str) and re.fullmatch(r"[-+]?\d{1,4300}(?:_\d+)*(?:[.]0+)?", value.strip()):
            value = int(value.strip().replace("_", "").partition(".")[0])
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int):
            raise _Invalid("is not an integer")
        return _within(int(value), least, most, multiple, choices)

    return read


def _json_number(
    least: float | None = None,
    most: float | None = None,
    above: float | None = None,
    below: float | None = None,
    finite: bool = False,
) -> _Read:
    def read(value: object) -> float:
        try:
            number = float(value) if isinstance(value, (str, int, float)) else None
        except (ValueError, OverflowError):
            number = None
        if number is None:
            raise _Invalid("is not a number")
        return _bounded(number, least, most, above, below, finite)

    return read


def _json_boolean() -> _Read:
    read_text = _boolean()

    def read(value: object) -> bool:
        if isinstance(value, (int, float)) and value in (0, 1):
            return bool(value)
        if not isinstance(value, str):
            raise _Invalid("is not a boolean")
        return bool(read_text(value))

    return read


def _array(item: _Read, least: int = 0, most: int | None = None) -> _Read:
    def read(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise _Invalid("is not a list")
        return _each(value, item, least, most)

    return read


def _map(content: _Read) -> _Read:
    def read(value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _Invalid("is not a mapping")
        return {key: _at("[...]", content, each) for key, each in value.items()}

    return read


def _keys(value: object, known: tuple[str, ...] | None) -> Callable[..., Any]:
    if not isinstance(value, dict):
        raise _Invalid("is not a mapping")
    if known is not None and not all(key in known for key in value):
        raise _Invalid("has a key that it must not have")

    def key(name: str, content: _Read, default: object = _REQUIRED) -> Any:
        if name not in value and default is _REQUIRED:
            raise _Invalid("is missing", f".{name}")
        return _at(f".{name}", content, value[name]) if name in value else default

    return key
"""
