"""What happened in a run, read from the files of its folder alone: numbers, curves, report, model card. Never torch."""
