"""The rollouts of a step: which prompts, in one round or, with dynamic sampling, in several."""

from collections.abc import Mapping, Sequence

import torch

from formalrl.training.collect import Draw, collect
from formalrl.training.engine import Engine
from formalrl.training.level_prompts import rehearsed
from formalrl.training.prompt_selection import select_prompts
from formalrl.training.replay import remember, replayed
from formalrl.training.rollouts import Rollouts, concatenate, select_groups
from formalrl.training.stopwatch import Stopwatch


def sample_rounds(
    engine: Engine, step: int, memory: Mapping[str, float], clock: Stopwatch
) -> tuple[Rollouts, Rollouts, dict[str, float]]:
    """Return all rollouts of the step, those to learn from, and the memory of prompts (see `replay`) after it.

    With dynamic sampling (DAPO, arXiv 2503.14476, section 3.2) groups whose rewards are all equal are replaced by
    groups of other prompts, for at most `max_sampling_rounds` rounds. Every rank sees all scores, so all decide alike.
    """
    config = engine.config
    again = replayed(config, memory, step, config.prompts_per_step)
    numbers, first = _round(engine, step, 0, config.prompts_per_step, clock, again)
    memory = remember(config, memory, step, numbers, first)
    rounds = [first]
    if not config.dynamic_sampling:
        return first, first, memory
    informative = [groups_with_spread(rounds[0])]
    while len(rounds) < config.max_sampling_rounds:
        missing = config.prompts_per_step - sum(len(groups) for groups in informative)
        if missing <= 0:
            break
        numbers, further = _round(engine, step, len(rounds), missing, clock)
        memory = remember(config, memory, step, numbers, further)
        rounds.append(further)
        informative.append(groups_with_spread(rounds[-1]))
    drawn = concatenate(rounds)
    chosen = [select_groups(part, groups) for part, groups in zip(rounds, informative, strict=True) if groups]
    return drawn, concatenate(chosen) if chosen else first, memory


def _round(
    engine: Engine, step: int, sampling_round: int, count: int, clock: Stopwatch, again: Sequence[int] = ()
) -> tuple[list[int], Rollouts]:
    """Ask `count` prompts, those `again` and those rehearsed among them; return the numbers of all but the latter."""
    earlier = rehearsed(engine, step, sampling_round, count)
    fresh = select_prompts(engine, step, sampling_round, count - len(earlier) - len(again), clock)
    numbers = [*fresh.tolist(), *again]
    prompts = [*(engine.train_prompts[number] for number in numbers), *earlier]
    config = engine.config
    draw = Draw(prompts, config.num_generations, config.seed, step, sampling_round)
    return numbers, collect(engine, draw, engine.rule, clock)


def groups_with_spread(rollouts: Rollouts) -> list[int]:
    """Return the prompts whose scored completions do not all have the same reward."""
    rewards = rollouts.rewards()
    count = len(rollouts.prompts)
    scored = ~torch.isnan(rewards)
    index = rollouts.prompt_index[scored]
    low = torch.full((count,), float("inf")).scatter_reduce_(0, index, rewards[scored], "amin")
    high = torch.full((count,), float("-inf")).scatter_reduce_(0, index, rewards[scored], "amax")
    return torch.nonzero(high > low).flatten().tolist()
