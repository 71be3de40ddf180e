"""Evaluation on held-out prompts: accuracy, reward, the baselines that expose a collapse, and a verdict in words."""

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from formalrl.diagnostics.answers import AnswerStatistics, answer_statistics
from formalrl.diagnostics.baselines import AnswerTable, Row, answer_table, candidate_answers, extend_table
from formalrl.diagnostics.language import language_statistics
from formalrl.diagnostics.shuffled import shuffled_reward
from formalrl.diagnostics.verdict import Evidence, judge
from formalrl.rewards.call import RewardKey
from formalrl.rewards.signature import RewardRow
from formalrl.training.collect import Draw, collect
from formalrl.training.engine import Engine
from formalrl.training.policy_diagnostics import measure_policy
from formalrl.training.rollouts import Rollouts, written_tokens
from formalrl.training.stopwatch import Stopwatch
from formalrl.types import Score

EVALUATION_SEED = 0x5EED
"""Added to the run's seed, so that evaluation and training never share sampling noise."""
_REWARD_STEP = 2**31
"""The step of reward keys in baselines, apart from those of training."""


@dataclass(frozen=True)
class Evaluation:
    """What one evaluation found."""

    row: dict[str, Any]
    """A line of eval.jsonl; `docs/metrics.md` lists the keys."""
    rollouts: Rollouts
    table: AnswerTable | None
    """Rewards of fixed answers, to be extended by the next evaluation."""


def evaluate(
    engine: Engine, step: int, table: AnswerTable | None = None, first_entropy: float | None = None
) -> Evaluation:
    """Evaluate the policy on `engine.eval_prompts` at `eval_temperature`; all ranks take part and get the same result.

    Args:
        engine: the parts of the run.
        step: steps of training so far; keys the sampling noise.
        table: the answer table of an earlier evaluation on the same prompts, which is then only extended.
        first_entropy: the policy's entropy at step 0, where known.
    """
    config = engine.config
    rule = dataclasses.replace(engine.rule, temperature=config.eval_temperature)
    draw = Draw(engine.eval_prompts, 1, config.seed + EVALUATION_SEED, step)
    rollouts = collect(engine, draw, rule, Stopwatch())
    policy = measure_policy(engine, step)
    answers = _answers(engine, rollouts)
    fixed: AnswerTable = engine.runtime.from_main(_table(engine, rollouts, table) if engine.runtime.is_main else None)
    shuffled = engine.runtime.from_main(_shuffled(engine, rollouts) if engine.runtime.is_main else None)
    row = _summary(rollouts, engine.rule.eos_token_ids) | {
        "step": step,
        "temperature": config.eval_temperature,
        "constant_baseline": fixed.value(1),
        "two_answer_baseline": fixed.value(min(2, len(fixed.answers))),
        "eight_answer_baseline": fixed.value(min(8, len(fixed.answers))),
        "reference_reward": fixed.ceiling if fixed.complete else None,
        "best_constant_answer": fixed.answers[fixed.best(1).indices[0]] if fixed.best(1).indices else None,
        "shuffled_reward": shuffled,
        "most_common_answer": answers.most_common_answer,
        "most_common_share": answers.most_common_share,
        "num_distinct": answers.num_distinct,
        "top_answers": [list(pair) for pair in answers.top_answers],
        **policy,
    }
    verdict = judge(_evidence(row, answers, fixed, first_entropy))
    row |= {"verdict": verdict.verdict, "verdict_sentence": verdict.sentence}
    return Evaluation(row, rollouts, fixed)


def _summary(rollouts: Rollouts, ends: Collection[int]) -> dict[str, Any]:
    rewards = [score.reward for score in rollouts.scores if score.reward is not None]
    judged = [flag for flag in rollouts.correct if flag is not None]
    return {
        "n": len(rollouts),
        "accuracy": sum(judged) / len(judged) if judged else None,
        "reward": sum(rewards) / len(rewards) if rewards else None,
        "parts": mean_parts(rollouts.scores),
        "error_rate": 1.0 - len(rewards) / len(rollouts),
        "length_mean": float(rollouts.samples.mask.sum(1).mean()),
        "truncated_fraction": float(rollouts.truncated().float().mean()),
        **dataclasses.asdict(language_statistics(written_tokens(rollouts, ends))),
    }


