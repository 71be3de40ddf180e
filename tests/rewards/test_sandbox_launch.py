import marshal
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from formalrl.rewards import _sandbox_launch as launch

SOURCE = "import sys; print(sys.argv, [m for m in sys.modules if 'formalrl' in m], open('f').read())"
LIMITS = {"cpu_s": 5, "memory_bytes": 1 << 29, "file_bytes": 1 << 20, "disk_bytes": 1 << 20, "processes": 1}


def test_the_launcher_reports_first_and_leaves_no_trace(tmp_path):
    root = str(Path(launch.__file__).resolve().parents[2])
    content = {"backend": "limits", "limits": LIMITS, "work": str(tmp_path), "hide": []}
    content |= {"source": SOURCE, "argv": None, "files": {"f": "x"}}
    with tempfile.TemporaryFile() as request:
        request.write(marshal.dumps(content))
        request.seek(0)
        report, report_write = os.pipe()
        program = f"from formalrl.rewards._sandbox_launch import main; main({request.fileno()}, {report_write})"
        done = subprocess.run(
            [sys.executable, "-c", f"import sys; sys.path.insert(0, {root!r}); {program}"],
            pass_fds=[request.fileno(), report_write],
            capture_output=True,
            text=True,
        )
    os.close(report_write)
    told = marshal.loads(os.read(report, 65536))
    os.close(report)
    assert done.stdout == "['program'] [] x\n", done.stderr
    assert told["memory"] == "rlimit"
    assert "network" not in told
