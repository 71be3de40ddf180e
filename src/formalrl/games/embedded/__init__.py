"""A strict interpreter of a subset of the Ludii language, in plain Python."""
