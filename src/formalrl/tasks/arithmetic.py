"""Arithmetic, the formal language of arXiv 2410.17126: finish a step-by-step solution, or write the whole of it.

The default is the paper's task. A prompt is a solution up to its last `=`, `5 + 3 + 10 + 2 = 5 + 13 + 2 = 18 + 2 =`,
whose steps each add one random adjacent pair; the completion is one token, the answer.

Which expressions: the paper draws operands uniformly until the text has 10 characters, then cuts it there. That makes
expressions of 9 or 10 characters and 4 or 5 operands, and it is the distribution of the paper's figures: the best
constant answer is 25 with reward 0.748; two and eight answers chosen greedily have 0.824 and 0.954, accuracy 0.31 (the
exactly best ones 0.848 and 0.957). Uniform over all 166,092 expressions of up to 10 characters
(`distribution="uniform"`) the best constant answer is 24, with 0.742.

An expression is held out when the SHA-1 of its text without spaces is divisible by 10, whatever the configuration.
"""

import itertools
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, get_args, get_type_hints

from formalrl.errors import ConfigError, nearest
from formalrl.rewards.arithmetic import (
    Operators,
    RewardShape,
    judged_statements,
    reward_of_error,
    solution_error,
)
from formalrl.rewards.call import deterministic, in_trainer
from formalrl.rewards.expressions import MAX_TEXT, parse_number
from formalrl.tasks.arithmetic_grammar import ArithmeticGrammar
from formalrl.tasks.constant_answers import ConstantAnswers, best_answers, greedy_answers
from formalrl.tasks.expression_spaces import (
    Distribution,
    DrawnSpace,
    Expressions,
    PromptsOf,
    Space,
    Split,
    UniformSpace,
    value_counts,
)
from formalrl.tasks.number_tokenizer import Vocabulary, character_tokenizer, number_tokenizer
from formalrl.tasks.reductions import solve, value_of
from formalrl.types import Prompt

if TYPE_CHECKING:
    from tokenizers import Tokenizer

LIMITS = {
    "max_operand": (1, 99_999),
    "max_characters": (3, 100),
    "max_value": (2, 100_000),
    "max_operands": (2, 50),
    "max_statements": (1, 49),
}
"""The range of each number of the configuration, both ends included."""

LEARNING: Mapping[str, Any] = {
    "model": {"preset": "small", "initializer_range": 0.08, "tie_word_embeddings": False},
    "warm_start": {"batch_size": 8, "warmup_ratio": 0.0, "weight_decay": 0.01, "loss_on": "text"},
    "algorithm": "grpo",
    "regularizers": {
        "batch_entropy": {"coef": 0.5, "coef_end": 0.0, "coef_schedule": "linear"},
        "entropy": {"coef": 0.3, "coef_end": 0.0, "coef_schedule": "cosine"},
    },
    "prompts_per_step": 48,
    "num_generations": 64,
    "max_at_k": 8,
    "max_at_k_until": 0.85,
    "prompt_selection": "regret",
    "candidates_per_prompt": 4,
    "probe_generations": 16,
    "replay_fraction": 0.5,
    "learning_rate": 1e-3,
    "lr_scheduler_type": "linear",
    "warmup_steps": 20,
    "adam_beta2": 0.95,
    "max_grad_norm": 0.0,
    "max_steps": 1000,
    "eval_steps": 200,
    "num_eval_prompts": 1024,
}
"""Settings under which a fresh model learns the answers. What would be lost for good are answers that nobody samples
any more: learning for the best of 8 completions, asking more often (and again) what falls short, and the entropy terms
keep them alive; all but the second are withdrawn over the run. The schedules stretch with `max_steps`."""


