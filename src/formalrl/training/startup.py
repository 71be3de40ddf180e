"""The check before the first step: what the sampler says of its tokens must be what scoring says of them."""

from typing import get_args

from tokenizers import Tokenizer
from tokenizers.models import WordLevel

from formalrl.errors import ModelError
from formalrl.models.config import Architecture, ModelConfig
from formalrl.models.fresh import fresh_model, wrap_tokenizer
from formalrl.models.load import prepare_for_rl
from formalrl.models.policy import Policy
from formalrl.sampling import NoiseKey, SamplingRule
from formalrl.sampling.fast import Fast
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
        samples = engine.sampler.sample(
            engine.policy,
            prompt_ids,
            2,
            engine.rule,
            key,
            decode=engine.decode,
            constraint=engine.constraint(prompts),
        )
        gap = logprob_gap(engine.policy, as_batch(prompt_ids, samples, engine.rule), engine.rule)
    allowed = TOLERANCE if full_precision(engine.policy, engine.config.mixed_precision) else LOW_PRECISION_TOLERANCE
    if not gap <= allowed:
        raise ModelError(
            f"Sampled and scored log-probabilities differ by {gap:.2g} nats (allowed: {allowed:g}), so updates would "
            "be wrong: try sampler eager and model.attn_implementation eager, and report the model's architecture."
        )
    return gap


def full_precision(policy: Policy, mixed_precision: str) -> bool:
    """Return whether the policy computes in float32 throughout."""
    return mixed_precision == "no" and all(p.dtype.itemsize == 4 for p in policy.model.parameters())


def architecture_gaps() -> dict[str, float]:
    """Return the largest |scored - sampled| log-probability of a tiny random model of every architecture.

    Prompts of mixed lengths, so that wrong positions under padding would show (GPT-2 counts positions absolutely).
    """
    tokenizer = wrap_tokenizer(_doctor_tokenizer())
    rule = SamplingRule(max_completion_length=6, eos_token_ids=(1,), pad_token_id=2, forbidden_token_ids=(0, 2))
    prompts = [[0, 3, 4, 5, 6, 7, 8], [0, 9], [0, 5, 5, 5]]
    gaps: dict[str, float] = {}
    for architecture in get_args(Architecture):
        config = ModelConfig(preset="tiny", architecture=architecture, num_layers=2)
        policy = Policy(prepare_for_rl(fresh_model(config, tokenizer, seed=0)))
        samples = Fast().sample(policy, prompts, 4, rule, NoiseKey(0, 0, 0, [0, 1, 2]))
        gaps[architecture] = logprob_gap(policy, as_batch(prompts, samples, rule), rule)
    return gaps


def _doctor_tokenizer() -> Tokenizer:
    words = ["<bos>", "<eos>", "<pad>", *map(str, range(13))]
    return Tokenizer(WordLevel({word: number for number, word in enumerate(words)}, unk_token="<pad>"))
