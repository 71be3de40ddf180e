"""The house stays in order: layers, sizes, names, docstrings, mirrored tests. Sources are parsed, not imported."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src" / "formalrl"

GROUND = {"types", "errors"}
CORE = GROUND | {"batch", "ops"}
TEXT = GROUND | {"plugins", "games", "rewards", "tasks"}
SETTINGS = GROUND | {"plugins", "config", "config_schema", "config_parts", "config_checks"}
TRAINING = (
    CORE | TEXT | SETTINGS | {"runtime", "models", "sampling", "algorithms", "regularizers", "diagnostics", "training"}
)

LAYERS = {
    "types": set(),
    "errors": set(),
    "ops": {"ops"},
    "batch": {"ops"},
    "plugins": GROUND,
    "config_schema": {"errors"},
    "config_parts": GROUND | {"plugins", "config_schema", "tasks"},
    "config_checks": {"errors", "plugins", "config"},
    "config": SETTINGS,
    "games": GROUND | {"games"},
    "rewards": GROUND | {"plugins", "games", "rewards"},
    "tasks": TEXT,
    "algorithms": {"errors", "batch", "ops", "algorithms"},
    "regularizers": {"errors", "batch", "ops", "regularizers"},
    "runtime": GROUND,
    "models": CORE | SETTINGS | {"runtime", "models"},
    "sampling": CORE | SETTINGS | {"runtime", "models", "sampling"},
    "diagnostics": CORE | {"diagnostics"},
    "training": TRAINING,
    "experiments": SETTINGS | {"diagnostics", "experiments"},
    "recipes": SETTINGS | {"recipes"},
    "claims": SETTINGS | {"recipes", "experiments", "claims"},
    "checks": TRAINING | {"checks"},
    "cli": TRAINING | {"api", "checks", "claims", "experiments", "recipes", "cli"},
    "api": TRAINING | {"experiments", "recipes"},
    "relaunch": set(),
    "__main__": {"cli", "relaunch"},
    "__init__": TRAINING | {"api", "checks"},
}
"""Unit (folder or file of src/formalrl) -> the units it may import. A unit that is not listed is an error."""

EXTRA_EDGES = {("models", "sampling.rule"), ("config", "models.config"), ("config", "training.sft_config")}
EXTRA_EDGES |= {("config", "training.curriculum"), ("config", "training.exploration_config")}
EXTRA_EDGES |= {("config", "algorithms"), ("config", "regularizers")}
"""Single modules across layers: the sampling rule is a noun of scoring too; a section's dataclass loads nothing;
the protocols of algorithms and regularizers are imported for types only."""

HEAVY = {"torch", "transformers", "accelerate", "peft", "trl", "vllm", "bitsandbytes"}
TORCH_FREE = {
    "types",
    "errors",
    "plugins",
    "config",
    "config_schema",
    "config_parts",
    "config_checks",
    "rewards",
    "games",
    "tasks",
    "experiments",
    "recipes",
    "claims",
    "__init__",
}
TORCH_ONLY = {"batch", "ops", "algorithms", "regularizers"}
ACCELERATE = {"runtime"}

LONG_FILES: set[str] = {"games.embedded.signatures"}
"""Declarative tables that may exceed 300 lines."""
LONG_FUNCTIONS: set[str] = set()
"""`module:function` of declarative functions that may exceed 40 lines (docstring not counted)."""
BROAD_EXCEPTS = {"plugins", "rewards.call", "rewards._pool", "rewards._worker", "games.ludii.worker"}
"""Modules that run code of the user's, or a foreign engine."""
BAD_NAMES = {"utils", "util", "common", "helpers", "helper", "misc", "tools"}
MACHINE_PATH = re.compile(r"/(?:home|Users|root|work|mnt|scratch|content)/[A-Za-z0-9_.]")


