"""Which curves a report shows: each with the metrics that it draws, left out where a run has none of them."""

from collections.abc import Sequence

from formalrl.experiments.plots import BLACK, BLUE, GRAY, GREEN, ORANGE, PURPLE, Chart, Line, series
from formalrl.experiments.runs import Row, RunFolder
from formalrl.experiments.showing import show_text

COLORS = (BLUE, ORANGE, GREEN, PURPLE, GRAY, BLACK)
DASHES = ("-", "--", "-.", ":", "-", "--")
VERDICT_LEVELS = {0: "unknown", 1: "collapsed", 2: "learning", 3: "healthy"}
UNIT_INTERVAL = (0.0, 1.0)


def charts_of(run: RunFolder) -> list[Chart]:
    """Return the charts of a run, the most telling first; none of them is empty."""
    charts = [
        _reward(run),
        _accuracy(run),
        _verdict(run),
        _dependence(run),
        _entropy(run),
        _lines("kl", "KL to the reference", "nats", [
            ("train", run.metrics, "policy/kl_ref"), ("eval", run.evals, "kl_ref")]),
        _lines("perplexity", "Perplexity of completions under the reference", "", [
            ("train", run.metrics, "policy/ref_perplexity"), ("eval", run.evals, "ref_perplexity")], is_log=True),
        _language(run),
        _lines("clip", "Clipped tokens", "fraction", [("clipped", run.metrics, "policy/clip_fraction")]),
        _lines("kl_old", "KL to the sampling policy", "nats", [("k3", run.metrics, "policy/kl_old")]),
        _lines("length", "Completion length", "tokens", [
            ("train", run.metrics, "completions/length_mean"), ("eval", run.evals, "length_mean")]),
        _lines("health", "Groups without spread, cut completions, failed rewards", "fraction", [
            ("no spread", run.metrics, "reward/zero_std_fraction"),
            ("cut", run.metrics, "completions/truncated_fraction"),
            ("failed", run.metrics, "reward/error_rate")], limits=UNIT_INTERVAL),
        _lines("learning_rate", "Learning rate", "", [("", run.metrics, "optimizer/learning_rate")], is_noisy=False),
        _group(run, "coef", "Coefficients of the regularizers", "coef/", is_noisy=False),
        _lines("grad_norm", "Gradient norm", "", [("", run.metrics, "optimizer/grad_norm")], is_log=True),
        _group(run, "loss", "Terms of the loss", "loss/"),
        _group(run, "parts", "Parts of the reward", "reward/parts/"),
        _lines("value", "Explained variance of the value head", "", [("", run.metrics, "value/explained_variance")]),
        _lines("sft", "Warm start: loss", "nats a token", [("", _numbered(run.sft), "loss")], x_name="update"),
    ]  # fmt: skip
    return [chart for chart in charts if chart is not None]


def _numbered(rows: Sequence[Row]) -> list[Row]:
    return [{"step": number, **row} for number, row in enumerate(rows, start=1)]


def _lines(
    name: str,
    title: str,
    unit: str,
    wanted: Sequence[tuple[str, Sequence[Row], str]],
    *,
    is_log: bool = False,
    is_noisy: bool = True,
    limits: tuple[float, float] | None = None,
    x_name: str = "step",
) -> Chart | None:
    """Return a chart of (name, rows, key) curves, None when there is nothing to draw. Evaluations get markers."""
    lines = [
        Line(
            shown,
            points,
            COLORS[number % len(COLORS)],
            DASHES[number % len(DASHES)],
            marker="o" if shown == "eval" else "",
            is_noisy=is_noisy and shown != "eval",
        )
        for number, (shown, rows, key) in enumerate(wanted)
        if (points := series(rows, key))
    ]
    return Chart(name, title, lines, unit, is_log, limits, x_name) if lines else None


def _group(run: RunFolder, name: str, title: str, prefix: str, is_noisy: bool = True) -> Chart | None:
    """Return a chart of all metrics that begin with `prefix`."""
    keys = sorted({key for row in run.metrics for key in row if key.startswith(prefix)})
    wanted = [(_cut(key.removeprefix(prefix)), run.metrics, key) for key in keys[: len(COLORS)]]
    return _lines(name, title, "", wanted, is_noisy=is_noisy)


def _cut(name: str) -> str:
    shown = show_text(name)
    return shown if len(shown) <= 14 else shown[:13] + "…"


def _reward(run: RunFolder) -> Chart | None:
    found = _lines("reward", "Reward", "", [("train", run.metrics, "reward/mean"), ("eval", run.evals, "reward")])
    if found is None:
        return None
    wanted = [
        ("1 answer", "constant_baseline", "--"),
        ("2 answers", "two_answer_baseline", "-."),
        ("8 answers", "eight_answer_baseline", ":"),
        ("reference", "reference_reward", "-"),
    ]
    levels = [
        Line(name, points[-1:], GRAY if key != "reference_reward" else BLACK, dash, is_level=True)
        for name, key, dash in wanted
        if (points := series(run.evals, key))
    ]
    shuffled = series(run.evals, "shuffled_reward")
    extra = [Line("shuffled", shuffled, PURPLE, ":", marker="x")] if shuffled else []
    return Chart("reward", "Reward", [*found.lines, *extra, *levels])


def _accuracy(run: RunFolder) -> Chart | None:
    wanted = [("train", run.metrics, "train/accuracy"), ("eval", run.evals, "accuracy")]
    return _lines("accuracy", "Accuracy", "fraction", wanted, limits=UNIT_INTERVAL)


def _entropy(run: RunFolder) -> Chart | None:
    wanted = [
        ("entropy", run.metrics, "policy/entropy"),
        ("batch entropy", run.metrics, "policy/batch_entropy"),
    ]
    if not any(series(rows, key) for _, rows, key in wanted):
        wanted = [("entropy", run.evals, "entropy"), ("batch entropy", run.evals, "batch_entropy")]
    return _lines("entropy", "Entropy and batch entropy", "nats a token", wanted)


def _dependence(run: RunFolder) -> Chart | None:
    wanted = [
        ("dependence", run.evals, "prompt_dependence"),
        ("top answer", run.evals, "most_common_share"),
    ]
    title = "Prompt dependence, share of the most common answer"
    return _lines("dependence", title, "fraction", wanted, is_noisy=False, limits=UNIT_INTERVAL)


def _language(run: RunFolder) -> Chart | None:
    """Variety and repetition of completions; nothing for answers of one token, where it says nothing."""
    if not any(row.get("repeated_phrase_fraction") is not None for row in run.evals):
        return None
    wanted = [
        ("distinct 1", run.evals, "distinct_1"),
        ("distinct 2", run.evals, "distinct_2"),
        ("repetition", run.evals, "repetition"),
        ("one phrase", run.evals, "repeated_phrase_fraction"),
    ]
    title = "Language: variety and repetition"
    return _lines("language", title, "fraction", wanted, is_noisy=False, limits=UNIT_INTERVAL)


def _verdict(run: RunFolder) -> Chart | None:
    numbers = {name: number for number, name in VERDICT_LEVELS.items()}
    points = [
        (float(row["step"]), float(numbers[row["verdict"]])) for row in run.evals if row.get("verdict") in numbers
    ]
    if not points:
        return None
    line = Line("verdict", points, BLACK, "-", marker="s")
    return Chart("verdict", "Verdict", [line], limits=(0.0, 3.0), levels=VERDICT_LEVELS)
