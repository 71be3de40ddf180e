import subprocess
import sys

import pytest

import formalrl


def test_public_names_come_from_their_modules():
    assert formalrl.Score(1.0).reward == 1.0
    assert formalrl.Prompt("2 + 2 =").text == "2 + 2 ="
    assert {"train", "TrainConfig", "evaluate_folder"} <= set(dir(formalrl))


@pytest.mark.parametrize("name", [name for name in formalrl.__all__ if name != "__version__"])
def test_every_public_name_exists(name: str):
    assert getattr(formalrl, name).__name__ == name


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'trian'"):
        formalrl.trian  # noqa: B018


def test_import_loads_nothing_heavy():
    program = "import formalrl, sys; assert not {'torch', 'numpy', 'yaml', 'formalrl.types'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
