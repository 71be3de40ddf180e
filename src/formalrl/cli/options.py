"""Options of the command line, made from typed dataclasses: which there are, and their values in an argument list."""

import dataclasses
import json
import re
import types
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Union

from formalrl.config_schema import coerce, default_of, describe, help_of, hints_of
from formalrl.errors import ConfigError, nearest

_NEGATIVE_NUMBER = re.compile(r"-\.?\d")


@dataclass(frozen=True)
class Option:
    """One option: `--regularizers.entropy.coef FLOAT`."""

    key: str
    """The setting's path, as in YAML."""
    hint: Any
    """The type of its value."""
    default: Any
    """Shown in the help."""
    help: str
    section: str = ""
    """Heading under which the help lists it."""
    alias_of: str = ""
    """The key that it sets, where that is another."""

    @property
    def flag(self) -> str:
        """`--learning-rate`."""
        return "--" + self.key.replace("_", "-")

    @property
    def is_switch(self) -> bool:
        """Whether it stands alone: `--sft`, `--no-sft`."""
        return bool in _alternatives(self.hint)

    @property
    def takes_many(self) -> bool:
        """Whether it takes all values up to the next option."""
        return any(typing.get_origin(hint) in (tuple, list) for hint in _alternatives(self.hint))

    @property
    def takes_none(self) -> bool:
        """Whether `none` clears it."""
        return type(None) in _alternatives(self.hint)

    @property
    def value_name(self) -> str:
        """What the help shows for the value: `FLOAT`, `keep|mask|penalize`."""
        if self.is_switch:
            return ""
        names = [_value_name(hint) for hint in _alternatives(self.hint) if hint is not type(None)]
        return "|".join(names) + (" ..." if self.takes_many else "")


@dataclass(frozen=True)
class Parsed:
    """What an argument list says."""

    values: Mapping[str, Any]
    """Key -> value of every option that was given, and of no other."""
    positionals: tuple[str, ...]
    help: bool
    unknown: tuple[str, ...]
    """Options that are not known, where that was allowed."""


def options_of(
    cls: type, values: Any = None, *, prefix: str = "", section: str = "", skip: Iterable[str] = ()
) -> Iterator[Option]:
    """Yield the options of a dataclass.

    Args:
        cls: the dataclass.
        values: an instance whose values are the defaults; None takes the fields' own.
        prefix: of the keys, as in `algorithm.`.
        section: heading in the help.
        skip: fields that are no options.
    """
    texts, hints = help_of(cls), hints_of(cls)
    for field in dataclasses.fields(cls):
        if field.name in hints and field.name not in skip:
            default = default_of(field) if values is None else getattr(values, field.name)
            yield Option(prefix + field.name, hints[field.name], default, texts.get(field.name, ""), section)


def parse(arguments: Sequence[str], options: Sequence[Option], *, command: str, lenient: bool = False) -> Parsed:
    """Return the values of the options in `arguments`, with everything else as positionals.

    Args:
        arguments: the argument list after the command.
        options: those that may occur; a later one replaces an earlier one of the same key.
        command: for messages.
        lenient: pass over unknown options (and a value after each) instead of raising.

    Raises ConfigError for an unknown option, with the nearest one, for a missing value and for one of the wrong type.
    """
    known = {option.key: option for option in options}
    values: dict[str, Any] = {}
    positionals: list[str] = []
    unknown: list[str] = []
    wants_help, rest = False, list(arguments)
    while rest:
        token = rest.pop(0)
        if token == "--":
            positionals += rest
            break
        if token in ("-h", "--help"):
            wants_help = True
        elif not token.startswith("--"):
            positionals.append(_positional(token, command))
        else:
            name, equals, text = token[2:].partition("=")
            option, negated = _find(name.replace("-", "_"), known)
            if option is not None:
                texts = [text] if equals else _take(option, rest)
                values[option.alias_of or option.key] = _value(option, texts, negated)
            elif not lenient:
                raise _unknown(token.partition("=")[0], known, command)
            else:
                unknown.append(token)
                if not equals and rest and not rest[0].startswith("--"):
                    rest.pop(0)
    return Parsed(values, tuple(positionals), wants_help, tuple(unknown))


def _positional(token: str, command: str) -> str:
    if token.startswith("-") and len(token) == 2 and not token[1].isdigit():
        raise ConfigError(f"unknown option {token!r}: options have two dashes; see `formalrl {command} --help`.")
    return token


def _find(key: str, known: Mapping[str, Option]) -> tuple[Option | None, bool]:
    """The option of a key, and whether it is negated by `no_`."""
    if key in known:
        return known[key], False
    option = known.get(key.removeprefix("no_")) if key.startswith("no_") else None
    return (option, True) if option is not None and option.is_switch else (None, False)


def _unknown(flag: str, known: Mapping[str, Option], command: str) -> ConfigError:
    hint = nearest(flag.replace("_", "-"), [option.flag for option in known.values()])
    return ConfigError(f"unknown option {flag!r}: {command} has no such option.{hint} See `formalrl {command} --help`.")


def _take(option: Option, rest: list[str]) -> list[str]:
    """Remove the values of an option from the front of the arguments that follow it."""
    if option.is_switch:
        return []
    if option.takes_many:
        taken: list[str] = []
        while rest and not rest[0].startswith("--"):
            taken.append(rest.pop(0))
        return taken
    if not rest or (rest[0].startswith("--") and not _NEGATIVE_NUMBER.match(rest[0])):
        raise ConfigError(f"{option.flag} has no value: write `{option.flag} {option.value_name}`.")
    return [rest.pop(0)]


def _value(option: Option, texts: list[str], negated: bool) -> Any:
    hints = _alternatives(option.hint)
    if type(None) in hints and texts in (["none"], ["None"], ["null"]):
        return None
    if option.is_switch:
        truth = {"true": True, "false": False, "yes": True, "no": False}.get(texts[0].lower()) if texts else True
        return coerce(texts[0] if truth is None else truth is not negated, option.hint, option.flag)
    for hint in hints:
        for constant in typing.get_args(hint) if typing.get_origin(hint) is Literal else ():
            if texts == [str(constant)]:
                return constant
    if any(
        isinstance(typing.get_origin(hint), type) and issubclass(typing.get_origin(hint), Mapping) for hint in hints
    ):
        return coerce(_json(option, texts[0]), option.hint, option.flag)
    return coerce(texts if option.takes_many else texts[0], option.hint, option.flag)


def _json(option: Option, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise ConfigError(f"{option.flag} is {text!r}, expected a mapping as JSON, such as '{{\"a\": 1}}'.") from None


def _alternatives(hint: Any) -> tuple[Any, ...]:
    if typing.get_origin(hint) is typing.Annotated:
        return _alternatives(typing.get_args(hint)[0])
    return typing.get_args(hint) if typing.get_origin(hint) in (Union, types.UnionType) else (hint,)


def _value_name(hint: Any) -> str:
    if typing.get_origin(hint) is Literal:
        return "|".join(str(arg) for arg in typing.get_args(hint))
    if typing.get_origin(hint) in (tuple, list):
        return _value_name(typing.get_args(hint)[0])
    if isinstance(typing.get_origin(hint), type) and issubclass(typing.get_origin(hint), Mapping):
        return "JSON"
    return "VALUE" if hint is Any else describe(hint).upper()
