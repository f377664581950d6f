"""Run models of the project on DuckDB without dbt, for `make check` and tests.

dbt is the engine of builds. The runner executes the same SQL from the same files in a fraction of
the time, because it does not parse the project again and keeps no run records.
tests/python/test_runner.py compares its tables with dbt's.
"""
