"""dbt's `flags` as sqlfluff's jinja templater needs it."""

FULL_REFRESH = False
WHICH = "build"
