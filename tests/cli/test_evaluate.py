"""`formalrl eval`."""

import json
from typing import Any

import pytest

from formalrl.cli import main


def test_json_has_the_keys_and_no_nan(api: Any, capfd: pytest.CaptureFixture[str]):
    assert main(["eval", str(api.folder), "--num-prompts", "8", "--temperature", "1", "--json"]) == 0
    row = json.loads(capfd.readouterr().out)
    assert {"accuracy", "reward", "n", "constant_baseline", "shuffled_reward"} <= set(row)
    assert row["kl_ref"] is None
    assert api.calls == [
        ("evaluate_folder", (str(api.folder),), {"num_prompts": 8, "split": "eval", "temperature": 1.0, "seed": 0})
    ]


def test_people_get_a_table(api: Any, capsys: pytest.CaptureFixture[str]):
    assert main(["eval", str(api.folder)]) == 0
    assert "the best constant answer" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"), [([], "no folder is given"), (["a", "b"], "'b' is one argument too many")]
)
def test_it_takes_one_folder(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]):
    assert main(["eval", *arguments]) == 2
    assert words in capsys.readouterr().err
