"""A recipe's name to its settings."""

import inspect
from collections.abc import Mapping
from typing import Any

from formalrl import plugins
from formalrl.config import TrainConfig, to_dict
from formalrl.errors import ConfigError


def load_recipe(name: str) -> dict[str, Any]:
    """Return the settings of a recipe: a name, `pkg.mod:function` or `path/to/file.py[:function]`.

    Raises PartNotFoundError for an unknown name, ConfigError when it gives something else than settings.
    """
    recipe = plugins.find("recipe", name)
    if not callable(recipe):
        raise ConfigError(f"the recipe {name} is {recipe!r}: it must be a function that returns a TrainConfig.")
    needed = [p.name for p in inspect.signature(recipe).parameters.values() if p.default is p.empty]
    if needed:
        raise ConfigError(f"the recipe {name} needs {needed[0]!r}: give every argument of a recipe a default.")
    found = recipe()
    if isinstance(found, TrainConfig):
        return to_dict(found)
    if isinstance(found, Mapping):
        return dict(found)
    raise ConfigError(f"the recipe {name} gave a {type(found).__name__}: it must return a TrainConfig or its settings.")


def describe_recipe(name: str) -> str:
    """Return the first line of a recipe's docstring."""
    recipe = plugins.find("recipe", name)
    return (inspect.getdoc(recipe) or "").partition("\n")[0]
