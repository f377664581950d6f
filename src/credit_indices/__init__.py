"""Composite credit indices as a warehouse: the statistics and the input and output around dbt."""
