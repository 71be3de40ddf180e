import pickle
import subprocess
import sys
import threading
import types

import pytest

from formalrl import plugins
from formalrl.errors import ConfigError
from formalrl.rewards._payload import Payload, fingerprint
from formalrl.rewards.arithmetic import ArithmeticReward

PROGRAM = (
    "import sys, pickle; payload = pickle.load(sys.stdin.buffer); f = payload.load()[0];"
    "print(f('5 + 3 =', '8')); print('test_payload' in ' '.join(sys.modules))"
)


def elsewhere(function) -> list[str]:
    """What another interpreter prints that loads the function and calls it."""
    data = pickle.dumps(Payload.of([function]))
    result = subprocess.run([sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; {PROGRAM}"],
                            input=data, capture_output=True, check=True)  # fmt: skip
    return result.stdout.decode().split()


def test_functions_of_modules_that_cannot_be_imported_go_by_value(monkeypatch):
    module = types.ModuleType("test_payload_nowhere")
    module.__file__ = "nowhere.py"
    exec("CONSTANT = 7.0\ndef reward(prompt, completion): return CONSTANT * len(completion)", module.__dict__)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    assert elsewhere(module.reward) == ["7.0", "False"]


def test_functions_of_the_library_and_of_files_go_by_reference(tmp_path):
    assert b"CodeType" not in Payload.of([ArithmeticReward()]).functions
    assert elsewhere(ArithmeticReward()) == ["1.0", "False"]
    (tmp_path / "mine.py").write_text("def reward(prompt, completion):\n    return 4.0\n")
    function = plugins.load_file(tmp_path / "mine.py").reward
    assert Payload.of([function]).files == (str(tmp_path / "mine.py"),)
    assert elsewhere(function) == ["4.0", "False"]


def test_what_cannot_be_sent_is_an_error_with_advice():
    lock = threading.Lock()
    with pytest.raises(ConfigError, match="inside the function"):
        Payload.of([lambda p, c: lock])


def test_the_fingerprint_knows_code_and_what_it_holds():
    def make(n):
        return lambda p, c: n

    assert fingerprint(make(1)) == fingerprint(make(1))
    assert fingerprint(make(1)) != fingerprint(make(2))
    assert fingerprint(ArithmeticReward()) != fingerprint(ArithmeticReward(shape="exact"))
