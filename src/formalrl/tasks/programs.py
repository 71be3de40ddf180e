"""Programming, a formal-language task for any model: finish a small Python function that hidden tests will check.

A prompt is a specification in words and the first line of the function,

    # x is a list of integers: keep the even ones, then sum
    def f(x):

and the completion the rest of it, a whole definition, or a fenced block that holds one. The reward is graded: it
parses, it defines the function, it runs, and the share of the tests that it passes; see `rewards.programs`. Functions
run in the sandbox. A prompt is held out when the SHA-1 of its text is divisible by 10.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from formalrl.errors import ConfigError
from formalrl.rewards.call import deterministic
from formalrl.rewards.programs import ProgramsReward, Weights, parse, source_of
from formalrl.tasks.code_tokenizer import code_tokenizer, words_of
from formalrl.tasks.program_operations import KIND_WORDS, OPERATIONS
from formalrl.tasks.program_space import LEVELS, Program, Split
from formalrl.tasks.program_space import Programs as ProgramList
from formalrl.types import Prompt

if TYPE_CHECKING:
    from tokenizers import Tokenizer

NUM_PROMPTS: dict[Split, int] = {"train": 2**15, "eval": 2**11}
"""How many prompts are drawn. Easy levels have few distinct ones, which then come often."""
COMPLETION_TOKENS = {1: 16, 2: 32, 3: 56, 4: 56, 5: 96}
"""Tokens of the task's own tokenizer that any reference solution of a level fits in, the end token included."""


@dataclass(frozen=True)
class Programs:
    """Small functions over integers, lists and strings, checked by hidden tests. Example: `Programs(level=3)`."""

    level: int = 2
    """The hardest level that occurs. 1: one step on integers, 2: two, 3: lists, 4: strings, 5: three or four steps."""
    weights: Weights = field(default_factory=Weights)
    """What parsing, defining, running and passing are worth."""
    wall_s: float = 2.0
    """Seconds that the tests of one program may take."""
    seed: int = 0
    """Fixes which programs are drawn."""

    def __post_init__(self) -> None:
        """Check the configuration. Raises ConfigError."""
        if self.level not in LEVELS:
            raise ConfigError(f"level is {self.level!r}, but programs have the levels {min(LEVELS)} to {max(LEVELS)}.")

    def train_prompts(self) -> Sequence[Prompt]:
        """Return the prompts that training may use."""
        return _Prompts(self.programs("train"))

    def eval_prompts(self) -> Sequence[Prompt]:
        """Return the held-out prompts."""
        return _Prompts(self.programs("eval"))

    @deterministic
    def reward(self, prompt: str, completion: str, **columns: Any) -> Mapping[str, float]:
        """Return the graded reward in [0, 1] with its parts; see `rewards.programs`."""
        return ProgramsReward(self.weights, self.wall_s)(prompt, completion, **columns)

    def is_correct(self, prompt: str, completion: str, **columns: Any) -> bool:
        """Return whether every hidden test is passed. It runs the program; the reward's part `correct` says it too."""
        return self.reward(prompt, completion, **columns)["correct"] == 1.0

    def answer_of(self, completion: str) -> str:
        """Return the function's code without its layout, where it parses; else its text."""
        import ast

        tree = parse(source_of("def f(x):", completion))
        return completion.strip() if tree is None else ast.unparse(tree)

    def examples(self, n: int, seed: int = 0) -> list[tuple[str, str]]:
        """Return `n` solved (prompt, completion) pairs, none of them held out; easy levels repeat themselves."""
        programs = ProgramList(self.level, self.seed + 1_000_003 * (seed + 1), "train", n)
        return [(program.prompt(), program.body()) for program in programs]

    def tokenizer(self) -> "Tokenizer":
        """Return the tokenizer of a fresh model: words of the language, else characters."""
        texts = [text for operation in OPERATIONS for text in (operation.words, operation.code)]
        return code_tokenizer(words_of([*texts, *KIND_WORDS.values(), "is then def return"]))

    def defaults(self) -> Mapping[str, Any]:
        """Return the settings that suit the task: room for the longest reference solution."""
        return {"max_completion_length": COMPLETION_TOKENS[self.level]}

    def levels(self) -> Sequence[int]:
        """Return the levels of difficulty, easiest first."""
        return sorted(LEVELS)

    def at_level(self, level: int) -> "Programs":
        """Return the task with programs up to a level. Raises ConfigError when there is no such level."""
        return replace(self, level=level)

    def programs(self, split: Split) -> Sequence[Program]:
        """Return the programs of a split, in the order of its prompts."""
        return ProgramList(self.level, self.seed, split, NUM_PROMPTS[split])


@dataclass(frozen=True)
class _Prompts(Sequence[Prompt]):
    """Prompts made when asked for."""

    programs: Sequence[Program]

    def __len__(self) -> int:
        return len(self.programs)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [_prompt(program) for program in self.programs[index]]
        return _prompt(self.programs[index])


def _prompt(program: Program) -> Prompt:
    return Prompt(program.prompt(), {"tests": program.tests(), "answer": program.body()})
