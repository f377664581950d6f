"""Composite credit indices as a warehouse: statistics, input and output around dbt."""
