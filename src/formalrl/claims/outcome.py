"""The outcome of a claim's runs: what `claim.json` holds and the report shows."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from formalrl.claims.judging import judge
from formalrl.claims.parts import Claim
from formalrl.claims.results import SeedResult, result_of
from formalrl.experiments.comparison.folders import is_run
from formalrl.experiments.comparison.page import CLAIM
from formalrl.experiments.runs import RunFolder, read_run


def settle(claim: Claim, scale: str, seeds: Sequence[int], root: Path, runs: Mapping[Path, str]) -> dict[str, Any]:
    """Return the verdict on a claim with everything that it rests on, as plain data.

    Args:
        claim: what was tested.
        scale: one of its scales.
        seeds: that each setting should have.
        root: the folder of all runs.
        runs: run folder below `root` -> its setting.
    """
    begun = {folder: read_run(folder) for folder in runs if is_run(folder)}
    results: dict[str, list[SeedResult]] = {name: [] for name in claim.scales[scale].settings}
    for folder, run in begun.items():
        found = result_of(run)
        if found is not None:
            results[runs[folder]].append(found)
    judgement = judge(claim, scale, results, len(seeds))
    note = claim.scales[scale].note
    return {
        "name": claim.name,
        "sentence": claim.sentence,
        "paper": claim.paper,
        "rule": claim.rule,
        "scale": f"{scale}: {note}" if note else scale,
        "verdict": judgement.verdict,
        "ours": judgement.ours,
        "reason": judgement.reason,
        "seeds": list(seeds),
        "finished": {name: [result.seed for result in found] for name, found in results.items()},
        "made_with": _made_with(list(begun.values())),
        "runs": {folder.relative_to(root).as_posix(): name for folder, name in runs.items()},
    }


def write_claim(root: Path, outcome: Mapping[str, Any]) -> Path:
    """Write `claim.json` into the folder of the runs, whole or not at all, and return its path."""
    path = root / CLAIM
    temporary = path.with_name(f".{CLAIM}.new")
    temporary.write_text(json.dumps(outcome, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(temporary, path)
    return path


def _made_with(runs: Sequence[RunFolder]) -> dict[str, list[str]]:
    """Versions, commit, device and machine of the runs, each with all its values."""
    facts = ("formalrl", "commit", "python", "torch", "transformers", "device", "platform", "threads")
    found = {fact: sorted({run.facts[fact] for run in runs if fact in run.facts}) for fact in facts}
    return {fact: values for fact, values in found.items() if values}
