"""Hugging Face causal language models: loading, scoring, the frozen reference, prompts to tokens and back."""
