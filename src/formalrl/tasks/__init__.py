"""Tasks: prompts, and the reward of their completions. One file each; nothing here imports torch."""

SUPPORT = (
    "constant_answers",
    "expression_spaces",
    "load",
    "number_tokenizer",
    "reductions",
    "rows",
    "user",
)
"""Modules of this folder that are not tasks."""
