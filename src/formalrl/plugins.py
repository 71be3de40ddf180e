"""Find a part (task, algorithm, ...) by its name, by `pkg.mod:name` or by `path/to/file.py`."""

import dataclasses
import hashlib
import importlib
import importlib.util
import inspect
import pkgutil
import re
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

from formalrl.errors import ConfigError, PartNotFoundError, nearest

FOLDERS = {
    "task": "tasks",
    "algorithm": "algorithms",
    "regularizer": "regularizers",
    "sampler": "sampling",
    "reward": "rewards",
    "recipe": "recipes",
    "claim": "claims",
}
"""Kind of part -> the folder of formalrl in which a file is its registration."""

FUNCTION_KINDS = ("reward", "recipe", "claim")
"""Kinds whose parts may be plain functions, named like the file or like the kind."""

_FILE = re.compile(r"^(?P<path>.+\.py)(?::(?P<name>[A-Za-z_]\w*))?$")
_DOTTED = re.compile(r"^(?P<module>[A-Za-z_][\w.]*):(?P<name>[A-Za-z_]\w*)$")


def names(kind: str) -> list[str]:
    """Return the names of the built-in parts of a kind, sorted; `names("algorithm")` holds "ppo"."""
    package = _package(kind)
    support = set(getattr(package, "SUPPORT", ()))
    found = (module.name for module in pkgutil.iter_modules(package.__path__))
    return sorted(name for name in found if not name.startswith("_") and name not in support)


def find(kind: str, name: str) -> Any:
    """Return the part: its dataclass, or a function where the kind has functions.

    Raises PartNotFoundError when no part has this name and ConfigError when a file of the user's cannot be used.
    """
    if is_external(name):
        module, attribute = load(name)
        return getattr(module, attribute) if attribute else _part_of(kind, module, name)
    known = names(kind)
    if name not in known:
        raise PartNotFoundError(
            f"there is no {kind} {name!r}: the known ones are {', '.join(known) or 'none'}.{nearest(name, known)}"
            f" One of your own is 'pkg.mod:name' or 'path/to/file.py:name'."
        )
    return _part_of(kind, importlib.import_module(f"formalrl.{FOLDERS[kind]}.{name}"), name)


def is_external(spec: str) -> bool:
    """Return whether `spec` means code outside formalrl: `pkg.mod:name` or `path/to/file.py[:name]`."""
    return bool(_FILE.match(spec) or _DOTTED.match(spec))


def load(spec: str) -> tuple[ModuleType, str]:
    """Return the module of `pkg.mod:name` or `path/to/file.py[:name]`, and the name ("" when none is given).

    Raises ConfigError when the module cannot be imported or has no such name.
    """
    if match := _FILE.match(spec):
        module, attribute = load_file(match["path"]), match["name"] or ""
    elif match := _DOTTED.match(spec):
        module, attribute = _import(match["module"]), match["name"]
    else:
        raise ConfigError(f"{spec!r} names no code: write 'pkg.mod:name' or 'path/to/file.py:name'.")
    if attribute and not hasattr(module, attribute):
        public = [name for name in vars(module) if not name.startswith("_")]
        raise PartNotFoundError(f"{spec.rpartition(':')[0]} defines no {attribute!r}.{nearest(attribute, public)}")
    return module, attribute


