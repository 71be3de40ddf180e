"""How the evidence reads."""

import math

import numpy as np
import pytest

from formalrl.diagnostics.answers import answer_statistics
from formalrl.diagnostics.baselines import AnswerTable
from formalrl.diagnostics.evidence import Evidence, read_evidence

TABLE = AnswerTable(("a", "b", "c", "d"), np.eye(4)[[0, 1, 2, 3] * 4], True)


def evidence(**changes):
    fields = {"step": 1, "answers": answer_statistics(["a", "b"] * 8), "num_prompts": 16, "reward": 0.5, "table": TABLE}
    return Evidence(**(fields | changes))


def test_a_complete_table_tells_what_is_needed_and_possible():
    reading = read_evidence(evidence())
    assert (reading.k, reading.needed, reading.constant, reading.baseline, reading.ceiling) == (2, 4, 0.25, 0.5, 1.0)
    assert reading.tolerance == pytest.approx(0.02 * 0.75)
    assert reading.reaches(0.49, reading.baseline) and not reading.exceeds(0.51, reading.baseline)


def test_use_is_relative_to_what_there_is_to_know():
    half = read_evidence(evidence(dependence=0.25, dependence_nats=math.log(2)))
    assert half.use == pytest.approx(0.5)
    seen_only = AnswerTable(TABLE.answers, TABLE.rewards, False)
    unknown = read_evidence(evidence(dependence=0.25, dependence_nats=math.log(2), table=seen_only))
    assert unknown.use == 0.25 and unknown.needed is None and unknown.ceiling is None
    assert read_evidence(evidence(dependence=0.0, dependence_nats=-0.1)).use == 0.0


def test_without_a_table_nothing_is_known():
    reading = read_evidence(evidence(table=None))
    assert reading.baseline is None and not reading.reaches(1.0, None) and not reading.exceeds(1.0, None)
