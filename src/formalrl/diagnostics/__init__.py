"""Did the policy really learn? Fixed-answer baselines, shuffled reward, prompt dependence, a verdict in words, alarms.

Numbers go in, numbers and sentences come out: rewards and policies are reached only through callables that the caller
passes, and nothing here imports torch.
"""
