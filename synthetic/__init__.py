"""Generators of the synthetic seeds; `make seeds` runs them."""
