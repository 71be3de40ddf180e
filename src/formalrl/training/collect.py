"""One round of rollouts: sample, decode, score; shared out over ranks, known to all of them afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from formalrl.rewards.call import RewardKey
from formalrl.rewards.signature import RewardRow
from formalrl.sampling import NoiseKey, SamplingRule
from formalrl.training.engine import Engine
from formalrl.training.rollouts import Rollouts, concatenate, decode_rows
from formalrl.training.stopwatch import Stopwatch
from formalrl.types import Prompt, Score


@dataclass(frozen=True)
class Draw:
    """Prompts to ask and the key of their noise."""

    prompts: Sequence[Prompt]
    num_generations: int
    seed: int
    step: int
    sampling_round: int = 0


def collect(engine: Engine, draw: Draw, rule: SamplingRule, clock: Stopwatch) -> Rollouts:
    """Return `num_generations` scored completions of every prompt, the same on every rank."""
    own = engine.runtime.share(len(draw.prompts))
    part = _own_rollouts(engine, draw, own, rule, clock) if len(own) else None
    with clock("gather"):
        parts = engine.runtime.gather([part])
    return concatenate([part for part in parts if part is not None])


def _own_rollouts(engine: Engine, draw: Draw, own: range, rule: SamplingRule, clock: Stopwatch) -> Rollouts:
    prompts = [draw.prompts[i] for i in own]
    prompt_ids = [engine.encode(prompt) for prompt in prompts]
    prompt_index = torch.arange(len(prompts)).repeat_interleave(draw.num_generations)
    with clock("sample"):
        with engine.runtime.autocast():
            samples = engine.sampler.sample(
                engine.policy,
                prompt_ids,
                draw.num_generations,
                rule,
                NoiseKey(seed=draw.seed, step=draw.step, round=draw.sampling_round, prompt_numbers=list(own)),
                max_lengths=length_limits(prompts, rule),
                decode=engine.decode,
                constraint=engine.constraint(prompts),
            ).to("cpu")
        completions = decode_rows(samples, engine.decode)
    with clock("reward"):
        asked = [prompts[i] for i in prompt_index.tolist()]
        rows = [RewardRow(p.text, c.text, p.columns) for p, c in zip(asked, completions, strict=True)]
        first_row = own.start * draw.num_generations
        key = RewardKey(draw.seed, draw.step, draw.sampling_round, first_row)
        scores, correct = judge(engine, rows, engine.scorer.score(rows, key), key)
    return Rollouts(prompts, prompt_ids, prompt_index, samples, completions, scores, correct)


def length_limits(prompts: Sequence[Prompt], rule: SamplingRule) -> list[int] | None:
    """Return the `max_completion_length` column of each prompt, where the task sets one."""
    if not any("max_completion_length" in prompt.columns for prompt in prompts):
        return None
    limit = rule.max_completion_length
    return [min(limit, int(prompt.columns.get("max_completion_length", limit))) for prompt in prompts]


def judge(
    engine: Engine, rows: Sequence[RewardRow], scores: Sequence[Score], key: RewardKey
) -> tuple[list[Score], list[bool | None]]:
    """Return the scores, and whether each completion is right: by the reward's part `correct`, else by `is_correct`.

    None stands where the task says neither, or the scorer failed. A row on which `is_correct` fails has failed.
    """
    given = [score.parts.get("correct") for score in scores]
    if not all(value is None for value in given):
        return list(scores), [None if value is None else value == 1.0 for value in given]
    if getattr(engine.task, "is_correct", None) is None:
        return list(scores), [None] * len(scores)
    verdicts = engine.scorer.judge(rows, key)
    judged = [score if score.error or not said.error else said for score, said in zip(scores, verdicts, strict=True)]
    return judged, [None if verdict.reward is None else verdict.reward == 1.0 for verdict in verdicts]