def mean_parts(scores: Sequence[Score]) -> dict[str, float]:
    """Return the mean of every part of the reward, over the completions that have it."""
    found: dict[str, list[float]] = {}
    for score in scores:
        for name, value in score.parts.items():
            found.setdefault(name, []).append(value)
    return {name: sum(values) / len(values) for name, values in found.items()}


def _answers(engine: Engine, rollouts: Rollouts) -> AnswerStatistics:
    answer_of = getattr(engine.task, "answer_of", None) or str.strip
    return answer_statistics([answer_of(completion.text) for completion in rollouts.completions])


def score_rows(engine: Engine, rows: Sequence[Row]) -> list[Score]:
    """Call the reward outside of rollouts: for baselines and shuffled references."""
    return engine.scorer.score([RewardRow(*row) for row in rows], RewardKey(engine.config.seed, _REWARD_STEP))


def _table(engine: Engine, rollouts: Rollouts, table: AnswerTable | None) -> AnswerTable:
    """Return the rewards of fixed answers: all of the task's, where it lists them, else the common ones seen so far."""
    seen = [completion.text for completion in rollouts.completions]
    if table is not None:
        return extend_table(table, rollouts.prompts, seen, lambda rows: score_rows(engine, rows))
    list_answers = getattr(engine.task, "answers", None)
    known = (list_answers() or None) if list_answers else None
    answers, complete = candidate_answers(len(rollouts.prompts), seen, known)
    return answer_table(rollouts.prompts, answers, complete, lambda rows: score_rows(engine, rows))


def _shuffled(engine: Engine, rollouts: Rollouts) -> float | None:
    rows = [(p.text, c.text, p.columns) for p, c in zip(rollouts.prompts, rollouts.completions, strict=True)]
    return shuffled_reward(rows, lambda mixed: score_rows(engine, mixed)).shuffled


def _evidence(
    row: Mapping[str, Any], answers: AnswerStatistics, table: AnswerTable, first_entropy: float | None
) -> Evidence:
    return Evidence(
        step=row["step"],
        answers=answers,
        num_prompts=row["n"],
        reward=row["reward"],
        accuracy=row["accuracy"],
        error_rate=row["error_rate"],
        temperature=row["temperature"],
        entropy=row["entropy"],
        first_entropy=first_entropy,
        dependence=row["prompt_dependence"],
        dependence_nats=row["prompt_dependence_nats"],
        table=table,
    )


def sample_rows(rollouts: Rollouts, step: int, split: str, count: int) -> list[dict[str, Any]]:
    """Return the first completions of the first `count` prompts as lines of samples.jsonl."""
    firsts: dict[int, int] = {}
    for row, prompt in enumerate(rollouts.prompt_index.tolist()):
        firsts.setdefault(prompt, row)
    return [_sample_row(rollouts, row, step, split) for row in list(firsts.values())[:count]]


def failed_rows(rollouts: Rollouts, step: int, count: int) -> list[dict[str, Any]]:
    """Return completions whose scorer failed as lines of samples.jsonl, with what happened: the first of each kind of
    error, then others, up to `count` together (but one of each kind always)."""
    failed = [(row, score.error) for row, score in enumerate(rollouts.scores) if score.error]
    firsts = {error: row for row, error in reversed(failed)}
    others = [row for row, _ in failed if row not in firsts.values()]
    chosen = sorted([*firsts.values(), *others[: max(0, count - len(firsts))]])
    return [_sample_row(rollouts, row, step, "train") for row in chosen]


def _sample_row(rollouts: Rollouts, row: int, step: int, split: str) -> dict[str, Any]:
    prompt, score = rollouts.prompts[int(rollouts.prompt_index[row])], rollouts.scores[row]
    return {
        "step": step,
        "split": split,
        "prompt": prompt.text,
        "completion": rollouts.completions[row].text,
        "reward": score.reward,
        "error": score.error,
        "detail": score.detail,
        "correct": rollouts.correct[row],
        "parts": dict(score.parts),
        "columns": dict(prompt.columns),
    }
