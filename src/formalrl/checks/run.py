"""Check a task from end to end: choose completions, measure the reward on them, judge."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from formalrl.checks import measure, rules
from formalrl.checks.completions import EMPTY, Reference, choose_prompts, references
from formalrl.checks.report import CheckReport, Finding
from formalrl.checks.samples import Sample, sampled
from formalrl.checks.scoring import imports_torch, open_scorer_to_check, torch_in_workers
from formalrl.checks.subject import config_to_check
from formalrl.errors import ConfigError
from formalrl.rewards.call import RewardKey, fails_whole, reward_of
from formalrl.rewards.scorers import Scorer
from formalrl.rewards.signature import RewardRow, declares
from formalrl.types import Prompt, Task

MAX_OVERLAP_PROMPTS = 20_000


@dataclass(frozen=True)
class CheckSettings:
    """How much is tried, and what a step of the training to come looks like."""

    num_prompts: int = 32
    """Prompts on which the reward is tried."""
    prompts_per_step: int | None = None
    """Of that training; None, here and below: as the task's defaults say, or the run that the model is of."""
    num_generations: int | None = None
    """Completions of each prompt in that training."""
    num_samples: int | None = None
    """Completions of each prompt that a model is asked for, 2 or more; None: as many as `num_generations`."""
    temperature: float | None = None
    """Of a model's samples."""
    max_completion_length: int | None = None
    """Tokens that a model's samples may have."""
    workers: int | None = None
    """Worker processes; None: one a core."""
    timeout_s: float = 10.0
    """Seconds that one call may take."""
    memory_gib: float | None = 4.0
    """Address space of a worker."""
    budget_s: float = 60.0
    """Seconds that the search for a good constant answer may take, about; slow rewards get fewer calls."""
    seed: int = 0

    def training(self) -> dict[str, Any]:
        """Return those that are settings of the training to come."""
        names = ("prompts_per_step", "num_generations", "temperature", "max_completion_length")
        return {name: getattr(self, name) for name in names}


@dataclass
class _Notes:
    """What has been found so far."""

    rows_per_step: int
    """Completions of a step of the training to come."""
    samples_per_prompt: int
    measurements: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def check_reward(
    task: Any,
    settings: CheckSettings | None = None,
    *,
    model: str | Path | None = None,
    sample: Sample | None = None,
    name: str = "",
) -> CheckReport:
    """Return what is wrong with a task's reward, and figures about it.

    Args:
        task: a task, its name or file, or `(prompts, reward)`.
        settings: how much is tried.
        model: a run folder, a checkpoint, a model's folder or a name on the hub, to check the reward on its samples.
        sample: what a model writes, in place of `model`.
        name: of the task, for the report.

    Raises nothing for what the reward does; FormalRLError for a task, a model or a classifier that cannot be loaded.
    """
    settings = settings or CheckSettings()
    config = config_to_check(task, model, settings.training())
    size = config.num_generations if settings.num_samples is None else settings.num_samples
    if (model is not None or sample is not None) and size < 2:
        raise ConfigError(f"groups of {size!r} samples have no spread to look at: set num_samples to 2 or more.")
    subject = config.load_task()
    if model is not None:
        from formalrl.checks.sampler import open_sampler  # this loads torch

        sample = open_sampler(config, subject, model, settings.seed)
    notes = _Notes(rows_per_step=config.prompts_per_step * config.num_generations, samples_per_prompt=size)
    _check(subject, settings, sample, notes)
    notes.findings += _overlap(subject)
    shown = name or (task if isinstance(task, str) else getattr(subject, "name", type(subject).__name__.lower()))
    return CheckReport(shown, notes.measurements, tuple(notes.findings))


def _check(task: Task, settings: CheckSettings, sample: Sample | None, notes: _Notes) -> None:
    """Measure and judge; what is in the way of everything else ends it."""
    function = reward_of(task)
    prompts = choose_prompts(task, settings.num_prompts, settings.seed)
    limits = {"workers": settings.workers, "timeout_s": settings.timeout_s, "memory_gib": settings.memory_gib}
    try:
        scorer, about_torch = open_scorer_to_check(task, function, prompts[0], **limits)
    except ConfigError as error:
        notes.findings.append(Finding("failure", "cannot_be_loaded", str(error)))
        return
    with closing(scorer):
        answers = _measure(task, prompts, scorer, function, settings, sample, notes)
    if about_torch is not None:
        notes.findings.append(about_torch)
    elif answers and imports_torch(function, prompts[0], settings.timeout_s):
        notes.findings.append(torch_in_workers(settings.workers))


def _measure(
    task: Task,
    prompts: Sequence[Prompt],
    scorer: Scorer,
    function: Callable[..., Any],
    settings: CheckSettings,
    sample: Sample | None,
    notes: _Notes,
) -> bool:
    """Measure and judge; return whether the reward answers at all."""
    found, own, errors = _references(task, prompts, scorer)
    rows = [reference.row() for reference in found] or [RewardRow(p.text, "a b c", p.columns) for p in prompts]
    first = measure.errors_in([""] * len(rows[:4]), scorer.score(rows[:4], RewardKey(seed=10)))
    if sum(first.kinds.values()) == first.num_rows:  # nothing else can be learned, and each call may take its full time
        notes.findings += rules.of_errors(measure.NO_ERRORS, measure.NO_ERRORS, first)
        return False
    latency = measure.latency(scorer, rows)
    rows_per_step = notes.rows_per_step
    notes.findings += rules.of_latency(latency, rows_per_step)
    others = [RewardRow(row.prompt, text, row.columns) for row in rows[:8] for text in ("a", "7 8")]
    repeats = measure.repeats(scorer, [*rows[:16], *others])
    notes.findings += rules.of_repeats(
        repeats, declared_batch=fails_whole(function), declared_deterministic=declares(function, "deterministic")
    )
    empty = measure.errors_on(scorer, prompts[:4], EMPTY)
    hostile = measure.errors_on(scorer, prompts[:1], measure.hostile(prompts[0]))
    notes.findings += rules.of_errors(empty, hostile, errors)
    notes.measurements |= {
        "latency_median_s": latency.median,
        "latency_p95_s": latency.p95,
        "rows_per_step": rows_per_step,
        "reward_s_per_step": latency.together * rows_per_step,
        "errors_on_empty": empty.kinds,
        "errors_on_hostile": hostile.kinds,
        "num_references": len(found),
    }
    _compare(task, prompts, scorer, found, own, latency, settings, notes)
    if sample is not None:
        _sampled(prompts, scorer, sample, notes)
    return True


