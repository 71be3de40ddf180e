"""Every algorithm solves a small bandit: a table of logits, one state per prompt and position."""

import time
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from formalrl import plugins
from formalrl.batch import Batch, PolicyOutput
from formalrl.ops.logprobs import chosen_logprobs
from formalrl.ops.weights import token_weights

NUM_PROMPTS, GROUP, LENGTH, VOCABULARY, END = 4, 8, 3, 6, 5
TARGETS = torch.tensor([[0, END, END], [1, 2, END], [3, END, END], [4, 1, END]])
"""The answer of each prompt; what comes after the end token is not sampled."""


class Table(torch.nn.Module):
    """A policy and values that share nothing between states."""

    def __init__(self) -> None:
        super().__init__()
        self.logits = torch.nn.Parameter(torch.zeros(NUM_PROMPTS, LENGTH, VOCABULARY))
        self.values = torch.nn.Parameter(torch.zeros(NUM_PROMPTS, LENGTH))

    def score(self, batch: Batch) -> PolicyOutput:
        logp_all = torch.log_softmax(self.logits, -1)[batch.prompt_ids[batch.prompt_index, 0]]
        values = self.values[batch.prompt_ids[batch.prompt_index, 0]]
        return PolicyOutput(chosen_logprobs(logp_all, batch.completion_ids, batch.mask), logp_all, values)


@torch.no_grad()
def rollouts(table: Table, generator: torch.Generator) -> Batch:
    index = torch.arange(NUM_PROMPTS).repeat_interleave(GROUP)
    probabilities = torch.softmax(table.logits, -1)[index].reshape(-1, VOCABULARY)
    ids = torch.multinomial(probabilities, 1, generator=generator).reshape(-1, LENGTH)
    mask = ((ids == END).cumsum(1) - (ids == END).long() == 0).float()  # up to the first end token
    targets = TARGETS[index]
    wanted = ((targets == END).cumsum(1) - (targets == END).long() == 0).float()
    right = ((ids == targets) * mask * wanted).sum(1) / torch.maximum(mask.sum(1), wanted.sum(1))
    prompts = torch.arange(NUM_PROMPTS).unsqueeze(1)
    batch = Batch(prompts, torch.ones_like(prompts).float(), index, ids, mask, torch.zeros_like(mask), right)
    output = table.score(batch)
    return batch.replace(old_logprobs=output.logprobs, old_values=output.values)


def solve(algorithm: Any, max_steps: int = 250) -> Tensor:
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(0)
    table = Table()
    optimizer = torch.optim.Adam(table.parameters(), lr=0.1)
    batch = rollouts(table, generator)
    for _ in range(max_steps):
        batch = rollouts(table, generator)
        batch = algorithm.advantages(batch, torch.zeros_like(batch.mask))
        weights = {
            "token_weights": token_weights(batch.mask),
            "loss_weights": algorithm.loss_weights(batch.mask, LENGTH),
        }
        for _ in range(algorithm.num_ppo_epochs):
            optimizer.zero_grad()
            for micro in batch.replace(**weights).micro_batches(20):
                algorithm.loss(table.score(micro), micro).loss.backward()
            optimizer.step()
        if batch.rewards.mean() > 0.99:
            break
    return batch.rewards.mean()


SETTINGS: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name in plugins.names("algorithm")),
    ("ppo", {"normalize_advantages": False, "cliprange_value": None, "lam": 1.0}),
    ("grpo", {"loss_type": "grpo", "scale_rewards": "batch"}),
    ("grpo", {"loss_type": "dr_grpo", "scale_rewards": "none", "num_ppo_epochs": 2, "epsilon_high": 0.28}),
    ("rloo", {"num_ppo_epochs": 3}),
    ("reinforce", {"normalize_advantages": True}),
]


@pytest.mark.parametrize(("name", "settings"), SETTINGS)
def test_the_bandit_is_solved_in_two_seconds(name: str, settings: dict[str, Any]):
    torch.set_num_threads(1)
    algorithm = replace(plugins.find("algorithm", name)(), **settings)
    solve(algorithm, max_steps=1)  # torch loads its optimizers on first use
    start = time.process_time()
    reward = solve(algorithm)
    assert reward > 0.99
    assert time.process_time() - start < 2.0
