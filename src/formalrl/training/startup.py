"""The check before the first step: what the sampler says of its tokens must be what scoring says of them."""

from formalrl.errors import ModelError
from formalrl.models.policy import Policy
from formalrl.sampling import NoiseKey
from formalrl.sampling.gap import as_batch, logprob_gap
from formalrl.training.engine import Engine

NUM_PROMPTS = 4
TOLERANCE = 1e-4
"""Largest difference of log-probabilities in float32, nats."""
LOW_PRECISION_TOLERANCE = 0.5
"""The same where weights or computations are in bfloat16 or quantized."""


def check_logprob_gap(engine: Engine) -> float:
    """Sample a few completions and return the largest |scored - sampled| log-probability.

    Raises:
        ModelError: the two differ, so that every update would be wrong.
    """
    step = max(1, len(engine.train_prompts) // NUM_PROMPTS)
    prompts = [engine.train_prompts[i] for i in range(0, len(engine.train_prompts), step)][:NUM_PROMPTS]
    prompt_ids = [engine.encode(prompt) for prompt in prompts]
    key = NoiseKey(engine.config.seed, 0, 0, list(range(len(prompts))))
    with engine.runtime.autocast():
        samples = engine.sampler.sample(engine.policy, prompt_ids, 2, engine.rule, key, decode=engine.decode)
        gap = logprob_gap(engine.policy, as_batch(prompt_ids, samples, engine.rule), engine.rule)
    allowed = TOLERANCE if full_precision(engine.policy, engine.config.mixed_precision) else LOW_PRECISION_TOLERANCE
    if not gap <= allowed:
        raise ModelError(
            f"Sampled and scored log-probabilities differ by {gap:.2g} nats (allowed: {allowed:g}), so updates would be "
            "wrong: try sampler eager and model.attn_implementation eager, and report the model's architecture."
        )
    return gap


def full_precision(policy: Policy, mixed_precision: str) -> bool:
    """Return whether the policy computes in float32 throughout."""
    return mixed_precision == "no" and all(p.dtype.itemsize == 4 for p in policy.model.parameters())
