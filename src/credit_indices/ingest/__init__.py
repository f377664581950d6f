"""Real files in: from the spreadsheets people have to observations, nothing lost."""

from credit_indices.ingest.limits import IngestError
from credit_indices.ingest.run import Result, ingest

__all__ = ["IngestError", "Result", "ingest"]
