import json

from formalrl.checks.report import CheckReport, Finding

WARNING = Finding("warning", "constant_answer", "'25' earns 0.75.", "Watch it.")
FAILURE = Finding("failure", "no_spread", "every completion earns 0.5.")


def test_failures_decide_and_come_first():
    assert CheckReport("t").ok and "nothing wrong" in CheckReport("t").verdict()
    assert CheckReport("t", {}, (WARNING,)).ok
    report = CheckReport("t", {"latency_median_s": 0.00123456, "kinds": {"crash": 2}, "none": None}, (WARNING, FAILURE))
    assert not report.ok and report.verdict().startswith("t cannot be trained on")
    lines = report.lines()
    assert lines[0].split() == ["latency_median_s", "0.001235"] and "crash 2" in lines[1]
    assert lines[2].startswith("FAIL  no_spread") and lines[-1] == report.verdict()
    assert report.named("constant_answer") is WARNING and report.named("x") is None


def test_the_report_is_json():
    plain = CheckReport("t", {"a": 1.0}, (WARNING,)).to_dict()
    assert json.loads(json.dumps(plain)) == plain and plain["findings"][0]["advice"] == "Watch it."
