import subprocess
import sys
import time

import psutil
import pytest

from formalrl.errors import EngineError
from formalrl.games.ludii.client import START_TRIES, Client, Died, Late


@pytest.fixture
def client(fake_program):
    client = Client("jvm", "jar", fake_program)
    yield client
    client.close()


def ask(client, text, wall_s=60.0):
    return client.ask({"do": "expand", "text": text}, wall_s)


def test_a_process_starts_with_the_first_question_and_stays(client):
    assert client.pid is None
    assert ask(client, "a") == {"text": "A"}
    pid = client.pid
    assert ask(client, "long " * 50_000)["text"] == "LONG " * 50_000
    assert client.pid == pid and client.num_starts == 1


def test_what_hangs_is_killed_and_replaced(client):
    ask(client, "a")
    pid = client.pid
    with pytest.raises(Late):
        ask(client, "hang", 0.2)
    assert client.pid is None and not psutil.pid_exists(pid)
    assert ask(client, "b") == {"text": "B"} and client.num_starts == 2


def test_a_death_is_told_with_its_last_words(client):
    with pytest.raises(Died, match="ZeroDivisionError: a bug"):
        ask(client, "die always")
    assert ask(client, "b") == {"text": "B"}


def test_a_full_memory_ends_the_process_after_its_answer(client):
    assert ask(client, "full") == {"full": True}
    assert client.pid is None and ask(client, "b") == {"text": "B"}


def test_a_process_killed_from_outside_between_questions_is_replaced(client):
    ask(client, "a")
    process = psutil.Process(client.pid)
    process.kill()
    psutil.wait_procs([process], 60)
    assert ask(client, "b") == {"text": "B"}


def killed_at_the_start(tmp_path, times):
    """Code of a process that is killed before it is ready, so many times."""
    return f"""
import os
from pathlib import Path
marks = Path({str(tmp_path)!r})
number = len(list(marks.iterdir()))
if number < {times}:
    (marks / str(number)).touch()
    os.kill(os.getpid(), 9)
"""


def test_a_process_killed_while_it_starts_is_replaced_a_few_times(fake_program, tmp_path):
    for times in (2, 3):
        folder = tmp_path / str(times)
        folder.mkdir()
        client = Client("jvm", "jar", killed_at_the_start(folder, times) + fake_program)
        try:
            if times < START_TRIES:
                assert ask(client, "a") == {"text": "A"}
            else:
                with pytest.raises(EngineError, match="cannot start"):
                    ask(client, "a")
            assert client.num_starts == START_TRIES
        finally:
            client.close()


@pytest.mark.parametrize(("jar", "why"), [("broken", "RuntimeError: no such class"), ("mute", "the runtime is torn")])
def test_a_worker_that_cannot_start_says_why(fake_program, jar, why):
    client = Client("jvm", jar, fake_program)
    with pytest.raises(EngineError, match=why):
        client.start()
    assert client.pid is None


def test_no_worker_outlives_its_parent(fake_program, tmp_path):
    program = (
        "import os; from formalrl.games.ludii.client import Client\n"
        f"client = Client('jvm', 'jar', {fake_program!r}); client.start(); print(client.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    pid = int(done.stdout)
    deadline = time.monotonic() + 120
    while lives(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not lives(pid)


def lives(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
