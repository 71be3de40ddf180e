"""Other places that metrics can be logged to: TensorBoard, Weights & Biases, trackio. The run folder has them too."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from formalrl.config import TrainConfig, to_dict
from formalrl.errors import ConfigError


class Tracker(Protocol):
    """Takes the numbers of a step."""

    def log(self, metrics: Mapping[str, Any], step: int) -> None:
        """Log the metrics of `step`."""
        ...


class TensorBoard:
    """Event files in the folder `tensorboard` of the run."""

    def __init__(self, config: TrainConfig, run_dir: Path) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self._writer = SummaryWriter(str(run_dir / "tensorboard"))

    def log(self, metrics: Mapping[str, Any], step: int) -> None:
        """Log the metrics of `step`."""
        for name, value in metrics.items():
            self._writer.add_scalar(name, value, step)
        self._writer.flush()


class Online:
    """Weights & Biases or trackio, which have one interface."""

    def __init__(self, name: str, config: TrainConfig, run_dir: Path) -> None:
        import importlib

        module = importlib.import_module(name)
        self._run = module.init(project="formalrl", name="-".join(run_dir.parts[-2:]), config=to_dict(config))

    def log(self, metrics: Mapping[str, Any], step: int) -> None:
        """Log the metrics of `step`."""
        self._run.log(dict(metrics), step=step)


def open_trackers(config: TrainConfig, run_dir: Path) -> list[Tracker]:
    """Return the trackers that `report_to` names.

    Raises:
        ConfigError: a name is unknown, or its package is not installed.
    """
    trackers: list[Tracker] = []
    for name in config.report_to:
        try:
            trackers.append(TensorBoard(config, run_dir) if name == "tensorboard" else Online(name, config, run_dir))
        except ImportError as error:
            raise ConfigError(
                f"report_to names {name!r}, which is not installed: run pip install 'formalrl[tracking]', or leave it "
                "out."
            ) from error
    return trackers
