"""Data quality: suites of expectations (expectations.yml), their validation, and Data Docs.

Great Expectations takes seconds to import, so nothing here imports it before a suite is validated.
"""
