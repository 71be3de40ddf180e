"""The training step and everything around it: prompts, collection, updates, evaluation, checkpoints."""
