"""Train a model to spell words backwards: formalrl train examples/my_task.py --max-completion-length 8"""

import itertools
import random


def prompts():
    for _ in range(10_000):
        word = "".join(random.choices("abcdefgh", k=random.randint(2, 5)))
        yield {"prompt": f"{word} backwards is ", "answer": word[::-1]}


def reward(prompt, completion, answer):
    given = completion.strip()
    right = sum(a == b for a, b in itertools.zip_longest(given, answer)) / max(len(given), len(answer))
    return {"reward": right, "exact": given == answer}


def is_correct(prompt, completion, answer):
    return completion.strip() == answer
