"""The documentation says what is there: links, paths, commands, options, snippets and names of parts."""

import ast
import dataclasses
import importlib
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from formalrl import plugins
from formalrl.cli import COMMANDS
from formalrl.cli.options import options_of, parse
from formalrl.cli.settings import CommandOptions, read_request
from formalrl.cli.sweep_request import read_sweep_request

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
BENCHMARKS = {"--save", "--threads"}
"""Options in prose that belong to a benchmark."""

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_PATH = re.compile(r"`((?:src|docs|tests|examples|benchmarks)/[\w./-]*)`")
_OPTION = re.compile(r"(?<![\w-])--[a-z][\w.-]*")


def fences(page: Path, *languages: str) -> Iterator[str]:
    """Yield the code blocks of a page in one of the languages."""
    yield from (code for language, code in _FENCE.findall(page.read_text(encoding="utf-8")) if language in languages)


def commands(page: Path) -> Iterator[list[str]]:
    """Yield the commands of a page as argument lists: comments dropped, continued lines joined."""
    for block in fences(page, ""):
        for line in block.replace("\\\n", " ").splitlines():
            if not line.startswith((" ", "#")) and re.match(r"(formalrl|accelerate|python|make|pip) ", line):
                yield shlex.split(line, comments=True)


def user_files(page: Path) -> Iterator[tuple[str, str]]:
    """Yield (name, text) of the files that a page shows: blocks whose first line is `# name`."""
    for block in fences(page, "python", "yaml"):
        if match := re.match(r"# ([\w.-]+\.(?:py|yaml))\n", block):
            yield match[1], block


