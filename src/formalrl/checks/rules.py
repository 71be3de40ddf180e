"""From measurements to findings: which figure is a failure, which a warning, and what to change."""

from collections.abc import Iterator

from formalrl.checks.measure import TOLERANCE, Constant, Errors, Latency, Repeats, Wrong
from formalrl.checks.report import Finding, Level
from formalrl.checks.samples import Samples

SLOW_STEP_S, ENDLESS_STEP_S = 10.0, 300.0
"""Seconds of scoring in a step from which a reward is called slow, and too slow to train with."""
NEARLY = 0.7
"""Share of what right answers earn from which a constant answer is worth a warning."""
MANY = 0.5
"""Share of rows or groups from which a fault is a failure, not a warning."""


def of_latency(
    latency: Latency, rows_per_step: int, name: str = "slow", what: str = "completions"
) -> Iterator[Finding]:
    """Judge what a step's scoring costs."""
    seconds = latency.together * rows_per_step
    if seconds > SLOW_STEP_S:
        level = "failure" if seconds > ENDLESS_STEP_S else "warning"
        yield Finding(
            level,
            name,
            f"scoring the {rows_per_step} {what} of a step takes {seconds:.0f} s"
            f" (one call: median {latency.median:.3g} s, p95 {latency.p95:.3g} s).",
            "Make the reward faster, lower prompts_per_step or num_generations, or use more workers (more cores).",
        )


def of_repeats(found: Repeats, *, declared_batch: bool, declared_deterministic: bool) -> Iterator[Finding]:
    """Judge whether a reward repeats itself."""
    if found.same_seed:
        yield Finding(
            "failure",
            "nondeterministic",
            f"{found.same_seed} of {found.num_rows} rows got another reward when they were scored again.",
            "Use `random` or `numpy.random`, which are seeded for every call, and keep no state between calls.",
        )
    elif found.other_seed:
        level = "failure" if declared_deterministic else "warning"
        yield Finding(
            level,
            "random",
            f"{found.other_seed} of {found.num_rows} rows get another reward with another random seed.",
            "Averaging over more draws lowers the noise of the gradient; do not declare such a reward deterministic.",
        )
    if found.alone and not found.same_seed:
        level = "note" if declared_batch else "failure"
        yield Finding(
            level,
            "depends_on_the_batch",
            f"{found.alone} of {found.num_rows} rows get another reward when they are scored alone.",
            "" if declared_batch else "Score each row by itself, or set `batch_dependent = True` on the function.",
        )


def of_errors(empty: Errors, hostile: Errors, reference: Errors) -> Iterator[Finding]:
    """Judge where the scorer fails."""
    first = "Its first traceback ends: "
    sorts: tuple[tuple[str, Errors, Level, str], ...] = (
        ("errors_on_references", reference, "failure", "right answers"),
        ("errors_on_empty", empty, "failure", "empty completions, which an untrained policy writes"),
        ("errors_on_hostile", hostile, "warning", "odd completions"),
    )
    for name, errors, level, what in sorts:
        if errors.kinds:
            kinds = ", ".join(f"{kind} {count}" for kind, count in errors.kinds.items())
            which = f" ({', '.join(errors.names[:6])})" if name == "errors_on_hostile" else ""
            last = errors.detail.strip().splitlines()[-1] if errors.detail.strip() else ""
            yield Finding(
                level,
                name,
                f"the scorer fails on {what}{which}: {kinds} of {errors.num_rows} calls.",
                f"Give a low reward instead of failing. {first}{last}" if last else "Give a low reward instead.",
            )


def of_wrong(wrong: Wrong, right: float) -> Iterator[Finding]:
    """Judge whether right answers are told from wrong ones."""
    share = wrong.num_ties / max(1, wrong.num_prompts)
    if share > 0:
        yield Finding(
            "failure" if share >= MANY else "warning",
            "tied_with_wrong",
            f"on {wrong.num_ties} of {wrong.num_prompts} prompts a wrong answer earns as much as the right one"
            f" (for example {_short(wrong.example)}).",
            "Make the reward depend on what makes the answer right.",
        )
    if wrong.shuffled is not None and right - wrong.shuffled <= TOLERANCE:
        yield Finding(
            "failure",
            "ignores_the_prompt",
            f"answers of other prompts earn {wrong.shuffled:.3g}, right answers {right:.3g}.",
            "The reward must compare the completion with its own prompt or columns.",
        )
    if wrong.levels == 1 and share == 0:
        yield Finding(
            "note",
            "all_or_nothing",
            "all wrong answers earn the same: a policy that never answers right learns nothing.",
            "Grade nearly right answers, or warm the model up first.",
        )


def of_constant(constant: Constant, right: float | None, low: float, high: float) -> Iterator[Finding]:
    """Judge what one answer to every prompt can earn."""
    top = high if right is None else right
    if top - low <= TOLERANCE:
        return
    share = (constant.reward - low) / (top - low)
    if share < NEARLY:
        return
    earned = f"{_short(constant.answer)} as the answer to every prompt earns {constant.reward:.3g}"
    against = f"right answers earn {top:.3g}" if right is not None else f"the highest reward seen is {top:.3g}"
    yield Finding(
        "failure" if right is not None and share > 0.99 else "warning",
        "constant_answer",
        f"{earned}; {against}: the policy may collapse to it.",
        "Watch prompt dependence, use batch entropy, and subtract what a constant earns when you read the reward.",
    )


def of_spread(low: float, high: float) -> Iterator[Finding]:
    """Judge whether rewards differ at all."""
    if high - low <= TOLERANCE:
        yield Finding(
            "failure",
            "no_spread",
            f"every completion tried earns {high:.3g}.",
            "A reward without differences teaches nothing: check its columns and what it compares.",
        )


def of_samples(samples: Samples, rows_per_step: int) -> Iterator[Finding]:
    """Judge the rewards of a model's own completions."""
    if samples.errors.kinds:
        failed = sum(samples.errors.kinds.values()) / samples.errors.num_rows
        kinds = ", ".join(f"{kind} {count}" for kind, count in samples.errors.kinds.items())
        last = samples.errors.detail.strip().splitlines()[-1:]
        yield Finding(
            "failure" if failed >= MANY else "warning",
            "errors_on_samples",
            f"the scorer fails on {failed:.0%} of the model's completions ({kinds}).",
            " ".join(["Give a low reward instead of failing, or raise the limits of time and memory.",
                      *(f"Its first traceback ends: {line}" for line in last)]),
        )  # fmt: skip
    share = samples.groups_without_spread
    if share is not None and share >= MANY:
        yield Finding(
            "failure" if share == 1.0 else "warning",
            "groups_without_spread",
            f"in {share:.0%} of the groups all completions of the model earn the same: they teach nothing.",
            "Grade the reward, warm the model up, choose easier prompts, or sample larger groups.",
        )
    yield from of_latency(samples.latency, rows_per_step, "slow_on_samples", "completions by the model")
    if samples.own is not None and samples.shuffled is not None and samples.own - samples.shuffled <= TOLERANCE:
        yield Finding(
            "note",
            "samples_ignore_the_prompt",
            f"the model's completions earn {samples.own:.3g}, and {samples.shuffled:.3g} against other prompts.",
            "This model does not read its prompts yet; if a trained one does not either, mend the reward.",
        )


def _short(text: str) -> str:
    shown = repr(text)
    return shown if len(shown) <= 50 else f"{shown[:46]}...'"
