"""Warnings about a run in progress, from its metrics and evaluations so far: what happened, and what to do."""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

RECENT = 10
"""Steps that "lately" looks back on."""
ENTROPY_WINDOW = 20
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Alarm:
    """One warning."""

    name: str
    step: int
    level: Literal["note", "warning", "danger"]
    """"danger": the run is being wasted; "warning": it probably suffers; "note": worth knowing."""
    message: str
    advice: str

    def __str__(self) -> str:
        return f"{self.message}: {self.advice}"


def alarms(metrics: Rows, evals: Rows) -> list[Alarm]:
    """Return what is wrong at the last step, the most serious first; empty for a run without fault or without steps.

    Args:
        metrics: rows of metrics.jsonl so far, by step.
        evals: rows of eval.jsonl so far, by step.
    """
    found = [alarm for check in _CHECKS if (alarm := check(metrics, evals)) is not None]
    order = {"danger": 0, "warning": 1, "note": 2}
    return sorted(found, key=lambda alarm: order[alarm.level])


def _series(rows: Rows, key: str) -> list[float]:
    return [float(row[key]) for row in rows if isinstance(row.get(key), int | float) and math.isfinite(row[key])]


def _lately(metrics: Rows, key: str) -> float | None:
    values = _series(metrics[-RECENT:], key)
    return statistics.fmean(values) if values else None


def _step(rows: Rows) -> int:
    return int(rows[-1].get("step", 0)) if rows else 0


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.0f} %"


def _not_finite(metrics: Rows, _: Rows) -> Alarm | None:
    keys = ("loss/total", "optimizer/grad_norm")
    bad = [k for k in keys if metrics and k in metrics[-1] and not _series(metrics[-1:], k)]
    if not bad:
        return None
    return Alarm(
        "not_finite", _step(metrics), "danger", f"{' and '.join(bad)} is not a finite number",
        "go back to the last checkpoint with a lower learning_rate, or train in float32",
    )  # fmt: skip


def _entropy_fell(metrics: Rows, evals: Rows) -> Alarm | None:
    window = [row for row in metrics if row.get("step", 0) >= _step(metrics) - ENTROPY_WINDOW]
    entropy = _series(window, "policy/entropy")
    if len(entropy) < 3 or max(entropy) <= 0.05 or entropy[-1] > 0.1 * max(entropy):
        return None
    steps = _step(metrics) - int(window[0].get("step", 0))
    accuracy = _series(window, "train/accuracy") or _series(evals[-2:], "accuracy")
    if accuracy and (accuracy[-1] >= 0.9 or accuracy[-1] > accuracy[0] + 0.02):
        return None
    fell = 1 - entropy[-1] / max(entropy)
    while_ = " while accuracy did not rise" if accuracy else ""
    return Alarm(
        "entropy_fell", _step(metrics), "danger", f"entropy fell by {_percent(fell)} in {steps} steps{while_}",
        "add or raise an entropy or batch_entropy regularizer, or lower learning_rate",
    )  # fmt: skip


def _entropy_rose(metrics: Rows, _: Rows) -> Alarm | None:
    entropy, reward = _series(metrics, "policy/entropy"), _series(metrics, "reward/mean")
    if len(entropy) < 2 * RECENT or len(reward) < 2 * RECENT:
        return None
    now, first = statistics.fmean(entropy[-RECENT:]), statistics.fmean(entropy[:3])
    if now < 2 * max(first, 0.1) or statistics.fmean(reward[-RECENT:]) >= statistics.fmean(reward[:RECENT]):
        return None
    return Alarm(
        "entropy_rose", _step(metrics), "warning",
        f"entropy rose from {first:.2f} to {now:.2f} nats while the reward fell",
        "lower the coefficient of the entropy or batch_entropy regularizer, or anneal it (coef_end)",
    )  # fmt: skip


def _no_spread(metrics: Rows, evals: Rows) -> Alarm | None:
    spread = _series(metrics[-3:], "reward/zero_std_fraction")
    if len(spread) < min(3, len(metrics)) or not spread or min(spread) < 1.0:
        return None
    accuracy = _series(metrics[-3:], "train/accuracy") or _series(evals[-1:], "accuracy")
    if accuracy and accuracy[-1] >= 0.99:
        return Alarm(
            "no_spread", _step(metrics), "note", "all groups have zero spread, because all answers are right",
            "there is nothing left to learn from these prompts: stop here, or take harder ones",
        )  # fmt: skip
    return Alarm(
        "no_spread", _step(metrics), "danger", "all groups have zero spread: the loss is 0 and nothing is learned",
        "raise temperature or num_generations, give partial credit in the reward, or warm the policy up first",
    )  # fmt: skip


def _little_spread(metrics: Rows, evals: Rows) -> Alarm | None:
    spread = _lately(metrics, "reward/zero_std_fraction")
    accuracy = _lately(metrics, "train/accuracy")
    if spread is None or not 0.8 <= spread < 1.0 or _no_spread(metrics, evals) or (accuracy or 0.0) >= 0.8:
        return None
    return Alarm(
        "little_spread", _step(metrics), "note", f"lately {_percent(spread)} of the groups had zero spread",
        "most samples teach nothing: use dynamic sampling, or raise num_generations",
    )  # fmt: skip


def _reward_errors(metrics: Rows, _: Rows) -> Alarm | None:
    rate = _lately(metrics, "reward/error_rate")
    if rate is None or rate < 0.01:
        return None
    kinds = {key.rpartition("/")[2]: _lately(metrics, key) or 0.0 for row in metrics[-RECENT:] for key in row
             if key.startswith("reward/error_rate/")}  # fmt: skip
    worst = f", most often {max(kinds, key=lambda kind: kinds[kind])}" if kinds else ""
    shown = _percent(rate) if rate >= 0.095 else f"{100 * rate:.1f} %"
    return Alarm(
        "reward_errors", _step(metrics), "danger" if rate > 0.2 else "warning", f"reward errors {shown}{worst}",
        "failed calls are left out of the loss; mend the reward (the report and samples.jsonl have the tracebacks)",
    )  # fmt: skip