def modules(src: Path) -> Iterator[tuple[str, Path, ast.Module]]:
    """Yield (dotted name below formalrl, path, syntax tree) of every module."""
    for path in sorted(src.rglob("*.py")):
        parts = list(path.relative_to(src).with_suffix("").parts)
        if len(parts) > 1 and parts[-1] == "__init__":
            parts.pop()
        yield ".".join(parts), path, ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.Module, name: str, is_package: bool) -> Iterator[tuple[str, int]]:
    """Yield (absolute module, line) of every import: at the top, in functions, under TYPE_CHECKING, by string."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = ["formalrl", *name.split(".")] if is_package else ["formalrl", *name.split(".")[:-1]]
                base = ".".join([*package[: len(package) - node.level + 1], *([base] if base else [])])
            for alias in node.names:
                yield f"{base}.{alias.name}", node.lineno
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in {"import_module", "__import__"} and isinstance(node.args[0].value, str):
                yield node.args[0].value, node.lineno


def layer_violations(src: Path) -> list[str]:
    """Return every import that the layers forbid, as `unit.module:line imports x`."""
    found: list[str] = []
    for name, path, tree in modules(src):
        unit = name.split(".")[0]
        if unit not in LAYERS:
            found.append(f"{name}: its unit {unit!r} has no layer: list it in LAYERS")
            continue
        for target, line in imports(tree, name, path.name == "__init__.py" and path.parent != src):
            if forbidden(unit, target):
                found.append(f"{name}:{line} imports {target}")
    return found


def forbidden(unit: str, target: str) -> bool:
    """Return whether a unit must not import a module."""
    top, _, rest = target.partition(".")
    if top == "formalrl":
        inner = rest.split(".")[0]
        extra = any(unit == u and (rest + ".").startswith(module + ".") for u, module in EXTRA_EDGES)
        return inner in LAYERS and inner not in LAYERS[unit] and inner != unit and not extra
    if top == "accelerate":
        return unit not in ACCELERATE
    if unit in TORCH_FREE:
        return top in HEAVY
    if unit in TORCH_ONLY:
        return top != "torch" and top not in sys.stdlib_module_names
    return False


def size_violations(src: Path) -> list[str]:
    """Return files over 300 lines and functions over 40 lines (docstrings not counted)."""
    found: list[str] = []
    for name, path, tree in modules(src):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > 300 and name not in LONG_FILES:
            found.append(f"{name} has {lines} lines: split it where the seams are")
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = node.body[0]
                has_docstring = ast.get_docstring(node) is not None
                docstring = (first.end_lineno or 0) - first.lineno + 1 if has_docstring else 0
                size = (node.end_lineno or 0) - node.lineno + 1 - docstring
                if size > 40 and f"{name}:{node.name}" not in LONG_FUNCTIONS:
                    found.append(f"{name}:{node.name} has {size} lines: split it")
    return found


def style_violations(src: Path) -> list[str]:
    """Return modules with a name that says nothing, no docstring, a broad except or a path of some machine."""
    found: list[str] = []
    for name, path, tree in modules(src):
        if name.split(".")[-1] in BAD_NAMES:
            found.append(f"{name}: name it after what it does")
        docstring = ast.get_docstring(tree)
        if not (docstring and docstring.splitlines()[0].strip()):
            found.append(f"{name}: its first line must say what it is for")
        if match := MACHINE_PATH.search(path.read_text(encoding="utf-8")):
            found.append(f"{name}: holds the path {match.group()!r} of some machine")
        found += [f"{name}:{line} catches everything" for line in broad_excepts(tree) if name not in BROAD_EXCEPTS]
    return found


def broad_excepts(tree: ast.Module) -> Iterator[int]:
    """Yield the lines of bare excepts and of those that catch Exception or BaseException and do not re-raise."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        broad = any(c is None or (isinstance(c, ast.Name) and c.id in {"Exception", "BaseException"}) for c in caught)
        reraises = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
        if broad and not reraises:
            yield node.lineno


def untested(src: Path, tests: Path) -> list[str]:
    """Return modules without a test at the mirrored path."""
    found: list[str] = []
    for name, path, tree in modules(src):
        if path.name == "__init__.py" and not any(isinstance(n, ast.FunctionDef) for n in tree.body):
            continue  # names only
        parts = [part.strip("_") for part in name.split(".")]
        if not tests.joinpath(*parts[:-1], f"test_{parts[-1]}.py").is_file():
            found.append(f"{name} has no {'/'.join(['tests', *parts[:-1], f'test_{parts[-1]}.py'])}")
    return found


