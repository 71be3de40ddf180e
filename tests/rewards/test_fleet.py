import time

import pytest

from formalrl.errors import ConfigError
from formalrl.rewards._fleet import Fleet, Limits
from formalrl.rewards._jobs import Jobs, Pace
from formalrl.rewards._payload import Payload
from formalrl.rewards.call import RewardKey
from formalrl.rewards.signature import RewardRow

LIMITS = Limits(timeout_s=5.0, start_timeout_s=30.0, memory_bytes=1 << 30, max_output_bytes=10_000)


def length(prompt, completion):
    print("y" * 100)
    return len(completion)


def test_a_fleet_does_its_jobs_and_ends():
    fleet = Fleet(Payload.of([length]), 2, LIMITS)
    fleet.wait_for_one()
    rows = [RewardRow("p", "a" * n) for n in range(20)]
    for _ in range(2):
        jobs = Jobs([length], [Pace()], [range(20)], range(20))
        fleet.work(jobs, rows, RewardKey())
        assert [jobs.scores[0][n].reward for n in range(20)] == list(range(20))
    assert fleet.num_restarts == 0
    fleet.close()
    fleet.close()


def test_workers_that_never_get_ready_are_given_up():
    class Dies:
        def __reduce__(self):
            return (__import__("os")._exit, (7,))

    fleet = Fleet(Payload.of([Dies()]), 1, LIMITS)
    with pytest.raises(ConfigError, match="exited with code 7"):
        fleet.wait_for_one()
    fleet.close()


def test_loading_has_a_limit():
    class Slow:
        def __reduce__(self):
            return (time.sleep, (1000,))

    fleet = Fleet(Payload.of([Slow()]), 3, Limits(5.0, 0.5, None, 10_000))
    with pytest.raises(ConfigError, match="killed by signal 9"):
        fleet.wait_for_one()
    fleet.close()
