"""Any dataset of the package reasoning-gym as a task: generated puzzles with their own verifiers.

The name after the colon is the dataset's, `reasoning_gym:chain_sum`. Held out are the items whose prompt's SHA-1 is
divisible by 10. Needs the extra: `pip install 'formalrl[reasoning-gym]'`.
"""

import hashlib
import importlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from formalrl.errors import ConfigError, nearest
from formalrl.tasks.rows import divide
from formalrl.types import Prompt

_TAGGED = re.compile(r"<answer>(.*?)</answer>", re.DOTALL)
MAX_COMPLETION = 20_000
"""Characters of a completion that are searched for an answer."""
INSTRUCTION = "\nGive the final answer between <answer> and </answer>.\n"


@dataclass(frozen=True)
class ReasoningGym:
    """A dataset of reasoning-gym by name. Example: `ReasoningGym("chain_sum", config={"min_terms": 2})`."""

    dataset: str = "chain_sum"
    """The dataset's name, such as `chain_sum`."""
    config: Mapping[str, Any] = field(default_factory=dict)
    """Settings of the dataset, as its own configuration names them."""
    level: int | None = None
    """Step of the dataset's curriculum, from 0; None: the dataset's defaults."""
    size: int = 2000
    """How many items are generated, held-out ones included."""
    seed: int = 0
    instruction: str = INSTRUCTION
    """Added to each question; empty for a model that knows the format."""

    def __post_init__(self) -> None:
        """Check that the dataset exists. Raises ConfigError."""
        names = sorted(_gym("factory").DATASETS)
        if self.dataset not in names:
            raise ConfigError(
                f"reasoning-gym has no dataset {self.dataset!r}: it has {len(names)}, {', '.join(names[:8])}, ..."
                f"{nearest(self.dataset, names)}"
            )
        if self.level is not None and self.level not in (levels := self.levels()):
            raise ConfigError(
                f"level is {self.level!r}, but {self.dataset} has "
                + (f"the levels 0 to {levels[-1]}." if levels else "no curriculum: leave it.")
            )

    def train_prompts(self) -> Sequence[Prompt]:
        """Return the prompts that training may use."""
        return _prompts(self._key(), self.instruction)[0]

    def eval_prompts(self) -> Sequence[Prompt]:
        """Return the held-out prompts."""
        return _prompts(self._key(), self.instruction)[1]

    def reward(self, prompt: Any, completion: str, item: int = 0, **columns: Any) -> float:
        """Return the dataset's own score of the answer, in [0, 1]."""
        data = _dataset(*self._key())
        return float(data.score_answer(self.answer_of(completion), data[item]))

    def is_correct(self, prompt: Any, completion: str, **columns: Any) -> bool:
        """Return whether the dataset gives the full score."""
        return self.reward(prompt, completion, **columns) >= 1.0

    def answer_of(self, completion: str) -> str:
        """Return what stands between the last <answer> tags; without tags the whole text."""
        found = _TAGGED.findall(completion[-MAX_COMPLETION:])
        return (found[-1] if found else completion[:MAX_COMPLETION]).strip()

    def examples(self, n: int, seed: int = 0) -> list[tuple[str, str]]:
        """Return solved (prompt, completion) pairs of training prompts."""
        prompts = self.train_prompts()
        start = int.from_bytes(hashlib.blake2b(str(seed).encode(), digest_size=4).digest(), "big")
        chosen = [prompts[(start + position) % len(prompts)] for position in range(min(n, len(prompts)))]
        answer = "<answer>{}</answer>" if self.instruction else "{}"
        return [(str(prompt.text), answer.format(prompt.columns["answer"])) for prompt in chosen]

    def defaults(self) -> Mapping[str, Any]:
        """Return the settings that suit the task."""
        return {"max_completion_length": 256}

    def levels(self) -> Sequence[int]:
        """Return the steps of the dataset's curriculum, easiest first; none where it has no curriculum."""
        factory = _gym("factory")
        if not factory.has_curriculum(self.dataset):
            return ()
        attributes = factory.create_curriculum(self.dataset).attributes.values()
        return range(max((len(attribute.levels) for attribute in attributes), default=1))

    def at_level(self, level: int) -> "ReasoningGym":
        """Return the task at a step of the curriculum. Raises ConfigError when there is no such step."""
        return replace(self, level=level)

    def _key(self) -> tuple[str, str, int | None, int, int]:
        return self.dataset, json.dumps(dict(self.config), sort_keys=True), self.level, self.size, self.seed


@lru_cache(maxsize=8)
def _dataset(name: str, config: str, level: int | None, size: int, seed: int) -> Any:
    """The dataset; its items are made when asked for."""
    factory = _gym("factory")
    settings = {**json.loads(config), "size": size, "seed": seed}
    if level is not None:
        curriculum = factory.create_curriculum(name)
        for attribute, definition in curriculum.attributes.items():
            curriculum.set_attr_level(attribute, min(level, len(definition.levels) - 1))
        generated = curriculum.generate_configuration()
        settings = {**vars(generated), **settings}
    try:
        return factory.create_dataset(name, **settings)
    except (TypeError, ValueError, AssertionError) as error:
        raise ConfigError(f"the dataset {name} cannot be made with {settings}: {error}.") from error


@lru_cache(maxsize=8)
def _prompts(
    key: tuple[str, str, int | None, int, int], instruction: str
) -> tuple[tuple[Prompt, ...], tuple[Prompt, ...]]:
    data = _dataset(*key)
    made = []
    for number in range(key[3]):
        item = data[number]
        columns = {"answer": str(item["answer"]), "item": number}
        made.append(Prompt(item["question"] + instruction, columns))
    return divide(made, source=f"reasoning_gym:{key[0]}")


def _gym(module: str) -> Any:
    try:
        importlib.import_module("reasoning_gym")
        return importlib.import_module(f"reasoning_gym.{module}")
    except ImportError as error:
        raise ConfigError(
            f"this task needs the package reasoning-gym ({error}): run pip install 'formalrl[reasoning-gym]'."
        ) from error
