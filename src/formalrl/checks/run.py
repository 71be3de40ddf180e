"""Check a task from end to end: choose completions, measure the reward on them, judge."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from formalrl.checks import measure, rules
from formalrl.checks.completions import EMPTY, Reference, choose_prompts, references
from formalrl.checks.report import CheckReport, Finding
from formalrl.errors import ConfigError
from formalrl.rewards._pool import RewardPool, num_cores
from formalrl.rewards.call import RewardKey, fails_whole, reward_of
from formalrl.rewards.classifier import classifier_of
from formalrl.rewards.signature import RewardRow, declares
from formalrl.types import Prompt, Task

Sample = Callable[[Sequence[Prompt]], Sequence[str]]
"""What a model writes: one completion for each prompt; a prompt comes once for each completion wanted of it."""
MAX_OVERLAP_PROMPTS = 20_000


@dataclass(frozen=True)
class CheckSettings:
    """How much is tried, and what a step of the training to come looks like."""

    num_prompts: int = 32
    """Prompts on which the reward is tried."""
    prompts_per_step: int = 64
    num_generations: int = 16
    workers: int | None = None
    """Worker processes; None: one a core."""
    timeout_s: float = 10.0
    """Seconds that one call may take."""
    memory_gib: float | None = 4.0
    """Address space of a worker."""
    budget_s: float = 60.0
    """Seconds that the search for a good constant answer may take, about; slow rewards get fewer calls."""
    seed: int = 0


@dataclass
class _Notes:
    """What has been found so far."""

    measurements: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def check_reward(
    task: Task, settings: CheckSettings | None = None, *, sample: Sample | None = None, name: str = ""
) -> CheckReport:
    """Return what is wrong with a task's reward, and figures about it.

    Args:
        task: the task.
        settings: how much is tried.
        sample: what a model writes, to check the reward on the completions that training will see.
        name: of the task, for the report.

    Raises nothing for what the reward does, ConfigError where a classifier is the reward.
    """
    if classifier_of(task) is not None:
        raise ConfigError(
            "this reward is a classifier on the policy's device, and rewards are checked in workers, which never load"
            " torch: leave this check out; training checks the classifier before it loads the policy."
        )
    settings = settings or CheckSettings()
    notes = _Notes()
    function = reward_of(task)
    prompts = choose_prompts(task, settings.num_prompts, settings.seed)
    try:
        pool = RewardPool(
            function, workers=settings.workers, timeout_s=settings.timeout_s, memory_gib=settings.memory_gib
        )
    except ConfigError as error:
        notes.findings.append(Finding("failure", "cannot_be_loaded", str(error)))
    else:
        with pool:
            answers = _check(task, prompts, pool, function, settings, sample, notes)
        if answers:
            notes.findings += _imports_torch(function, prompts[0], settings)
    notes.findings += _overlap(task)
    return CheckReport(
        name or getattr(task, "name", type(task).__name__.lower()), notes.measurements, tuple(notes.findings)
    )


def _check(
    task: Task,
    prompts: Sequence[Prompt],
    pool: RewardPool,
    function: Callable[..., Any],
    settings: CheckSettings,
    sample: Sample | None,
    notes: _Notes,
) -> bool:
    """Measure and judge; return whether the reward answers at all."""
    pool.cache.max_entries = 0  # what is kept would be neither slow nor random
    found, own, errors = _references(task, prompts, pool)
    rows = [reference.row() for reference in found] or [RewardRow(p.text, "a b c", p.columns) for p in prompts]
    first = measure.errors_in([""] * len(rows[:4]), pool.score(rows[:4], RewardKey(seed=10)))
    if sum(first.kinds.values()) == first.num_rows:  # nothing else can be learned, and each call may take its full time
        notes.findings += rules.of_errors(measure.NO_ERRORS, measure.NO_ERRORS, first)
        return False
    latency = measure.latency(pool, rows)
    rows_per_step = settings.prompts_per_step * settings.num_generations
    notes.findings += rules.of_latency(latency, rows_per_step)
    others = [RewardRow(row.prompt, text, row.columns) for row in rows[:8] for text in ("a", "7 8")]
    repeats = measure.repeats(pool, [*rows[:16], *others])
    notes.findings += rules.of_repeats(
        repeats, declared_batch=fails_whole(function), declared_deterministic=declares(function, "deterministic")
    )
    empty = measure.errors_on(pool, prompts[:4], EMPTY)
    hostile = measure.errors_on(pool, prompts[:1], measure.hostile(prompts[0]))
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
    _compare(task, prompts, pool, found, own, latency, settings, notes)
    if sample is not None:
        _sampled(prompts, pool, settings, sample, notes)
    return True


def _compare(
    task: Task,
    prompts: Sequence[Prompt],
    pool: RewardPool,
    found: Sequence[Reference],
    own: Sequence[float | None],
    latency: measure.Latency,
    settings: CheckSettings,
    notes: _Notes,
) -> None:
    """Right answers against wrong, constant and empty ones."""
    right = measure.mean(own)
    if right is not None:
        wrong = measure.wrong_answers(pool, found, own, getattr(task, "is_correct", None))
        notes.findings += rules.of_wrong(wrong, right)
        notes.measurements |= {"reference_reward": right, "shuffled_reward": wrong.shuffled, "ties": wrong.num_ties}
    answers = list(dict.fromkeys([*_all_answers(task), *(reference.completion for reference in found)]))
    max_calls = int(max(64, min(4096, settings.budget_s / max(latency.together, 1e-4))))
    constant = measure.best_constant(pool, prompts, answers, max_calls)
    lowest = measure.mean(measure.rewards_of(pool, [RewardRow(p.text, "", p.columns) for p in prompts[:8]]))
    tried = [RewardRow(p.text, text, p.columns) for p in prompts[:8] for text in ("a", "7 8", "no good at all", p.text)
             if isinstance(text, str)]  # fmt: skip
    values = [value for value in [*own, *measure.rewards_of(pool, tried), lowest] if value is not None]
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
    task: Task, prompts: Sequence[Prompt], pool: RewardPool
) -> tuple[list[Reference], list[float | None], measure.Errors]:
    """The references that serve best, their rewards, and how the scorer fails on them."""
    best: tuple[list[Reference], list[float | None], measure.Errors] = ([], [], measure.NO_ERRORS)
    for found in references(task, prompts, len(prompts)):
        if not found:
            continue
        scores = pool.score([reference.row() for reference in found], RewardKey(seed=8))
        own = [score.reward for score in scores]
        mean, best_mean = measure.mean(own), measure.mean(best[1])
        if best_mean is None or (mean is not None and mean > best_mean):
            best = (found, own, measure.errors_in([""] * len(scores), scores))
    return best


def _sampled(
    prompts: Sequence[Prompt], pool: RewardPool, settings: CheckSettings, sample: Sample, notes: _Notes
) -> None:
    """The rewards of a model's own completions."""
    size = max(2, settings.num_generations)
    asked = [prompt for prompt in prompts for _ in range(size)]
    rows = [RewardRow(p.text, text, p.columns) for p, text in zip(asked, sample(asked), strict=True)]
    scores = pool.score(rows, RewardKey(seed=9))
    flat = 0
    for start in range(0, len(scores), size):
        values = [score.reward for score in scores[start : start + size] if score.reward is not None]
        flat += len(values) < 2 or max(values) - min(values) <= measure.TOLERANCE
    errors = measure.errors_in([row.completion[:20] for row in rows], scores)
    found = rules.Samples(measure.mean([score.reward for score in scores]), errors, flat / len(prompts))
    notes.findings += rules.of_samples(found)
    notes.measurements |= {
        "sample_reward": found.mean,
        "sample_errors": errors.kinds,
        "groups_without_spread": found.groups_without_spread,
    }


def _imports_torch(function: Callable[..., Any], prompt: Prompt, settings: CheckSettings) -> Iterator[Finding]:
    with RewardPool(
        measure.LoadsTorch(function), workers=1, timeout_s=settings.timeout_s + 60, memory_gib=None
    ) as pool:
        score = pool.score([RewardRow(prompt.text, "a", prompt.columns)], RewardKey())[0]
    if score.reward == 1.0:
        workers = settings.workers or num_cores()
        yield Finding(
            "warning",
            "imports_torch",
            f"the reward imports torch, which each of the {workers} workers loads: seconds at the start and memory.",
            "Move the import into a service of its own, or set reward_workers to 1.",
        )


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
