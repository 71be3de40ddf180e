"""Tasks: prompts, and the reward of their completions. One file each; nothing here imports torch."""

SUPPORT = ("load", "rows", "user")
"""Modules of this folder that are not tasks."""
