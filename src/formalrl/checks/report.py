"""What a check found: measurements, findings by weight, and a verdict, for people and for machines."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Level = Literal["failure", "warning", "note"]
_SIGNS: dict[Level, str] = {"failure": "FAIL", "warning": "warn", "note": "note"}
SIGNS = ("FAIL", "warn", "note", "    ")
"""What a line of a finding, or of its advice, begins with."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or worth knowing."""

    level: Level
    """`failure`: the task cannot be trained on. `warning`: training may go wrong. `note`: for information."""
    name: str
    """What kind of fault it is: `constant_answer`, `nondeterministic`, `errors_on_empty`, ..."""
    message: str
    """What was found, with figures."""
    advice: str = ""
    """What to change."""


@dataclass(frozen=True)
class CheckReport:
    """The outcome of `check_reward`."""

    task: str
    measurements: Mapping[str, Any] = field(default_factory=dict)
    """Figures by name; None where the task offers nothing to measure them on."""
    findings: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        """True when nothing speaks against training on the task."""
        return not any(finding.level == "failure" for finding in self.findings)

    def named(self, name: str) -> Finding | None:
        """Return the finding of a name, or None."""
        return next((finding for finding in self.findings if finding.name == name), None)

    def verdict(self) -> str:
        """Return one sentence."""
        failures = [finding for finding in self.findings if finding.level == "failure"]
        warnings = [finding for finding in self.findings if finding.level == "warning"]
        if failures:
            return f"{self.task} cannot be trained on as it is: {failures[0].message}"
        if warnings:
            count = f"{len(warnings)} warning{'s' if len(warnings) > 1 else ''}"
            return f"{self.task} can be trained on, with {count}: {warnings[0].message}"
        return f"{self.task} can be trained on: nothing wrong was found."

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data."""
        return {
            "task": self.task,
            "ok": self.ok,
            "verdict": self.verdict(),
            "measurements": dict(self.measurements),
            "findings": [asdict(finding) for finding in self.findings],
        }

    def lines(self) -> list[str]:
        """Return the report as lines of text: figures, findings with advice, verdict."""
        shown = [f"{name:32} {_figure(value)}" for name, value in self.measurements.items() if value is not None]
        order = list(_SIGNS)
        for finding in sorted(self.findings, key=lambda finding: order.index(finding.level)):
            shown.append(f"{_SIGNS[finding.level]}  {finding.name}: {finding.message}")
            if finding.advice:
                shown.append(f"      {finding.advice}")
        return [*shown, self.verdict()]


def _figure(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_figure(part)}" for name, part in value.items()) or "none"
    return repr(value if len(value) <= 40 else f"{value[:37]}...") if isinstance(value, str) else str(value)
