"""A day of the early warning at three sizes, beside pandas and polars doing the same day in memory.

The enterprises and events are synthetic. `python benchmarks/early_warning.py [enterprises ...]`
prints one line per size: the events of two years loaded at once, and a day of new events.
"""
