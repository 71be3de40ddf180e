"""A recipe's name to its settings."""

from pathlib import Path

import pytest

from formalrl import plugins
from formalrl.config import from_dict, resolve
from formalrl.errors import ConfigError, PartNotFoundError
from formalrl.recipes.load import describe_recipe, load_recipe

RECIPES = '''
from formalrl.config import TrainConfig

def whole():
    """All settings."""
    return TrainConfig("arithmetic", seed=7)

def some(steps=3):
    return {"task": "arithmetic", "max_steps": steps}

def nothing():
    return None

def asking(steps):
    return {}
'''


@pytest.fixture
def file(tmp_path: Path) -> str:
    (tmp_path / "r.py").write_text(RECIPES)
    return str(tmp_path / "r.py")


def test_a_recipe_gives_a_configuration_or_settings(file: str):
    assert from_dict(load_recipe(f"{file}:whole")).seed == 7
    assert resolve(load_recipe(f"{file}:some")).max_steps == 3
    assert describe_recipe(f"{file}:whole") == "All settings."


@pytest.mark.parametrize(("name", "words"), [("nothing", "gave a NoneType"), ("asking", "needs 'steps'")])
def test_what_is_no_recipe_is_refused(file: str, name: str, words: str):
    with pytest.raises(ConfigError, match=words):
        load_recipe(f"{file}:{name}")


def test_an_unknown_recipe_is_named():
    with pytest.raises(PartNotFoundError, match="no recipe 'x'"):
        load_recipe("x")


@pytest.mark.parametrize("name", plugins.names("recipe"))
def test_every_recipe_is_a_configuration_that_can_work(name: str):
    resolve(load_recipe(name)).check()
    assert describe_recipe(name)
