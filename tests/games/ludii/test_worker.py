import json
import os
import socket
import subprocess
import sys
import threading

from formalrl.games.ludii import worker


class Full:
    def answer(self, request):
        if request["text"] == "full":
            raise worker.OutOfMemory
        return {"echo": request["text"]}


def test_requests_are_answered_until_the_memory_is_full():
    ours, theirs = socket.socketpair()
    thread = threading.Thread(target=worker.serve, args=(theirs, Full()))
    thread.start()
    lines = ours.makefile("r")
    for text in ("a", "ü\n\0"):
        ours.sendall(json.dumps({"text": text}).encode() + b"\n")
        assert json.loads(lines.readline()) == {"echo": text}
    ours.sendall(json.dumps({"text": "full"}).encode() + b"\n")
    assert json.loads(lines.readline()) == {"full": True, "tired": True}
    thread.join(60)
    assert not thread.is_alive()
    ours.close()
    theirs.close()


def test_the_process_ends_when_its_lifeline_closes_though_it_hangs():
    lifeline, ours = os.pipe()
    program = (
        "import sys, threading, time; from formalrl.games.ludii.worker import watch;"
        f"threading.Thread(target=watch, args=({lifeline}, {os.getpid()}), daemon=True).start();"
        "print('up', flush=True); time.sleep(1000)"
    )
    process = subprocess.Popen([sys.executable, "-c", program], pass_fds=[lifeline], stdout=subprocess.PIPE)
    os.close(lifeline)
    assert process.stdout is not None and process.stdout.readline() == b"up\n"
    assert process.poll() is None
    os.close(ours)
    assert process.wait(60) == -9
    process.stdout.close()
