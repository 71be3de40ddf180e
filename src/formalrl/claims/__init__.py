"""The paper's claims: functions without arguments that return a Claim, one a file. Never torch."""

SUPPORT = ("judging", "load", "outcome", "parts", "results")
"""Modules of this folder that are not claims."""
