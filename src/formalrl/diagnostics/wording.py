"""The one sentence of a verdict: what the policy says, what that would earn without reading, how much it reads."""

import unicodedata

from formalrl.diagnostics.evidence import Evidence, Reading

NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")
MAX_ANSWER_CHARACTERS = 24
NUM_NAMED_ANSWERS = 3


def describe(evidence: Evidence, reading: Reading) -> str:
    """Return one sentence on the evaluation, beginning with its step."""
    start = f"step {evidence.step}: "
    if evidence.answers.n == 0:
        return start + "no completion was evaluated, so nothing can be said of the policy"
    if evidence.reward is None:
        return start + (
            f"every reward call failed ({evidence.answers.n} of {evidence.answers.n}), "
            "so nothing can be said of the policy: look at the errors first"
        )
    clauses = [_answers_clause(evidence, reading), _reward_clause(evidence, reading, evidence.reward)]
    if evidence.num_prompts < 2:
        clauses.append("one prompt cannot show whether the policy reads its prompts: evaluate on more")
    elif _constant_is_right(evidence, reading):
        clauses.append("these prompts share one right answer, so they cannot show whether the policy reads them")
    elif reading.use is not None:
        clauses.append(f"it uses {percent(round(reading.use, 3))} of what its prompts tell it")
    if evidence.error_rate > 0.5:
        clauses.append(f"{percent(evidence.error_rate)} of its reward calls failed, so this may not mean anything")
    return start + "; ".join(clauses)


def _constant_is_right(evidence: Evidence, reading: Reading) -> bool:
    right = reading.needed == 1 or (evidence.accuracy is not None and evidence.accuracy >= 1.0)
    return right and evidence.answers.num_distinct == 1


def _answers_clause(evidence: Evidence, reading: Reading) -> str:
    statistics = evidence.answers
    named = [f"`{short_answer(answer)}`" for answer, _ in statistics.top_answers[: min(NUM_NAMED_ANSWERS, reading.k)]]
    names = ", ".join(named) + (", ..." if reading.k > len(named) else "")
    if statistics.num_distinct == 1:
        clause = f"the policy gives 1 distinct answer ({names})"
    elif reading.k == statistics.num_distinct or reading.k > 8:
        clause = f"the policy gives {statistics.num_distinct} distinct answers ({names})"
    else:
        clause = f"the policy gives mostly {reading.k} of {statistics.num_distinct} distinct answers ({names})"
    if evidence.accuracy is None:
        return clause
    return f"{clause} and is right on {percent(evidence.accuracy)} of {evidence.num_prompts} prompts"


def _reward_clause(evidence: Evidence, reading: Reading, reward: float) -> str:
    table, said = evidence.table, f"its reward {number(reward)}"
    if table is None or not table.answers or table.value(1) is None:
        return f"{said} could not be compared with fixed answers"
    if reading.ceiling is not None and reading.reaches(reward, reading.ceiling) and reading.k > 1:
        return f"{said} is the highest these prompts allow"
    k = _quoted_k(evidence, reading, reward)
    level = table.value(k)
    best = f"the best {'single fixed answer earns' if k == 1 else f'{NUMBER_WORDS[k]} fixed answers earn'}"
    if reading.exceeds(reward, level):
        return f"{said} is above what {best} ({number(level)})"
    relation = "is what" if reading.reaches(reward, level) else "is below what"
    return f"{said} {relation} {best} ({number(level)})"


def _quoted_k(evidence: Evidence, reading: Reading, reward: float) -> int:
    """The k the policy uses while it is small; for many answers the largest of 8, 2, 1 that it beats, else 1."""
    assert evidence.table is not None
    if reading.k <= 8:
        return max(1, min(reading.k, len(evidence.table.answers)))
    known = [k for k in (8, 2, 1) if k <= len(evidence.table.answers)]
    return next((k for k in known if reading.exceeds(reward, evidence.table.value(k))), 1)


def number(value: float | None) -> str:
    """Return a reward with two digits, three just below 1."""
    if value is None:
        return "unknown"
    return f"{value:.3f}" if 0.985 <= abs(value) < 0.9995 else f"{value:.2f}"


def percent(fraction: float) -> str:
    """Return `4 %`; 0 and 100 are said only of exactly none and all."""
    shown = f"{100 * fraction:.0f}"
    if shown == "0" and fraction > 0:
        return "less than 1 %"
    if shown == "100" and fraction < 1:
        return f"{min(100 * fraction, 99.9):.1f} %"
    return f"{shown} %"


def short_answer(answer: str) -> str:
    """Return the answer in one line: control characters and backticks replaced, long ones cut, `(nothing)` if empty."""
    if not answer.strip():
        return "(blank)" if answer else "(nothing)"
    clean = "".join("?" if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Cn"} else c for c in answer)
    clean = clean.replace("`", "'")
    return clean if len(clean) <= MAX_ANSWER_CHARACTERS else clean[: MAX_ANSWER_CHARACTERS - 3] + "..."
