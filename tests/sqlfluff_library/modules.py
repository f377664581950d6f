"""dbt's `modules`, as far as the project uses them, for sqlfluff's jinja templater."""

import datetime
import re

__all__ = ["datetime", "re"]
