"""Run models of the project on DuckDB without dbt, for `make check` and for tests.

dbt stays the engine of builds. This runs the same SQL from the same files in a fraction of the
time, since it does not parse the project anew and keeps no records of a run. What it makes is
compared with what dbt makes in tests/python/test_runner.py.
"""
