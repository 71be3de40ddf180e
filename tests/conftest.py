"""One thread, no network, quick properties; tests that need what is absent are skipped with the reason."""

import os
import shutil

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("MPLBACKEND", "Agg")
if not os.environ.get("FORMALRL_NETWORK"):
    os.environ.setdefault("HF_HUB_OFFLINE", "1")

try:
    from hypothesis import settings

    settings.register_profile("quick", max_examples=30, deadline=None)
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
except ImportError:
    pass


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests whose marker names something that this machine lacks."""
    checks = {
        "gpu": (_has_gpu, "needs a CUDA device"),
        "java": (lambda: shutil.which("java") is not None, "needs a Java runtime"),
        "network": (lambda: bool(os.environ.get("FORMALRL_NETWORK")), "needs the hub: set FORMALRL_NETWORK=1"),
    }
    present: dict[str, bool] = {}
    for item in items:
        for marker, (check, reason) in checks.items():
            if item.get_closest_marker(marker):
                present.setdefault(marker, check())
                if not present[marker]:
                    item.add_marker(pytest.mark.skip(reason=reason))


def _has_gpu() -> bool:
    import torch

    return torch.cuda.is_available()
