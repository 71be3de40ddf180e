import subprocess
import sys


def test_python_m_formalrl_is_the_command():
    result = subprocess.run([sys.executable, "-m", "formalrl", "--help"], capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    assert "train" in result.stdout
