"""Upload a finished run's model to the Hugging Face hub."""

from pathlib import Path

from huggingface_hub import HfApi
from huggingface_hub.errors import (
    HFValidationError,
    HTTPError,  # pyright: ignore[reportPrivateImportUsage]  (the HTTP client's own, httpx or its successor)
)

from formalrl.errors import ModelError
from formalrl.models.hub import first_line


def publish(checkpoint: Path, model_card: Path, repo_id: str) -> str:
    """Upload the checkpoint and the model card; return the address of the model.

    Raises:
        ModelError: the hub cannot be reached or does not let us; the run folder has everything.
    """
    api = HfApi()
    try:
        url = api.create_repo(repo_id, exist_ok=True)
        api.upload_folder(repo_id=repo_id, folder_path=checkpoint, ignore_patterns=["optimizer.pt", "generators.pt"])
        api.upload_file(repo_id=repo_id, path_or_fileobj=model_card, path_in_repo="README.md")
    except (OSError, HTTPError, HFValidationError) as error:
        raise ModelError(
            f"The model could not be uploaded as {repo_id!r}: {first_line(error)}. The run is complete in "
            f"{checkpoint.parent}: log in with `hf auth login` and upload {checkpoint.name} yourself."
        ) from error
    return str(url)
