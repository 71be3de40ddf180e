"""Uploading: what goes up, and what is said when the hub does not let us."""

from types import SimpleNamespace

import pytest
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, HTTPError

from formalrl.errors import ModelError
from formalrl.training import publish as module
from formalrl.training.publish import publish


class Hub:
    def __init__(self):
        self.calls = []

    def create_repo(self, repo_id, exist_ok):
        self.calls.append(("create", repo_id))
        return f"https://hub/{repo_id}"

    def upload_folder(self, *, repo_id, folder_path, ignore_patterns):
        self.calls.append(("folder", folder_path.name, ignore_patterns))

    def upload_file(self, *, repo_id, path_or_fileobj, path_in_repo):
        self.calls.append(("card", path_or_fileobj.name, path_in_repo))


def test_model_and_card_go_up_without_optimizer_and_generators(tmp_path, monkeypatch):
    hub = Hub()
    monkeypatch.setattr(module, "HfApi", lambda: hub)
    assert publish(tmp_path / "checkpoint-4", tmp_path / "README.md", "me/model") == "https://hub/me/model"
    assert hub.calls == [
        ("create", "me/model"),
        ("folder", "checkpoint-4", ["optimizer.pt", "generators.pt"]),
        ("card", "README.md", "README.md"),
    ]


@pytest.mark.parametrize(
    "error",
    [
        HfHubHTTPError("401 Unauthorized\nmore lines", response=SimpleNamespace(headers={}, request=None)),
        ConnectionError("no route to host"),
        HTTPError("[Errno -2] Name or service not known"),
        HFValidationError("Repo id must be in the form owner/name"),
        ConnectionError(),
    ],
)
def test_a_hub_that_refuses_is_one_line_that_says_where_the_run_is(tmp_path, monkeypatch, error):
    def refuse(self, *args, **kwargs):
        raise error

    monkeypatch.setattr(module, "HfApi", Hub)
    monkeypatch.setattr(Hub, "create_repo", refuse)
    with pytest.raises(ModelError) as caught:
        publish(tmp_path / "checkpoint-4", tmp_path / "README.md", "me/model")
    message = str(caught.value)
    assert "\n" not in message
    assert "'me/model'" in message
    assert str(tmp_path) in message
    assert "hf auth login" in message
