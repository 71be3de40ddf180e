import os
import subprocess
import sys
import time

from formalrl.rewards import _keeper


def test_children_are_found_and_orphans_ended():
    kept = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"])
    orphan = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"])
    assert {kept.pid, orphan.pid} <= set(_keeper.children())
    others = set(_keeper.children()) - {orphan.pid}
    _keeper.kill_orphans(others)
    assert orphan.pid not in _keeper.children()
    assert kept.poll() is None
    kept.kill()
    kept.wait()
    orphan.poll()


def test_a_group_is_ended_as_a_whole():
    program = "import os, time; os.fork(); time.sleep(100)"
    process = subprocess.Popen([sys.executable, "-c", program], start_new_session=True)
    time.sleep(0.2)
    _keeper.kill_group(process.pid)
    assert process.wait(10) == -9
    _keeper.kill_group(process.pid)  # a group that is gone is no error


def test_unknown_process_attributes_are_refused_not_raised():
    assert not _keeper.prctl(-1, 0)
    assert os.getpid() > 0