def _truncated(metrics: Rows, _: Rows) -> Alarm | None:
    share = _lately(metrics, "completions/truncated_fraction")
    length = _lately(metrics, "completions/length_mean")
    if share is None or share < 0.5 or (length is not None and length <= 1.0):
        return None
    return Alarm(
        "truncated", _step(metrics), "warning", f"{_percent(share)} of the completions hit the length limit",
        "raise max_completion_length, give a stop string, or warm the policy up on examples with an end token",
    )  # fmt: skip


def _sampler_gap(metrics: Rows, _: Rows) -> Alarm | None:
    gaps = _series(metrics[-RECENT:], "sampler/logprob_gap")
    if not gaps or max(gaps) < 0.05:
        return None
    return Alarm(
        "sampler_gap", _step(metrics), "danger" if max(gaps) > 1 else "warning",
        f"sampled and scored log-probabilities differ by up to {max(gaps):.2g} nats",
        "the updated policy is not the one that sampled: use the eager sampler or float32, and run formalrl doctor",
    )  # fmt: skip


def _clipping(metrics: Rows, _: Rows) -> Alarm | None:
    clipped = _lately(metrics, "policy/clip_fraction")
    if clipped is None or clipped < 0.3:
        return None
    return Alarm(
        "clipping", _step(metrics), "warning", f"{_percent(clipped)} of the tokens are clipped",
        "the updates are too large: lower learning_rate or num_ppo_epochs, or set target_kl",
    )  # fmt: skip


def _kl_jump(metrics: Rows, _: Rows) -> Alarm | None:
    divergence = _series(metrics, "policy/kl_ref")
    if len(divergence) < 2 * RECENT:
        return None
    now, before = statistics.fmean(divergence[-3:]), statistics.median(divergence[:-3])
    if now < 1.0 or now < 10 * max(before, 0.05):
        return None
    return Alarm(
        "kl_jump", _step(metrics), "warning",
        f"KL to the reference rose to {now:.2g} nats per token, {now / max(before, 0.05):.0f} times its usual value",
        "look at the completions for gibberish; raise the kl coefficient or lower learning_rate",
    )  # fmt: skip


def _gradient_jump(metrics: Rows, _: Rows) -> Alarm | None:
    norms = _series(metrics, "optimizer/grad_norm")
    if len(norms) < RECENT or norms[-1] < 100 * max(statistics.median(norms), 1e-8):
        return None
    return Alarm(
        "gradient_jump", _step(metrics), "warning",
        f"the gradient norm is {norms[-1]:.3g}, more than 100 times its median",
        "set max_grad_norm, or lower learning_rate",
    )  # fmt: skip


def _blind_value_head(metrics: Rows, _: Rows) -> Alarm | None:
    explained = _series(metrics, "value/explained_variance")
    if len(explained) < 2 * RECENT or statistics.fmean(explained[-RECENT:]) >= 0.0:
        return None
    return Alarm(
        "blind_value_head", _step(metrics), "warning",
        f"the value head explains less than nothing (explained variance {statistics.fmean(explained[-RECENT:]):.2f})",
        "raise vf_coef or the learning rate, or use an algorithm without a value head (grpo, rloo)",
    )  # fmt: skip


def _reward_without_accuracy(_: Rows, evals: Rows) -> Alarm | None:
    both = [row for row in evals if _series([row], "accuracy") and _series([row], "reward")]
    if len(both) < 2:
        return None
    best = max(both[:-1], key=lambda row: row["accuracy"])
    now = both[-1]
    if now["accuracy"] > best["accuracy"] - 0.05 or now["reward"] <= best["reward"]:
        return None
    return Alarm(
        "reward_without_accuracy", _step(evals), "warning",
        f"accuracy fell from {_percent(best['accuracy'])} (step {best.get('step', 0)}) to {_percent(now['accuracy'])} "
        "although the reward rose",
        "the reward pays for something else than being right: look at the best-paid wrong completions",
    )  # fmt: skip


def _collapsed(_: Rows, evals: Rows) -> Alarm | None:
    if not evals or evals[-1].get("verdict") != "collapsed" or _step(evals) == 0:
        return None
    return Alarm(
        "collapsed", _step(evals), "danger", "the policy has collapsed to a few answers",
        "go back to the last healthy checkpoint; add a batch_entropy regularizer, or lower learning_rate",
    )  # fmt: skip


def _slow_reward(metrics: Rows, _: Rows) -> Alarm | None:
    reward, step = _lately(metrics, "time/reward_s"), _lately(metrics, "time/step_s")
    if not reward or not step or len(metrics) < 5 or reward < 0.5 * step:
        return None
    return Alarm(
        "slow_reward", _step(metrics), "note", f"the reward takes {_percent(reward / step)} of the time of a step",
        "raise the number of reward workers, or make the reward cheaper",
    )  # fmt: skip


_CHECKS: tuple[Callable[[Rows, Rows], Alarm | None], ...] = (
    _not_finite,
    _collapsed,
    _entropy_fell,
    _no_spread,
    _reward_errors,
    _reward_without_accuracy,
    _entropy_rose,
    _little_spread,
    _truncated,
    _sampler_gap,
    _clipping,
    _kl_jump,
    _gradient_jump,
    _blind_value_head,
    _slow_reward,
)
