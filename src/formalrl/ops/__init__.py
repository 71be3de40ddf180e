"""Pure tensor functions: log-probabilities, entropies, returns, losses, KL. They know torch and nothing else."""
