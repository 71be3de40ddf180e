"""A task for tests: copy a word. `3 =` wants `3`; with `length` 2 the answer is the word twice, ended by `<eos>`."""

import itertools
import os
import random
import signal
import time
from dataclasses import dataclass, replace

from formalrl.types import Prompt

WORDS = 8


@dataclass(frozen=True)
class Toy:
    """Prompts are one or two words long, so that padding matters; the last one counts."""

    length: int = 1
    failing: bool = False
    """Fail on every completion of an odd word that begins with `1`."""
    hanging: bool = False
    """Never return for such a completion."""
    faults: float = 0.0
    """Share of all calls that hang, kill their process, or return NaN or a text; drawn anew for each call."""
    stepwise: bool = False
    """Judge every word for itself as well."""
    pause: float = 0.0
    """Seconds that each call takes."""
    words: int = WORDS
    """Training asks for the words below this: the level."""

    def train_prompts(self):
        return [
            Prompt(f"{first}{word} =", {"answer": " ".join([str(word)] * self.length)})
            for first in ("", "0 ", "1 ", "2 ", "3 ", "4 ", "7 5 ")
            for word in range(self.words)
        ]

    def levels(self):
        return [2, 4, WORDS]

    def at_level(self, level):
        return replace(self, words=level)

    def eval_prompts(self):
        return [
            Prompt(f"{first} {word} =", {"answer": " ".join([str(word)] * self.length)})
            for word in range(WORDS)
            for first in (5, 6, 7)
        ]

    def reward(self, prompt, completion, answer, **columns):
        if self.failing and completion.strip().startswith("1") and int(answer[0]) % 2:
            raise ValueError("this completion cannot be scored")
        time.sleep(self.pause)
        while self.hanging and completion.strip().startswith("1") and int(answer[0]) % 2:
            pass
        if self.faults and random.random() < self.faults:
            return fault(random.randrange(4))
        said, wanted = completion.split(), answer.split()
        right = [a == b for a, b in zip(said, wanted, strict=False)]
        reward = sum(right) / max(len(said), len(wanted))
        if not self.stepwise:
            return reward
        ends = itertools.accumulate(len(word) + 1 for word in said)
        return {"reward": reward, "steps": list(zip(ends, right, strict=False))}

    def is_correct(self, prompt, completion, answer, **columns):
        return completion.split() == answer.split()

    def answers(self):
        return [str(word) for word in range(WORDS)] if self.length == 1 else None

    def examples(self, n, seed=0):
        return [(p.text, str(p.columns["answer"])) for p in self.train_prompts()][:n]

    def grammar(self, spell):
        return EvenWords(self.length)

    def tokenizer(self):
        from tokenizers import Tokenizer, models, pre_tokenizers

        words = ["<bos>", "<eos>", "<pad>", "=", *map(str, range(WORDS))]
        tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<pad>"))
        tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        return tokenizer

    def defaults(self):
        return {
            "reward_workers": 0,  # processes of their own would slow every test that trains
            "max_completion_length": 1 if self.length == 1 else self.length + 1,
            "model": {"preset": "tiny"},
            "sft": False,
            "prompts_per_step": 8,
            "num_generations": 8,
            "learning_rate": 3e-3,
            "num_eval_prompts": 24,
            "num_diagnostic_prompts": 8,
        }


@dataclass(frozen=True)
class EvenWords:
    """So many words, all of them even: ` 2 0 4`. A state is the number of characters."""

    length: int

    def start(self, prompt):
        return 0

    def advance(self, state, character):
        good = character == " " if state % 2 == 0 else character in "0246"
        return state + 1 if good and state < 2 * self.length else None

    def remaining(self, state):
        return self.length - state // 2


def fault(number):
    """Do the fault of this number; the last two are values that are no score."""
    if number == 0:
        time.sleep(1000)
    if number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return [float("nan"), "text"][number % 2]