def by_page(values: Any) -> list[Any]:
    return [pytest.param(page, *rest, id=f"{page.name}-{n}") for n, (page, *rest) in enumerate(values)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_paths_resolve(page: Path):
    text = page.read_text(encoding="utf-8")
    links = [link.partition("#")[0] for link in _LINK.findall(text) if not re.match(r"https?:|#", link)]
    missing = [link for link in links if not (page.parent / link).exists()]
    assert missing + [path for path in _PATH.findall(text) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_snippets_compile_and_import_what_exists(page: Path):
    for block in fences(page, "python"):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("formalrl"):
                module = importlib.import_module(str(node.module))
                known = getattr(module, "__all__", vars(module))  # names of formalrl itself load torch on first use
                assert [alias.name for alias in node.names if alias.name not in known] == []
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "formalrl":
                assert node.attr in importlib.import_module("formalrl").__all__


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the documentation shows, data for them, and the configuration of a run."""
    from formalrl.config import resolve

    tmp_path = tmp_path_factory.mktemp("docs")
    for page in PAGES:
        for name, text in user_files(page):
            (tmp_path / name).write_text(text)
    os.symlink(ROOT / "examples", tmp_path / "examples")
    (tmp_path / "my_task.py").write_text((ROOT / "examples" / "my_task.py").read_text())
    (tmp_path / "problems.jsonl").write_text("".join(f'{{"prompt": "{n} = ", "answer": "{n}"}}\n' for n in range(60)))
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = {"prompt": [f"{n} = " for n in range(60)], "answer": [str(n) for n in range(60)]}
    parquet.write_table(importlib.import_module("pyarrow").table(rows), tmp_path / "problems.parquet")
    run = tmp_path / "runs" / "arithmetic" / "demo"
    run.mkdir(parents=True)
    resolve({"task": "arithmetic"}).save(run / "config.yaml")
    return tmp_path


@pytest.fixture
def workplace(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in that folder."""
    monkeypatch.chdir(files)


FORMALRL = [
    (page, words[words.index("formalrl") + 1 :])
    for page in PAGES
    for words in commands(page)
    if words[0] == "formalrl" or "-m formalrl" in " ".join(words)
]


@pytest.mark.parametrize(("page", "arguments"), by_page(FORMALRL))
def test_commands_parse_and_their_settings_work(page: Path, arguments: list[str], workplace: None):
    name, *rest = arguments
    assert name in COMMANDS
    if name in ("train", "sft"):
        request = read_request(rest, name)
        if request.config is not None:
            request.config.check()
    elif name == "sweep":
        assert read_sweep_request(rest).sweep is not None
    else:
        parse(rest, command_options(name, rest), command=name)


def command_options(name: str, arguments: list[str]) -> list[Any]:
    module = importlib.import_module(COMMANDS[name][0])
    classes = [value for key, value in vars(module).items() if key.endswith("Options") and key != "CommandOptions"]
    options = [option for cls in classes if dataclasses.is_dataclass(cls) for option in options_of(cls)]
    if name == "tasks" and "show" in arguments:
        options += module.task_options(module._task_of(arguments[:2]))
    return options


def all_flags() -> set[str]:
    """Every option of every command, with every algorithm."""
    known = {option.flag for option in options_of(CommandOptions)}
    for algorithm in plugins.names("algorithm"):
        known |= {option.flag for option in read_request(["arithmetic", "--algorithm", algorithm], "train").options}
    for name in set(COMMANDS) - {"train", "sft"}:
        known |= {option.flag for option in command_options(name, [])}
    switches = {flag.replace("--", "--no-", 1) for flag in known}
    return known | switches | {"--help", "--version"}


def test_options_in_prose_exist():
    known, unknown = all_flags(), []
    for page in PAGES:
        prose = _FENCE.sub("", page.read_text(encoding="utf-8"))
        for code in re.findall(r"`([^`]+)`", prose):
            foreign = re.match(r"accelerate|(\S*/)?python |pip ", code)
            own = set() if foreign else set(_OPTION.findall(code))
            unknown += [(page.name, flag) for flag in own - known - BENCHMARKS if not flag.startswith("--task.")]
    assert unknown == []


def test_scripts_make_targets_and_extras_exist():
    makefile = (ROOT / "Makefile").read_text()
    project = (ROOT / "pyproject.toml").read_text()
    for page in PAGES:
        for words in commands(page):
            if words[0] == "python":
                script = (ROOT / words[1]).read_text()
                assert [flag for flag in words[2:] if flag.startswith("--") and f'"{flag}"' not in script] == []
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"(?:`|^)make ([a-z-]+)", text, re.MULTILINE):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{page.name}: make {target}"
        for extras in re.findall(r"(?:formalrl|\.)\[([a-z,]+)\]", text):
            assert [name for name in extras.split(",") if not re.search(rf"^{name} = \[", project, re.MULTILINE)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_yaml_snippets_are_configurations(page: Path, workplace: None):
    from formalrl.config import resolve

    for block in fences(page, "yaml"):
        values = yaml.safe_load(block)
        if {"grid", "runs", "seeds"} & set(values):
            (file := Path("sweep-of-the-docs.yaml")).write_text(block)
            assert read_sweep_request([str(file)]).runs
        else:
            resolve(values).check()


def test_the_task_of_the_readme_is_the_example():
    assert (ROOT / "examples" / "my_task.py").read_text() in list(fences(ROOT / "README.md", "python"))


@pytest.mark.parametrize("kind", ["algorithm", "regularizer"])
def test_every_setting_of_algorithms_and_regularizers_is_explained(kind: str):
    text = (ROOT / "docs" / "algorithms.md").read_text()
    fields = {f.name for name in plugins.names(kind) for f in dataclasses.fields(plugins.find(kind, name))}
    assert [name for name in fields | set(plugins.names(kind)) if f"`{name}`" not in text] == []


def test_what_a_task_file_may_define_and_what_a_resumed_run_may_change_is_listed():
    from formalrl.tasks.user import OPTIONAL
    from formalrl.training.run_folder import MAY_CHANGE

    task, run = ((ROOT / "docs" / f"{name}.md").read_text() for name in ("write-a-task", "run-folder"))
    assert [name for name in OPTIONAL if not re.search(rf"`{name}[(`]", task)] == []
    assert [name for name in MAY_CHANGE if name != "output_dir" and f"`{name}`" not in run] == []


def test_every_setting_of_the_choice_of_prompts_and_of_the_objective_is_explained():
    text = (ROOT / "docs" / "algorithms.md").read_text()
    names = [f.name for f in dataclasses.fields(importlib.import_module("formalrl.config").TrainConfig)]
    wanted = [
        name for name in names if re.match(r"max_at_k|prompt_sel|candidates|probe|dynamic|max_sampling|trunc", name)
    ]
    assert len(wanted) >= 10
    assert [name for name in wanted if not re.search(rf"`(--)?{name.replace('_', '[_-]')}[` ]", text)] == []


def test_every_built_in_recipe_and_task_is_named():
    text = (ROOT / "README.md").read_text()
    assert [name for name in plugins.names("recipe") if f"`{name}`" not in text] == []


def test_the_grammar_of_the_page_permits_its_words_only():
    from formalrl.sampling.grammar import TokenGrammar

    page = (ROOT / "docs" / "write-a-task.md").read_text()
    code = next(block for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "class OneOf" in block)
    names: dict[str, Any] = {}
    exec(code, names)
    texts = ["", " ", "y", "es", " no", "u", "nknown", " yes"]
    grammar = TokenGrammar(names["grammar"], lambda ids: "".join(texts[i] for i in ids), len(texts), [0])
    said, todo = set(), [(grammar.start("Is it?"), "", 5)]
    while todo:
        state, text, left = todo.pop()
        for token in grammar.permitted([state], [left])[0].nonzero()[0].tolist():
            if token == 0:
                said.add(text)
            else:
                todo.append((grammar.advance(state, token), text + texts[token], left - 1))
    assert said == {" yes", " no", " unknown"}
