import subprocess
import sys
import time

from formalrl.rewards._sandbox_watch import size_of, watch


def start(program):
    command = [sys.executable, "-S", "-c", program]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, start_new_session=True, **pipes)


def see(program, stdin="", wall_s=20.0, output_bytes=1000, disk_bytes=10_000, folder=None):
    return watch(start(program), stdin, wall_s, output_bytes, disk_bytes, folder)


def test_both_outputs_and_the_exit_code_are_taken():
    seen = see("import sys; print(input()); print('e', file=sys.stderr); sys.exit(5)", "hello\n")
    assert (seen.exit_code, seen.stopped, seen.stdout, seen.stderr) == (5, "", "hello\n", "e\n")
    assert see("import os; os.kill(os.getpid(), 9)").exit_code == 137


def test_a_program_that_reads_nothing_does_not_block():
    assert see("pass", "x" * 5_000_000).exit_code == 0


def test_limits_end_the_process():
    began = time.monotonic()
    assert see("import time; time.sleep(100)", wall_s=0.3).stopped == "time"
    assert see("while True: print('x' * 100)").stopped == "output"
    assert time.monotonic() - began < 10


def test_a_folder_that_grows_ends_the_process(tmp_path):
    program = f"open({str(tmp_path / 'x')!r}, 'wb').write(bytes(1 << 20)); import time; time.sleep(100)"
    assert see(program, folder=tmp_path).stopped == "disk"
    assert size_of(tmp_path) >= 1 << 20
