"""Tasks: prompts, and the reward of their completions. One file each; nothing here imports torch."""

SUPPORT = (
    "arithmetic_grammar",
    "code_tokenizer",
    "constant_answers",
    "expression_spaces",
    "film_reviews",
    "film_words",
    "game_corpus",
    "game_tokenizer",
    "load",
    "number_tokenizer",
    "program_operations",
    "program_space",
    "reductions",
    "review_texts",
    "review_tokenizer",
    "rows",
    "user",
)
"""Modules of this folder that are not tasks."""
