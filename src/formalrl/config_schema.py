"""Plain data (YAML, JSON, command line) to typed dataclasses and back; every mistake names its path and the cure."""

import ast
import dataclasses
import functools
import inspect
import itertools
import math
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Union

from formalrl.errors import ConfigError, nearest


@functools.cache
def hints_of(cls: type) -> dict[str, Any]:
    """Return the resolved type of every field that `__init__` takes, in order; Any where it cannot be resolved."""
    fields = [field for field in dataclasses.fields(cls) if field.init]
    try:
        hints = typing.get_type_hints(cls)
    except (NameError, TypeError, AttributeError):
        hints = {}
    return {f.name: hints.get(f.name, Any if isinstance(f.type, str) else f.type) for f in fields}


@functools.cache
def help_of(cls: type) -> dict[str, str]:
    """Return the docstring under every field of a dataclass, in one line; empty where there is none."""
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        try:
            body = ast.parse(inspect.cleandoc("\n" + inspect.getsource(base))).body[0]
        except (OSError, TypeError, SyntaxError, IndexError):
            continue
        statements = body.body if isinstance(body, ast.ClassDef) else []
        for field, text in itertools.pairwise(statements):
            named = isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
            if named and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
                found[field.target.id] = " ".join(str(text.value.value).split())  # pyright: ignore[reportAttributeAccessIssue]
    return found


def default_of(field: dataclasses.Field[Any]) -> Any:
    """Return the default of a field, or `dataclasses.MISSING`."""
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def to_plain(value: Any) -> Any:
    """Return `value` as YAML-able data: dataclasses as dicts of their init fields, tuples as lists, paths as text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: to_plain(getattr(value, name)) for name in hints_of(type(value))}
    if isinstance(value, Mapping):
        return {to_plain(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted((to_plain(item) for item in value), key=str)
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [to_plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value


def build(cls: type, values: Mapping[str, Any], path: str) -> Any:
    """Return `cls(**values)` with every value checked against its field; `path` is the key that holds the section.

    Raises ConfigError for an unknown key (with the nearest known path), a value of the wrong type or a missing field.
    """
    hints = hints_of(cls)
    reject_unknown(values, hints, path)
    given = {name: coerce(values[name], hint, join(path, name)) for name, hint in hints.items() if name in values}
    missing = [f.name for f in dataclasses.fields(cls) if f.name in hints and f.name not in given and _required(f)]
    if missing:
        raise ConfigError(f"{join(path, missing[0])} is not set, but it has no default: give it a value.")
    try:
        return cls(**given)
    except ConfigError as error:
        raise type(error)(f"{path}: {error}" if path else str(error)) from error
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{path or cls.__name__} cannot be built from {dict(given)!r}: {error}") from error


def _required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def reject_unknown(values: Iterable[Any], known: Iterable[str], path: str) -> None:
    """Raise ConfigError for the first key of `values` that is not in `known`, with its path and the nearest."""
    known = list(known)
    for key in values:
        if key not in known:
            here = [join(path, name) for name in known]
            where = f"{path} has" if path else "the configuration has"
            hint = nearest(join(path, str(key)), here) or f" Known here: {', '.join(known) or 'nothing'}."
            raise ConfigError(f"unknown key {join(path, str(key))!r}: {where} no such setting.{hint}")


def join(path: str, name: str) -> str:
    """Return `path.name`, or `name` at the top."""
    return f"{path}.{name}" if path else name


def coerce(value: Any, hint: Any, path: str) -> Any:
    """Return `value` as the type `hint`, or raise ConfigError: what was found at `path`, what is expected."""
    origin = typing.get_origin(hint)
    if hint is Any or isinstance(hint, (str, typing.TypeVar)):
        return value
    if origin is typing.Annotated:
        return coerce(value, typing.get_args(hint)[0], path)
    if origin is Literal:
        return _literal(value, hint, path)
    if origin in (Union, types.UnionType):
        return _union(value, hint, path)
    if origin is not None:
        return _collection(value, hint, origin, path)
    if hint in _SCALARS:
        return _SCALARS[hint](value, path)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _section(value, hint, path)
    if hint in (list, tuple, dict, Mapping, Sequence, set, frozenset):
        return _collection(value, hint, hint, path)
    if isinstance(hint, type) and not isinstance(value, hint) and not getattr(hint, "_is_protocol", False):
        raise _wrong(value, hint, path)
    return value


def describe(hint: Any) -> str:
    """Return a type in the words of messages and of `--help`: `float`, `one of a, b`, `list of text`, `int or none`."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is Literal:
        return f"one of {', '.join(_shown(arg) for arg in args)}"
    if origin in (Union, types.UnionType):
        return " or ".join(describe(arg) for arg in args)
    if origin is typing.Annotated:
        return describe(args[0])
    if origin in (dict, Mapping) or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return "mapping"
    if origin is tuple and args and args[-1] is not Ellipsis:
        return f"{len(args)} values ({', '.join(describe(arg) for arg in args)})"
    if origin is not None:
        return f"list of {describe(args[0])}" if args else "list"
    return _WORDS.get(hint, getattr(hint, "__name__", str(hint)))


