"""Which prompts a round asks: the next of the shuffled epochs, or those on which the policy is still undecided."""

import numpy as np

from formalrl.sampling import NoiseKey
from formalrl.training.engine import Engine
from formalrl.training.prompts import PromptStream, draw_by_weight
from formalrl.training.stopwatch import Stopwatch

_SELECTION_SEED = 0x5E1EC7


def select_prompts(engine: Engine, step: int, sampling_round: int, count: int, clock: Stopwatch) -> np.ndarray:
    """Return `count` numbers of training prompts; the same on every rank.

    "uniform" takes the next of the stream. "learnability" draws `candidates_per_prompt` times as many and keeps prompts
    with chances proportional to how undecided the policy is: 1 - sum_z p(z|x)^2, the probability that two completions
    differ. It bounds the reward variance p(1 - p) that learnability sampling (arXiv 2502.12272) asks for, needs no reward,
    and is estimated without bias by 1 - p(z|x) of one sampled completion a candidate.
    """
    stream = PromptStream(len(engine.train_prompts), engine.config.seed)
    if engine.config.prompt_selection == "uniform":
        return stream.indices(step, count, sampling_round)
    with clock("select"):
        candidates = stream.indices(step, count * engine.config.candidates_per_prompt, sampling_round)
        weights = _disagreement(engine, candidates, step, sampling_round)
        return candidates[draw_by_weight(weights, count, [engine.config.seed, step, sampling_round])]


def _disagreement(engine: Engine, candidates: np.ndarray, step: int, sampling_round: int) -> np.ndarray:
    """[N] estimate of the chance that two completions of a candidate differ."""
    own = engine.runtime.share(len(candidates))
    weights: list[float] = []
    if len(own):
        prompts = [engine.train_prompts[int(candidates[i])] for i in own]
        key = NoiseKey(engine.config.seed + _SELECTION_SEED, step, sampling_round, list(own))
        with engine.runtime.autocast():
            samples = engine.sampler.sample(
                engine.policy, [engine.encode(prompt) for prompt in prompts], 1, engine.rule, key, decode=engine.decode
            )
        weights = (1.0 - samples.logprobs.double().sum(1).exp()).clamp(min=0.0).tolist()
    return np.array(engine.runtime.gather(weights))