def _compare(
    task: Task,
    prompts: Sequence[Prompt],
    scorer: Scorer,
    found: Sequence[Reference],
    own: Sequence[float | None],
    latency: measure.Latency,
    settings: CheckSettings,
    notes: _Notes,
) -> None:
    """Right answers against wrong, constant and empty ones."""
    right = measure.mean(own)
    if right is not None:
        wrong = measure.wrong_answers(scorer, found, own, getattr(task, "is_correct", None))
        notes.findings += rules.of_wrong(wrong, right)
        notes.measurements |= {"reference_reward": right, "shuffled_reward": wrong.shuffled, "ties": wrong.num_ties}
    answers = list(dict.fromkeys([*_all_answers(task), *(reference.completion for reference in found)]))
    max_calls = int(max(64, min(4096, settings.budget_s / max(latency.together, 1e-4))))
    constant = measure.best_constant(scorer, prompts, answers, max_calls)
    lowest = measure.mean(measure.rewards_of(scorer, [RewardRow(p.text, "", p.columns) for p in prompts[:8]]))
    tried = [RewardRow(p.text, text, p.columns) for p in prompts[:8] for text in ("a", "7 8", "no good at all", p.text)
             if isinstance(text, str)]  # fmt: skip
    values = [value for value in [*own, *measure.rewards_of(scorer, tried), lowest] if value is not None]
    if not values:
        return
    low, high = min(values), max(values)
    if constant is not None:
        high = max(high, constant.reward)
    notes.findings += rules.of_spread(low, high)
    if constant is not None:
        notes.findings += rules.of_constant(constant, right, low, high)
        notes.measurements |= {"constant_answer": constant.answer, "constant_reward": constant.reward}
    notes.measurements |= {"empty_reward": lowest, "lowest_reward": low, "highest_reward": high}


def _references(
    task: Task, prompts: Sequence[Prompt], scorer: Scorer
) -> tuple[list[Reference], list[float | None], measure.Errors]:
    """The references that serve best, their rewards, and how the scorer fails on them."""
    best: tuple[list[Reference], list[float | None], measure.Errors] = ([], [], measure.NO_ERRORS)
    for found in references(task, prompts, len(prompts)):
        if not found:
            continue
        scores = scorer.score([reference.row() for reference in found], RewardKey(seed=8))
        own = [score.reward for score in scores]
        mean, best_mean = measure.mean(own), measure.mean(best[1])
        if best_mean is None or (mean is not None and mean > best_mean):
            best = (found, own, measure.errors_in([""] * len(scores), scores))
    return best


def _sampled(prompts: Sequence[Prompt], scorer: Scorer, sample: Sample, notes: _Notes) -> None:
    """The rewards of a model's own completions."""
    found = sampled(prompts, scorer, sample, notes.samples_per_prompt)
    slow = any(finding.name == "slow" for finding in notes.findings)
    notes.findings += [
        f for f in rules.of_samples(found, notes.rows_per_step) if not (slow and f.name.startswith("slow"))
    ]
    notes.measurements |= {
        "num_samples": found.num_rows,
        "sample_reward": found.mean,
        "sample_lowest_reward": found.low,
        "sample_highest_reward": found.high,
        "groups_without_spread": found.groups_without_spread,
        "sample_errors": found.errors.kinds,
        "sample_latency_median_s": found.latency.median,
        "sample_latency_p95_s": found.latency.p95,
        "sample_reward_s_per_step": found.latency.together * notes.rows_per_step,
        "sample_own_reward": found.own,
        "sample_shuffled_reward": found.shuffled,
        "sample_completions": list(found.shown),
    }


def _overlap(task: Task) -> Iterator[Finding]:
    """Held-out prompts that training sees too."""
    held_out = task.eval_prompts()
    texts = {repr(held_out[n].text) for n in range(min(len(held_out), MAX_OVERLAP_PROMPTS))}
    training = task.train_prompts()
    both = texts & {repr(training[n].text) for n in range(min(len(training), MAX_OVERLAP_PROMPTS))}
    examples = getattr(task, "examples", None)
    shown = texts & {repr(prompt) for prompt, _ in examples(256, 0)} if examples is not None else set()
    for name, common, where in (
        ("held_out_in_training", both, "train_prompts"),
        ("held_out_in_examples", shown, "examples"),
    ):
        if common:
            yield Finding(
                "failure",
                name,
                f"{len(common)} held-out prompts are in {where}() too, for example {next(iter(common))[:60]}.",
                "Hold prompts out by a rule on their text, so that accuracy means something.",
            )


def _all_answers(task: Task) -> list[str]:
    answers = getattr(task, "answers", None)
    found: Sequence[str] | None = answers() if answers is not None else None
    return list(found or ())[:200]