def _shown(value: Any) -> str:
    return "none" if value is None else str(value)


def _wrong(value: Any, hint: Any, path: str, note: str = "", hint_at: str = "") -> ConfigError:
    kind = _WORDS.get(type(value), type(value).__name__)
    kind = "" if value is None else f" ({kind})"
    return ConfigError(f"{path} is {_value(value)}{kind}, expected {describe(hint)}{note}.{hint_at}")


def _value(value: Any) -> str:
    text = "none" if value is None else repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _literal(value: Any, hint: Any, path: str) -> Any:
    known = typing.get_args(hint)
    if isinstance(value, bool) and value not in [arg for arg in known if isinstance(arg, bool)]:
        # YAML 1.1 reads an unquoted no, off, yes or on as a boolean.
        spellings = ("yes", "on", "true") if value else ("no", "off", "false")
        value = next((arg for arg in known if arg in spellings), value)
    for arg in known:
        if type(arg) is type(value) and arg == value:
            return arg
    raise _wrong(value, hint, path, hint_at=nearest(str(value), map(str, known)))


def _union(value: Any, hint: Any, path: str) -> Any:
    args = typing.get_args(hint)
    if value is None and type(None) in args:
        return None
    options = [arg for arg in args if arg is not type(None)]
    exact = [arg for arg in options if isinstance(arg, type) and type(value) is arg]
    if exact:
        return coerce(value, exact[0], path)
    for arg in options:
        try:
            return coerce(value, arg, path)
        except ConfigError:
            if len(options) == 1 and _structured(arg):
                raise
    raise _wrong(value, hint, path)


def _structured(hint: Any) -> bool:
    return dataclasses.is_dataclass(hint) or typing.get_origin(hint) not in (None, Literal)


def _collection(value: Any, hint: Any, origin: Any, path: str) -> Any:
    args = typing.get_args(hint)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        if not isinstance(value, Mapping):
            raise _wrong(value, hint, path)
        of_key, of_item = args or (Any, Any)
        return {coerce(k, of_key, path): coerce(v, of_item, join(path, str(k))) for k, v in value.items()}
    if origin is Callable or not isinstance(origin, type):
        return value
    if isinstance(value, str) and args and args[0] is str:
        value = (value,)
    if not isinstance(value, (list, tuple, set, frozenset)):
        raise _wrong(value, hint, path)
    if origin is tuple and args and args[-1] is not Ellipsis:
        if len(value) != len(args):
            raise _wrong(value, hint, path)
        of_items = args
    else:
        of_items = (args[0] if args else Any,) * len(value)
    items = [coerce(v, of, f"{path}[{i}]") for i, (v, of) in enumerate(zip(value, of_items, strict=True))]
    return origin(items) if origin in (list, set, frozenset) else tuple(items)


def _section(value: Any, cls: type, path: str) -> Any:
    if isinstance(value, cls):
        return value
    if not isinstance(value, Mapping):
        raise _wrong(value, cls, path, f": a section with {', '.join(hints_of(cls))}")
    return build(cls, value, path)


def _bool(value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(value, bool, path)
    return value


def _int(value: Any, path: str) -> int:
    if isinstance(value, str):
        value = _number(value, int, path)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong(value, int, path)
    return value


def _float(value: Any, path: str) -> float:
    if isinstance(value, str):  # YAML reads 1e-3 (no dot) as text
        value = _number(value, float, path)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or math.isnan(value):
        raise _wrong(value, float, path)
    return float(value)


def _number(text: str, hint: type, path: str) -> float:
    try:
        return int(text) if hint is int and text.lstrip("+-").isdecimal() else float(text)
    except ValueError:
        raise _wrong(text, hint, path) from None


def _str(value: Any, path: str) -> str:
    if isinstance(value, Path):
        return str(value)
    if not isinstance(value, str):
        quote = f': write it in quotes, "{value}"' if isinstance(value, (int, float)) else ""
        raise _wrong(value, str, path, quote)
    return value


def _path(value: Any, path: str) -> Path:
    return Path(_str(value, path))


def _none(value: Any, path: str) -> None:
    if value is not None:
        raise _wrong(value, type(None), path)


_SCALARS: dict[Any, Callable[[Any, str], Any]] = {
    bool: _bool,
    int: _int,
    float: _float,
    str: _str,
    Path: _path,
    type(None): _none,
}

_WORDS = {
    bool: "true or false",
    int: "int",
    float: "float",
    str: "text",
    Path: "path",
    type(None): "none",
    list: "list",
    tuple: "list",
    dict: "mapping",
}
