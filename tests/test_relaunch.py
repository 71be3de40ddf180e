"""Which process counts `accelerate launch` was asked for and did not start."""

import pytest

from formalrl.relaunch import processes_missing

LAUNCHED = {"MASTER_PORT": "29500", "ACCELERATE_MIXED_PRECISION": "no"}


@pytest.mark.parametrize(
    ("environment", "launcher", "missing"),
    [
        (LAUNCHED, ["accelerate", "launch", "--num_processes", "2", "-m", "formalrl"], 2),
        (LAUNCHED, ["accelerate", "launch", "--num-processes=4", "-m", "formalrl"], 4),
        (LAUNCHED, ["accelerate", "launch", "-m", "formalrl", "train"], 0),
        (LAUNCHED, ["accelerate", "launch", "--num_processes=4", "--num_machines=2"], 0),
        (LAUNCHED | {"LOCAL_RANK": "1"}, ["accelerate", "launch", "--num_processes", "2"], 0),
        ({}, ["accelerate", "launch", "--num_processes", "2"], 0),
    ],
)
def test_only_processes_that_are_missing_are_started(environment, launcher, missing):
    assert processes_missing(environment, launcher) == missing
