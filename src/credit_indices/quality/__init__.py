"""Data quality: suites of expectations as code, their validation and a static site of the results.

Great Expectations takes seconds to import, so nothing here imports it before a suite is validated.
"""
