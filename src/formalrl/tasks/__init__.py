"""Tasks: prompts, and the reward of their completions. One file each; nothing here imports torch."""

SUPPORT = (
    "code_tokenizer",
    "constant_answers",
    "expression_spaces",
    "load",
    "number_tokenizer",
    "program_operations",
    "program_space",
    "reductions",
    "rows",
    "user",
)
"""Modules of this folder that are not tasks."""