@dataclass(frozen=True)
class Arithmetic:
    """Step-by-step solutions of arithmetic expressions. Example: `Arithmetic(operators="+-", mode="solution")`."""

    operators: Operators = "+"
    """Operators of the expressions; `*` binds closer, and steps respect it."""
    max_operand: int = 10
    """Operands are 0 to this."""
    max_characters: int = 10
    """Length of an expression, counted without spaces."""
    max_value: int = 100
    """All values, partial results included, are below this (and above its negative)."""
    max_operands: int | None = None
    """Most operands of an expression; None: as many as `max_characters` allows. The level in `answer` mode."""
    distribution: Distribution = "paper"
    """`paper`: operand by operand, cut at `max_characters`. `uniform`: all expressions up to that length."""
    mode: Literal["answer", "solution"] = "answer"
    """`answer`: the prompt holds all steps and lacks the answer. `solution`: the prompt is `5 + 3 + 10 =`, the
    completion all that follows, ended by the end token."""
    max_statements: int | None = None
    """In `solution` mode, most statements that are left to the completion, those before them stand in the prompt; None:
    all. The level in `solution` mode: 1 asks for the last number only."""
    vocabulary: Vocabulary = "complete"
    """The tokenizer of a fresh model, and with it the spacing of all texts. `complete`: a token a number,
    `5 + 3 = 8`. `character`: a token a character, `5+3=8`."""
    reward_shape: RewardShape = "sigmoid"
    """`sigmoid`: 2 / (1 + exp(e / 10)) for an error e. `linear`: 1 - e / 30, at least 0. `exact`: 1 or 0. `sharp`: the
    mean of sigmoid and exact."""
    statement_rewards: bool = False
    """Judge every statement of a completion, too, by its own error: what `algorithm.credit steps` learns from."""
    seed: int = 0
    """Fixes the random steps. The steps of an expression depend on its text and this number only."""

    def __post_init__(self) -> None:
        """Check the configuration.

        Raises ConfigError when a value is not allowed, or when operands and values contradict each other.
        """
        for name, hint in get_type_hints(type(self)).items():
            value, allowed = getattr(self, name), get_args(hint)
            if name in LIMITS:
                _check_number(name, value, optional=type(None) in allowed)
            elif allowed and value not in allowed:
                known = ", ".join(map(repr, allowed))
                raise ConfigError(f"{name} is {value!r}, but arithmetic knows {known}.{nearest(str(value), allowed)}")
        if self.max_operand >= self.max_value:
            raise ConfigError(
                f"max_operand is {self.max_operand}, but operands must be below max_value, which is {self.max_value}:"
                f" raise max_value or lower max_operand."
            )

    def train_prompts(self) -> Sequence[Prompt]:
        """Return the prompts of the expressions that are not held out, each as often as the distribution has it."""
        return self._prompts("train")

    def eval_prompts(self) -> Sequence[Prompt]:
        """Return the held-out prompts, in an order in which the first n are a fair sample."""
        return self._prompts("eval")

    @in_trainer
    @deterministic
    def reward(self, prompt: str, completion: str, **columns: Any) -> float | Mapping[str, Any]:
        """Return the reward in [0, 1] of the solution that is `prompt` + `completion`; see `rewards.arithmetic`.

        With `statement_rewards` it comes with the share of statements that are right and the reward of each as `steps`.
        """
        if self.statement_rewards:
            return judged_statements(prompt, completion, self.operators, self.reward_shape)
        return reward_of_error(solution_error(prompt + completion, self.operators), self.reward_shape)

    def is_correct(self, prompt: str, completion: str, **columns: Any) -> bool:
        """Return whether prompt + completion is a well-formed solution without any error."""
        return solution_error(prompt + completion, self.operators) == 0

    def answer_of(self, completion: str) -> str:
        """Return the number that a completion ends with, after its last `=`; its text without outer blanks if none."""
        text = completion[:MAX_TEXT].rpartition("=")[2] if self.mode == "solution" else completion[:MAX_TEXT]
        number = parse_number(text)
        return text.strip() if number is None else str(number)

    def answers(self) -> Sequence[str] | None:
        """Return every answer that the language has; None when the completion is a whole solution."""
        if self.mode == "solution":
            return None
        smallest = 1 - self.max_value if "-" in self.operators else 0
        return [str(number) for number in range(smallest, self.max_value)]

    def examples(self, n: int, seed: int = 0) -> list[tuple[str, str]]:
        """Return `n` solved (prompt, completion) pairs of distinct expressions, none of them held out.

        Raises ConfigError when there are fewer.
        """
        expressions = self.expressions("train")
        chosen: dict[str, None] = {}
        for draws in (min(2 * n, len(expressions)), len(expressions)):
            order = random.Random(f"examples:{seed}").sample(range(len(expressions)), draws)
            chosen = dict.fromkeys(expressions[index] for index in order)
            if len(chosen) >= n:
                break
        if len(chosen) < n:
            raise ConfigError(
                f"{n} examples are asked for, but only {len(chosen)} expressions may be used for training:"
                f" ask for fewer, or raise max_characters, max_operands or max_operand."
            )
        return [self._parts(expression) for expression in itertools.islice(chosen, n)]

    def tokenizer(self) -> "Tokenizer":
        """Return the tokenizer of a fresh model, with `<bos>`, `<eos>` and `<pad>` and no unknown token."""
        if self.vocabulary == "character":
            return character_tokenizer(self.operators)
        return number_tokenizer(self.operators, self.max_value)

    def grammar(self, spell: Callable[[str], int]) -> ArithmeticGrammar:
        """Return the well-formed solutions of the prompts, right or wrong, in the spacing of the texts."""
        blank = "" if self.vocabulary == "character" else " "
        return ArithmeticGrammar(spell, self.operators, len(str(self.max_value - 1)), blank)

    def defaults(self) -> Mapping[str, Any]:
        """Return the settings that suit the task: room for the longest right completion."""
        return {"max_completion_length": self._max_completion_length()}

    def fresh_defaults(self) -> Mapping[str, Any]:
        """Return the settings under which a fresh model learns the answers; for whole solutions room for all levels."""
        return LEARNING if self.mode == "answer" else {"model": {"context_length": 64}}

    def levels(self) -> Sequence[int]:
        """Return the levels of difficulty, easiest first: the most operands, or the most statements left to write."""
        if self.mode == "solution":
            return range(1, self._most_statements() + 1)
        return range(2, self._most_operands() + 1)

    def at_level(self, level: int) -> "Arithmetic":
        """Return the task with at most `level` operands or statements left to write; the last level is the task itself.

        Raises ConfigError when `level` is none of `levels()`.
        """
        levels = self.levels()
        if level not in levels:
            raise ConfigError(f"level is {level!r}, but this task has the levels {levels[0]} to {levels[-1]}.")
        return replace(self, max_statements=level) if self.mode == "solution" else replace(self, max_operands=level)

    def expressions(self, split: Split) -> Sequence[str]:
        """Return the expressions of a split, without spaces, in the order of its prompts."""
        return Expressions(self._space(), split)

    def true_values(self, split: Split | None = None) -> Counter[int]:
        """Return how often each value is the right answer in a split, or in both."""
        splits: tuple[Split, ...] = ("train", "eval") if split is None else (split,)
        return sum((Counter(value_counts(self._space(), name)) for name in splits), Counter())

    def best_constant_answers(self, k: int, split: Split | None = None) -> ConstantAnswers:
        """Return the k fixed answers with the highest mean reward over a split, or over both; exact, in answer mode."""
        return best_answers(self.true_values(split), lambda error: reward_of_error(error, self.reward_shape), k)

    def greedy_constant_answers(self, k: int, split: Split | None = None) -> ConstantAnswers:
        """Return k fixed answers chosen one after the other, as in the paper's figures for 2 and 8 answers."""
        return greedy_answers(self.true_values(split), lambda error: reward_of_error(error, self.reward_shape), k)

    def prompt_of(self, expression: str) -> Prompt:
        """Return the prompt of an expression that is written without spaces."""
        return Prompt(self._parts(expression)[0], {"expression": expression, "answer": str(value_of(expression))})

    def _prompts(self, split: Split) -> PromptsOf:
        prompts = PromptsOf(self.expressions(split), self.prompt_of)
        if not prompts:
            raise ConfigError(
                f"no expression is left for the {split} prompts, since one in ten is held out and there are too few:"
                f" raise max_characters, max_operands, max_operand or max_value."
            )
        _ = prompts[0]
        return prompts

    def _parts(self, expression: str) -> tuple[str, str]:
        """The prompt and the completion of a solution."""
        space = "" if self.vocabulary == "character" else " "
        steps = [step.text(space) for step in solve(expression, self.seed)]
        cut = max(1, len(steps) - (self._most_statements() if self.mode == "solution" else 1))
        equals = f"{space}={space}"
        return f"{equals.join(steps[:cut])}{space}=", equals.join(steps[cut:])

    def _space(self) -> Space:
        kind = DrawnSpace if self.distribution == "paper" else UniformSpace
        return kind(self.operators, self.max_operand, self.max_characters, self.max_value, self._most_operands())

    def _most_operands(self) -> int:
        fitting = (self.max_characters + 1) // 2
        return min(fitting, self.max_operands or fitting)

    def _most_statements(self) -> int:
        most = self._most_operands() - 1
        return min(most, self.max_statements or most)

    def _max_completion_length(self) -> int:
        """Tokens of the longest right completion, the end token included where the completion has one."""
        if self.mode == "solution":
            steps, left = self._most_operands() - 1, self._most_statements()
            if self.vocabulary == "complete":
                return left**2 + (left - 1) + 1
            return sum(self.max_characters - step for step in range(steps - left + 1, steps + 1)) + (left - 1) + 1
        if self.vocabulary == "complete":
            return 1
        return len(str(self.max_value - 1)) + ("-" in self.operators) + 1


def _check_number(name: str, value: Any, *, optional: bool) -> None:
    low, high = LIMITS[name]
    if value is None and optional:
        return
    if type(value) is not int or not low <= value <= high:
        raise ConfigError(f"{name} is {value!r}, but must be a whole number from {low} to {high}.")
