"""Board games as programs: descriptions in, honest counts of random play out. Nothing here imports torch."""
