import json
import pickle
import socket
import threading

import pytest

from formalrl.rewards import _frames
from formalrl.rewards._payload import Payload
from formalrl.rewards._worker import Worker
from formalrl.rewards.call import RewardKey


def reward(prompt, completion):
    return {"reward": len(completion), "part": 1.0}


def batch(prompts, completions):
    return [float(c) for c in completions]


async def later(prompt, completion):
    return len(completion)


def answers(functions, jobs):
    """What a worker sends that serves in a thread of this process."""
    ours, theirs = socket.socketpair()
    _frames.send(ours, pickle.dumps(Payload.of(functions)))
    for job in jobs:
        _frames.send(ours, pickle.dumps(job))
    ours.shutdown(socket.SHUT_WR)
    worker = Worker(theirs)
    thread = threading.Thread(target=lambda: worker.load() and worker.serve())
    thread.start()
    thread.join(20)
    theirs.close()
    found = []
    while (data := _frames.receive(ours)) is not None:
        found.append(json.loads(data))
    return found


def job(mode, function, *completions):
    return (mode, function, [(n, ("p", c, {})) for n, c in enumerate(completions)], RewardKey(), 5.0)


def test_a_worker_reports_every_row_of_every_form():
    found = answers(
        [reward, batch, later], [job("each", 0, "a", "bb"), job("batch", 1, "1", "2"), job("async", 2, "a")]
    )
    assert found == [
        ["ready"],
        [0, 1.0, None, {"part": 1.0}, "", []],
        [1, 2.0, None, {"part": 1.0}, "", []],
        [0, 1.0, None, {}, "", []],
        [1, 2.0, None, {}, "", []],
        [0, 1.0, None, {}, "", []],
    ]


def test_a_failed_batch_is_sent_back():
    assert answers([batch], [job("batch", 0, "1", "x")]) == [["ready"], ["again"]]
    single = answers([batch], [job("batch", 0, "x")])[1]
    assert single[:3] == [0, None, "exception"]


def test_a_reward_that_cannot_be_loaded_is_reported():
    ours, theirs = socket.socketpair()
    _frames.send(ours, pickle.dumps(Payload(b"garbage", (), ())))
    path = __import__("sys").path[:]
    assert not Worker(theirs).load()
    __import__("sys").path[:] = path
    assert json.loads(_frames.receive(ours))[0] == "broken"


@pytest.mark.parametrize("error", [KeyboardInterrupt, GeneratorExit, SystemExit, RecursionError])
def test_nothing_that_a_reward_raises_ends_the_loop(error):
    def bad(prompt, completion):
        raise error

    assert [a[2] for a in answers([bad], [job("each", 0, "a", "b")])[1:]] == ["exception"] * 2
