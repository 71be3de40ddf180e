from formalrl.checks import rules
from formalrl.checks.measure import Constant, Errors, Latency, Repeats, Wrong
from formalrl.checks.samples import Samples

NONE = Errors(4, {}, (), "")


def names(findings):
    return [(finding.name, finding.level) for finding in findings]


def test_a_slow_step_is_a_warning_and_an_endless_one_a_failure():
    assert names(rules.of_latency(Latency(0.001, 0.002, 0.001), 1000)) == []
    assert names(rules.of_latency(Latency(0.1, 0.1, 0.05), 1000)) == [("slow", "warning")]
    assert names(rules.of_latency(Latency(1.0, 1.0, 0.5), 1000)) == [("slow", "failure")]


def test_chance_is_judged_by_what_was_declared():
    def judge(found, batch=False, deterministic=False):
        return names(rules.of_repeats(found, declared_batch=batch, declared_deterministic=deterministic))

    assert judge(Repeats(5, 0, 0, 0)) == []
    assert judge(Repeats(5, 1, 1, 1)) == [("nondeterministic", "failure")]
    assert judge(Repeats(5, 0, 1, 0)) == [("random", "warning")]
    assert judge(Repeats(5, 0, 1, 0), deterministic=True) == [("random", "failure")]
    assert judge(Repeats(5, 0, 0, 2)) == [("depends_on_the_batch", "failure")]
    assert judge(Repeats(5, 0, 0, 2), batch=True) == [("depends_on_the_batch", "note")]


def test_errors_weigh_by_where_they_happen():
    failed = Errors(4, {"exception": 2}, ("emoji",), "Traceback\nValueError: x")
    assert names(rules.of_errors(failed, NONE, NONE)) == [("errors_on_empty", "failure")]
    (finding,) = rules.of_errors(NONE, failed, NONE)
    assert finding.level == "warning" and "emoji" in finding.message and "ValueError: x" in finding.advice


def test_constants_are_measured_against_right_answers():
    assert names(rules.of_constant(Constant("a", 0.5, 9), 1.0, 0.0, 1.0)) == []
    assert names(rules.of_constant(Constant("a", 0.8, 9), 1.0, 0.0, 1.0)) == [("constant_answer", "warning")]
    assert names(rules.of_constant(Constant("a", 1.0, 9), 1.0, 0.0, 1.0)) == [("constant_answer", "failure")]
    assert names(rules.of_constant(Constant("a", 0.9, 9), None, -1.0, 0.9)) == [("constant_answer", "warning")]


def test_wrong_answers_must_earn_less():
    assert names(rules.of_wrong(Wrong(0.2, 0, 10, "", 3), 1.0)) == []
    assert names(rules.of_wrong(Wrong(0.2, 2, 10, "x", 3), 1.0)) == [("tied_with_wrong", "warning")]
    assert names(rules.of_wrong(Wrong(0.2, 0, 10, "", 1), 1.0)) == [("all_or_nothing", "note")]
    found = names(rules.of_wrong(Wrong(1.0, 9, 10, "x", 1), 1.0))
    assert found == [("tied_with_wrong", "failure"), ("ignores_the_prompt", "failure")]


def samples(spread=0.1, errors=NONE, together=1e-4, own=0.5, shuffled=0.2):
    return Samples(16, own, 0.0, 1.0, errors, spread, Latency(together, together, together), shuffled, own)


def test_samples_without_spread_teach_nothing():
    assert names(rules.of_samples(samples(), 1000)) == []
    assert names(rules.of_samples(samples(spread=0.5), 1000)) == [("groups_without_spread", "warning")]
    assert names(rules.of_samples(samples(spread=1.0), 1000)) == [("groups_without_spread", "failure")]
    assert names(rules.of_spread(0.5, 0.5)) == [("no_spread", "failure")]


def test_samples_may_be_slow_fail_or_not_hang_on_their_prompts():
    assert names(rules.of_samples(samples(together=0.05), 1000)) == [("slow_on_samples", "warning")]
    failed = Errors(4, {"exception": 2}, ("a",), "Traceback\nValueError: x")
    (finding,) = rules.of_samples(samples(errors=failed), 1000)
    assert (finding.name, finding.level) == ("errors_on_samples", "failure")
    assert "50%" in finding.message and "ValueError: x" in finding.advice
    assert names(rules.of_samples(samples(shuffled=0.5), 1000)) == [("samples_ignore_the_prompt", "note")]
    assert names(rules.of_samples(samples(shuffled=None), 1000)) == []
