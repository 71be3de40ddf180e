"""Which prompts a round asks: the next of the shuffled epochs, or those on which the policy has most to learn."""

import numpy as np
import torch

from formalrl.ops.max_at_k import max_at_k
from formalrl.training.collect import Draw, collect
from formalrl.training.engine import Engine
from formalrl.training.objective import k_of_step
from formalrl.training.prompts import PromptStream, draw_by_weight
from formalrl.training.rollouts import Rollouts
from formalrl.training.stopwatch import Stopwatch

_PROBE_SEED = 0x5E1EC7
UNIFORM_SHARE = 0.1
"""Of the chances, however the policy does on a prompt: what it has learned is asked again now and then."""


def select_prompts(engine: Engine, step: int, sampling_round: int, count: int, clock: Stopwatch) -> np.ndarray:
    """Return `count` numbers of training prompts; the same on every rank.

    "uniform" takes the next of the stream. The others draw `candidates_per_prompt` times as many, sample
    `probe_generations` completions of each, and keep prompts with chances proportional to

    - "learnability": the variance of the rewards (p (1 - p) for a reward of 0 or 1; arXiv 2502.12272);
    - "regret": the best reward that any candidate got, less the prompt's mean reward, or less its max@k while the run
      learns for the best of k. It finds prompts, too, that the policy gets wrong with certainty.
    """
    stream = PromptStream(len(engine.train_prompts), engine.config.seed)
    if engine.config.prompt_selection == "uniform":
        return stream.indices(step, count, sampling_round)
    with clock("select"):
        candidates = stream.indices(step, count * engine.config.candidates_per_prompt, sampling_round)
        probes = _probe(engine, candidates, step, sampling_round)
        weights = prompt_weights(probes, engine.config.prompt_selection, k_of_step(engine.config, step))
        return candidates[draw_by_weight(weights, count, [engine.config.seed, step, sampling_round])]


def _probe(engine: Engine, candidates: np.ndarray, step: int, sampling_round: int) -> Rollouts:
    prompts = [engine.train_prompts[int(number)] for number in candidates]
    config = engine.config
    draw = Draw(prompts, config.probe_generations, config.seed + _PROBE_SEED, step, sampling_round)
    return collect(engine, draw, engine.rule, Stopwatch())


def prompt_weights(probes: Rollouts, selection: str, k: int = 1) -> np.ndarray:
    """Return [N] chances of the probed prompts, which sum to 1; a prompt without any score has the uniform share."""
    worth = prompt_worths(probes, selection, k).nan_to_num()
    total = worth.sum()
    learned = worth / total if total > 0 else torch.full_like(worth, 1.0 / len(worth))
    return ((1.0 - UNIFORM_SHARE) * learned + UNIFORM_SHARE / len(worth)).numpy()


def prompt_worths(rollouts: Rollouts, selection: str, k: int = 1) -> torch.Tensor:
    """Return [N] what there is to learn on each prompt, 0 or more; NaN where no completion has a score.

    A failed score counts as its prompt's mean. Every prompt has the same number of completions.
    """
    rewards = rollouts.rewards().double().view(len(rollouts.prompts), -1)
    scored = ~torch.isnan(rewards)
    means = rewards.nan_to_num().sum(1) / scored.sum(1).clamp(min=1)
    filled = torch.where(scored, rewards, means.unsqueeze(1))
    if selection == "regret":
        best = rewards[scored].max() if bool(scored.any()) else rewards.new_zeros(())
        worth = (best - max_at_k(filled, min(k, filled.shape[1]))).clamp(min=0.0)
    else:
        worth = filled.var(1, correction=0)
    return worth.masked_fill(~scored.any(1), float("nan"))
