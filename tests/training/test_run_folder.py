"""A folder holds one run: another one, or files of somebody's, are never mixed with it."""

import subprocess
from types import SimpleNamespace

import pytest

from formalrl.config import TrainConfig, load_config
from formalrl.errors import ConfigError
from formalrl.training.run_folder import MAY_CHANGE, default_folder, environment, open_run_folder

CONFIG = TrainConfig("arithmetic", seed=3)


def test_a_new_folder_gets_the_configuration_and_where_it_ran(tmp_path):
    open_run_folder(CONFIG, tmp_path / "a" / "run", resume=False)
    file = tmp_path / "a" / "run" / "config.yaml"
    assert load_config(file) == CONFIG
    text = file.read_text()
    assert all(f"# {name}: " in text for name in ("torch", "commit", "device", "command"))


def test_an_empty_folder_and_hidden_files_are_welcome(tmp_path):
    (tmp_path / ".keep").touch()
    open_run_folder(CONFIG, tmp_path, resume=False)
    assert (tmp_path / "config.yaml").exists()


def test_a_folder_with_a_run_is_not_overwritten(tmp_path):
    open_run_folder(CONFIG, tmp_path, resume=False)
    before = (tmp_path / "config.yaml").read_bytes()
    with pytest.raises(ConfigError, match=r"already holds a run.*--resume, or choose another --output-dir"):
        open_run_folder(CONFIG, tmp_path, resume=False)
    assert (tmp_path / "config.yaml").read_bytes() == before


def test_a_resumed_run_must_be_the_same(tmp_path):
    open_run_folder(CONFIG, tmp_path, resume=False)
    before = (tmp_path / "config.yaml").read_bytes()
    with pytest.raises(ConfigError, match="holds another run: its seed is 3, not 4"):
        open_run_folder(CONFIG.replace(seed=4), tmp_path, resume=True)
    with pytest.raises(ConfigError, match="its algorithm is"):
        open_run_folder(CONFIG.replace(**{"algorithm.epsilon": 0.4}), tmp_path, resume=True)
    assert (tmp_path / "config.yaml").read_bytes() == before


def test_a_resumed_run_may_change_what_does_not_make_it_another(tmp_path):
    open_run_folder(CONFIG, tmp_path, resume=False)
    longer = CONFIG.replace(max_steps=200, save_steps=10, output_dir=str(tmp_path))
    open_run_folder(longer, tmp_path, resume=True)
    assert load_config(tmp_path / "config.yaml") == longer
    assert all(hasattr(CONFIG, name) for name in MAY_CHANGE)


@pytest.mark.parametrize("resume", [False, True])
def test_files_of_somebody_are_left_alone(tmp_path, resume):
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(ConfigError, match=r"not empty and holds no run \(thesis.tex"):
        open_run_folder(CONFIG, tmp_path, resume=resume)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="is a file, but a run needs a folder"):
        open_run_folder(CONFIG, tmp_path / "file", resume=False)


def test_default_folders_are_numbered_on(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert str(default_folder(CONFIG)) == "runs/arithmetic/grpo-seed3"
    for expected in ("grpo-seed3-2", "grpo-seed3-3"):
        default_folder(CONFIG).mkdir(parents=True)
        assert default_folder(CONFIG).name == expected


def test_the_environment_is_known_outside_a_checkout(monkeypatch):
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: SimpleNamespace(returncode=128, stdout=""))
    assert environment()["commit"] == "unknown"