def test_layers_hold():
    assert layer_violations(SRC) == []


def test_files_and_functions_stay_small():
    assert size_violations(SRC) == []


def test_modules_have_names_docstrings_and_narrow_excepts():
    assert style_violations(SRC) == []


def test_every_module_has_a_mirrored_test():
    assert untested(SRC, ROOT / "tests") == []


def test_allow_lists_hold_no_stale_names():
    names = {name for name, _, _ in modules(SRC)}
    assert names >= LONG_FILES
    assert {entry.partition(":")[0] for entry in LONG_FUNCTIONS} <= names


@pytest.mark.parametrize(
    ("file", "source", "expected"),
    [
        ("ops/a.py", "from formalrl.batch import Batch", "ops.a:1 imports formalrl.batch.Batch"),
        ("ops/a.py", "import numpy", "ops.a:1 imports numpy"),
        ("algorithms/a.py", "import transformers", "algorithms.a:1 imports transformers"),
        ("algorithms/a.py", "from ..models.policy import score", "algorithms.a:1 imports formalrl.models.policy.score"),
        (
            "regularizers/a.py",
            "from formalrl.algorithms import ppo",
            "regularizers.a:1 imports formalrl.algorithms.ppo",
        ),
        ("tasks/a.py", "def f():\n    import torch", "tasks.a:2 imports torch"),
        ("rewards/a.py", "from formalrl import tasks", "rewards.a:1 imports formalrl.tasks"),
        (
            "games/a.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from torch import Tensor",
            "games.a:3 imports torch.Tensor",
        ),
        ("models/a.py", "import accelerate", "models.a:1 imports accelerate"),
        ("models/a.py", "from formalrl.sampling.fast import x", "models.a:1 imports formalrl.sampling.fast.x"),
        ("sampling/a.py", "from formalrl.training.step import x", "sampling.a:1 imports formalrl.training.step.x"),
        ("experiments/a.py", "import importlib\nimportlib.import_module('torch')", "experiments.a:2 imports torch"),
        ("extras/a.py", "", "extras.a: its unit 'extras' has no layer: list it in LAYERS"),
    ],
)
def test_a_layer_violation_is_caught(tmp_path: Path, file: str, source: str, expected: str):
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(source)
    assert layer_violations(tmp_path) == [expected]


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("models/a.py", "from formalrl.sampling.rule import SamplingRule"),
        ("runtime.py", "import accelerate"),
        ("ops/a.py", "import math\nimport torch\nfrom formalrl.ops import b"),
        ("tasks/a.py", "from formalrl.rewards.arithmetic import x\nimport tokenizers"),
    ],
)
def test_an_allowed_import_is_not_reported(tmp_path: Path, file: str, source: str):
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source)
    assert layer_violations(tmp_path) == []


def test_oversize_files_and_functions_are_caught(tmp_path: Path):
    body = "".join(f"    x{i} = {i}\n" for i in range(40))
    (tmp_path / "ops.py").write_text('"""Ops."""\ndef f():\n    """Do."""\n' + body + "x = 1\n" * 300)
    assert [line.split(" has")[0] for line in size_violations(tmp_path)] == ["ops", "ops:f"]


def test_bad_style_is_caught(tmp_path: Path):
    (tmp_path / "utils.py").write_text("p = '/" + "home/x'\ntry:\n    f()\nexcept Exception:\n    pass\n")
    assert len(style_violations(tmp_path)) == 4


def test_a_module_without_a_test_is_caught(tmp_path: Path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text('"""A."""')
    assert untested(tmp_path / "src", tmp_path / "tests") == ["a has no tests/test_a.py"]


def test_text_modules_load_no_torch():
    names = [
        f"formalrl.{name}" if name != "__init__" else "formalrl"
        for name, _, _ in modules(SRC)
        if name.split(".")[0] in TORCH_FREE
    ]
    program = (
        "import importlib, sys\n"
        f"for name in {names!r}:\n"
        "    importlib.import_module(name)\n"
        "    heavy = {'torch', 'transformers', 'accelerate'} & set(sys.modules)\n"
        "    assert not heavy, f'{name} loads {heavy}'\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
