"""The outcome of a claim's runs, read from their folders."""

import json

from formalrl.claims.load import load_claim
from formalrl.claims.outcome import settle, write_claim
from formalrl.experiments.comparison.page import read_claim


def write(folder, seed, verdict="collapsed", steps=4):
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(f"max_steps: 4\nseed: {seed}\n\n# commit: abc\n# torch: 2.13.0\n")
    last = {"verdict": verdict, "reward": 0.8, "constant_baseline": 0.75, "num_distinct": 3, "accuracy": 0.1}
    rows = [{"step": 0, "reward": 0.5}, {"step": steps, **last}]
    (folder / "eval.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_finished_seeds_are_judged_and_the_rest_is_told(tmp_path):
    claim = load_claim("arithmetic-collapse")
    runs = {tmp_path / "none" / f"seed{seed}": "no entropy term" for seed in range(6)}
    for seed, folder in enumerate(list(runs)[:5]):
        write(folder, seed, steps=4 if seed < 4 else 2)
    found = settle(claim, "laptop", range(6), tmp_path, runs)
    assert found["finished"] == {"no entropy term": [0, 1, 2, 3]}
    assert found["verdict"] == "confirmed" or found["verdict"] == "undecided"
    assert "4 of 6" in found["reason"]
    assert found["made_with"] == {"commit": ["abc"], "torch": ["2.13.0"]}
    assert found["runs"]["none/seed5"] == "no entropy term"
    assert write_claim(tmp_path, found).name == "claim.json"
    assert read_claim(tmp_path) == json.loads(json.dumps(found))


def test_without_any_run_nothing_is_decided(tmp_path):
    found = settle(load_claim("sentiment-kl"), "smoke", [0], tmp_path, {tmp_path / "a": "with KL"})
    assert found["verdict"] == "undecided" and found["finished"] == {"with KL": [], "without KL": []}
