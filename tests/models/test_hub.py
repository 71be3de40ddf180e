"""Finding a model's files: every failure is one line that says what to do, and none of it needs a network."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants, errors

from formalrl.errors import ModelError
from formalrl.models import hub
from formalrl.models.hub import locate


def _message(name: str, revision: str | None = None) -> str:
    with pytest.raises(ModelError) as caught:
        locate(name, revision)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_folders_and_what_is_wrong_with_them(tmp_path: Path) -> None:
    assert "no config.json" in _message(str(tmp_path))
    (tmp_path / "checkpoint-8").mkdir()
    (tmp_path / "checkpoint-8" / "config.json").write_text('{"model_type": "gpt2"}')
    assert "it holds checkpoint-8" in _message(str(tmp_path))
    assert locate(str(tmp_path / "checkpoint-8")).is_adapter is False
    assert "is a file" in _message(str(tmp_path / "checkpoint-8" / "config.json"))
    assert "There is no folder" in _message(str(tmp_path / "absent"))
    assert "There is no folder" in _message("./absent")
    (tmp_path / "config.json").write_text('{"mod')
    assert "damaged" in _message(str(tmp_path))
    (tmp_path / "adapter_config.json").write_text("{}")
    assert locate(str(tmp_path)).is_adapter is True


def test_offline_without_a_cache_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    message = _message("somebody/some-model")
    assert "HF_HUB_OFFLINE is set" in message and "give its folder" in message


def test_a_dead_endpoint_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    dead = "http://127.0.0.1:9"
    monkeypatch.setattr(constants, "ENDPOINT", dead)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", dead + "/{repo_id}/resolve/{revision}/{filename}")
    monkeypatch.setattr(hub, "hf_hub_url", lambda name, file, revision=None: f"{dead}/{name}/resolve/main/{file}")
    asked, ask = [], hub.get_hf_file_metadata
    monkeypatch.setattr(
        hub, "get_hf_file_metadata", lambda url, timeout: asked.append(url) or ask(url, timeout=timeout)
    )
    message = _message("somebody/some-model")
    assert f"cannot be fetched from {dead}" in message and len(asked) == 1


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (errors.GatedRepoError, "is gated: accept its terms"),
        (errors.RepositoryNotFoundError, "has no model 'a/b', or it is private"),
        (errors.RevisionNotFoundError, "has no revision 'v9'"),
        (errors.HfHubHTTPError, "cannot be fetched"),
        (errors.RemoteEntryNotFoundError, "not a transformers model"),
    ],
)
def test_answers_of_the_hub_become_advice(
    monkeypatch: pytest.MonkeyPatch, kind: type[errors.HfHubHTTPError], words: str
) -> None:
    def answer(url: str, timeout: float) -> Any:
        raise kind("refused\nwith details", response=_response(url))

    monkeypatch.setattr(hub, "get_hf_file_metadata", answer)
    assert words in _message("a/b", "v9")


def _response(url: str) -> Any:
    client = importlib.import_module(errors.HTTPError.__module__.split(".")[0])  # httpx or its successor
    return client.Response(404, request=client.Request("HEAD", url))


def test_impossible_names_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "neither a folder nor a possible name" in _message("a b!!")


def test_the_cache_serves_when_the_hub_does_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    snapshot = tmp_path / "models--a--b" / "snapshots" / ("0" * 40)
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text(json.dumps({"model_type": "gpt2"}))
    (tmp_path / "models--a--b" / "refs").mkdir()
    (tmp_path / "models--a--b" / "refs" / "main").write_text("0" * 40)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    source = locate("a/b")
    assert source.cached_only and source.options() == {"revision": "main", "local_files_only": True}


def test_a_hub_that_is_away_is_not_asked_again_while_its_cache_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    for cached in (True, False):
        with hub.only_cached(hub.Source("a/b", is_adapter=False, cached_only=cached)):
            assert constants.is_offline_mode() is cached
        assert constants.is_offline_mode() is False
