"""Convert spreadsheets as users have them into observations, accounting for every cell."""

from credit_indices.ingest.limits import IngestError
from credit_indices.ingest.result import Result
from credit_indices.ingest.run import ingest

__all__ = ["IngestError", "Result", "ingest"]
