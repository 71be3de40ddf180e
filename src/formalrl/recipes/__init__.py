"""Recipes: functions without arguments that return the TrainConfig (or its settings) of an experiment, one a file."""

SUPPORT = ("load",)
"""Modules of this folder that are not recipes."""
