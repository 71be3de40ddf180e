import os
import select
import signal
import time

from formalrl.rewards._keeper_client import KeeperClient


def wait_for_exits(keeper):
    assert select.select([keeper.control], [], [], 10)[0]
    return keeper.exits()


def test_workers_come_and_go_on_request():
    keeper = KeeperClient()
    sock, output = keeper.spawn(5, None)
    keeper.kill(5)
    assert wait_for_exits(keeper) == [(5, -9)]
    keeper.kill(5)  # twice does no harm
    other, other_output = keeper.spawn(6, None)
    other.close()  # a worker ends when its socket does
    assert wait_for_exits(keeper) == [(6, 0)]
    keeper.close()
    keeper.close()
    assert keeper.process.returncode == 0
    sock.close()
    for fd in (output, other_output):
        os.close(fd)


def test_the_death_of_the_keeper_is_noticed():
    keeper = KeeperClient()
    os.kill(keeper.process.pid, signal.SIGKILL)
    assert wait_for_exits(keeper) is None
    sock, output = keeper.spawn(1, None)
    keeper.kill(1)
    sock.close()
    os.close(output)
    began = time.monotonic()
    keeper.close()
    assert time.monotonic() - began < 5