def load_file(path: str | Path) -> ModuleType:
    """Return the module of a Python file; the same module every time, until the file's text changes.

    The file's folder joins the end of `sys.path`, so the file may import its neighbours.
    Raises ConfigError, one line with file and line number, when the file is missing or cannot be imported.
    """
    file = Path(path).expanduser().resolve()
    if not file.is_file():
        raise ConfigError(f"the file {str(path)!r} does not exist: check the path, which is relative to {Path.cwd()}.")
    source = file.read_bytes()
    name = f"formalrl_user_{re.sub(r'[^A-Za-z0-9_]', '_', file.stem)}_{hashlib.sha1(bytes(file)).hexdigest()[:8]}"
    digest = hashlib.sha1(source).hexdigest()
    loaded = sys.modules.get(name)
    if loaded is not None and getattr(loaded, "__formalrl_digest__", None) == digest:
        return loaded
    module = ModuleType(name)
    module.__file__ = str(file)
    module.__dict__["__formalrl_digest__"] = digest
    _add_to_path(file.parent)
    sys.modules[name] = module
    try:
        exec(compile(source, str(file), "exec"), module.__dict__)
    except (Exception, SystemExit) as error:
        sys.modules.pop(name)
        raise ConfigError(_import_failure(str(path), str(file), error)) from error
    return module


def _import(dotted: str) -> ModuleType:
    _add_to_path(Path.cwd())
    try:
        return importlib.import_module(dotted)
    except (Exception, SystemExit) as error:
        raise ConfigError(_import_failure(dotted, None, error)) from error


def _add_to_path(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


def _import_failure(shown: str, file: str | None, error: BaseException) -> str:
    """One line: where (the deepest line of the user's file), what, and what to do."""
    if isinstance(error, SyntaxError) and error.filename:
        where, what = f"{shown if error.filename == file else error.filename}:{error.lineno}", error.msg
    else:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if file is None or f.filename == file]
        known_line = file is not None and frames
        where = f"{shown}:{frames[-1].lineno}" if known_line else shown
        what = " ".join(str(error).split())
    advice = "install it or correct the import" if isinstance(error, ImportError) else "correct it and try again"
    return f"{where} cannot be imported, {type(error).__name__}: {what}: {advice}."


def _package(kind: str) -> ModuleType:
    if kind not in FOLDERS:
        raise ConfigError(f"{kind!r} is no kind of part: the kinds are {', '.join(FOLDERS)}.{nearest(kind, FOLDERS)}")
    return importlib.import_module(f"formalrl.{FOLDERS[kind]}")


def _part_of(kind: str, module: ModuleType, name: str) -> Any:
    """The one public dataclass of the module with the methods of the kind's protocol, or its function."""
    parts = classes_of(kind, module)
    stem = Path(name).stem
    same_name = [part for part in parts if part.__name__.lower() == stem.replace("_", "")]
    if len(parts) == 1 or len(same_name) == 1:
        return parts[0] if len(parts) == 1 else same_name[0]
    if kind in FUNCTION_KINDS and not parts:
        for attribute in (stem, kind):
            if inspect.isfunction(getattr(module, attribute, None)):
                return getattr(module, attribute)
    if parts:
        listed = ", ".join(part.__name__ for part in parts)
        raise ConfigError(
            f"{name} holds more than one {kind} ({listed}): say which, as in '{name}:{parts[0].__name__}'."
        )
    wanted = ", ".join(sorted(_methods(kind))) or "a function of its name"
    raise ConfigError(f"{name} holds no {kind}: that is a frozen dataclass with {wanted}.")


def classes_of(kind: str, module: ModuleType) -> list[type]:
    """Return the public dataclasses defined in `module` that have every method of the kind's protocol."""
    methods = _methods(kind)
    return [
        value
        for name, value in vars(module).items()
        if inspect.isclass(value)
        and not name.startswith("_")
        and value.__module__ == module.__name__
        and dataclasses.is_dataclass(value)
        and methods
        and all(hasattr(value, method) or method in value.__dataclass_fields__ for method in methods)
    ]


def _methods(kind: str) -> set[str]:
    """The methods of the protocol that the folder (or formalrl.types) defines for the kind."""
    for module in (_package(kind), importlib.import_module("formalrl.types")):
        protocol = getattr(module, kind.capitalize(), None)
        if protocol is not None:
            members = vars(protocol).items()
            return {n for n, v in members if inspect.isfunction(v) and (not n.startswith("_") or n == "__call__")}
    return set()
