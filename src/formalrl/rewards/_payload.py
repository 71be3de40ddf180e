"""A reward function as bytes that another interpreter can load: by reference where it can import it, else by value."""

import hashlib
import inspect
import os
import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import cloudpickle

from formalrl import plugins
from formalrl.errors import ConfigError


@dataclass(frozen=True)
class Payload:
    """What a worker needs to have the reward."""

    functions: bytes
    """Pickle of the list of functions."""
    files: tuple[str, ...]
    """User files to load first, under the names that the pickle refers to."""
    path: tuple[str, ...]
    """`sys.path` of the trainer."""

    @classmethod
    def of(cls, functions: list[Callable[..., Any]]) -> "Payload":
        """Return the payload of some functions.

        Raises ConfigError when one holds what cannot be sent to another process.
        """
        with ExitStack() as stack:
            for module in {id(m): m for f in functions for m in _modules_of(f)}.values():
                if not _is_importable(module):
                    cloudpickle.register_pickle_by_value(module)
                    stack.callback(cloudpickle.unregister_pickle_by_value, module)
            try:
                data = cloudpickle.dumps(functions)
            except (pickle.PicklingError, TypeError, AttributeError, RecursionError) as error:
                raise ConfigError(
                    f"the reward cannot be sent to a worker process ({type(error).__name__}: {error}): make what it"
                    " holds (an open file, a lock, a model) inside the function, or set reward_workers to 0."
                ) from error
        modules = [m for name, m in list(sys.modules.items()) if name.startswith("formalrl_user_")]
        files = tuple(str(m.__file__) for m in modules if m.__name__.encode() in data)
        return cls(data, files, tuple(os.path.abspath(entry) for entry in sys.path))

    def load(self) -> list[Callable[..., Any]]:
        """Return the functions, in this process. Raises whatever the user's modules raise."""
        sys.path[:] = [*self.path]
        for file in self.files:
            plugins.load_file(file)
        return pickle.loads(self.functions)


def fingerprint(function: Callable[..., Any]) -> bytes:
    """Return a digest of the function: of its source and of what it holds, where they can be had."""
    digest = hashlib.blake2b(digest_size=16)
    inner = getattr(function, "__func__", function)
    with suppress(OSError, TypeError):
        digest.update(inspect.getsource(inner if inspect.isroutine(inner) else type(inner)).encode())
    digest.update(Payload.of([function]).functions)
    return digest.digest()


def _modules_of(function: Any, depth: int = 4) -> Iterator[ModuleType]:
    """The modules in which the function, or the parts it is made of, are defined."""
    for part in (function, type(function)):
        module = sys.modules.get(getattr(part, "__module__", None) or "")
        if module is not None and module.__name__ not in ("__main__", "builtins", "functools"):
            yield module
    for name in ("func", "function", "reward_function", "__self__", "__wrapped__"):
        inner = getattr(function, name, None)
        if depth and inner is not None and not isinstance(inner, ModuleType):
            yield from _modules_of(inner, depth - 1)


def _is_importable(module: ModuleType) -> bool:
    """Whether a fresh interpreter with this `sys.path` finds the same module."""
    if module.__name__.startswith("formalrl_user_"):
        return True  # loaded from its file
    file = getattr(module, "__file__", None)
    if file is None:
        return True  # built in
    path, name, spec = None, "", None
    for piece in module.__name__.split("."):
        name = f"{name}.{piece}" if name else piece
        spec = _find(name, path)
        if spec is None:
            return False
        path = spec.submodule_search_locations
    origin = getattr(spec, "origin", None)
    return origin is None or os.path.realpath(origin) == os.path.realpath(file)


def _find(name: str, path: Any) -> Any:
    for finder in sys.meta_path:
        find_spec = getattr(finder, "find_spec", None)
        spec = find_spec(name, path) if find_spec else None
        if spec is not None:
            return spec
    return None
