"""dbt's cross-database macros, as far as the project uses them, for sqlfluff's jinja templater."""


def type_string() -> str:
    """Return DuckDB's text type."""
    return "text"


def type_int() -> str:
    """Return DuckDB's 32-bit integer."""
    return "integer"


def type_bigint() -> str:
    """Return DuckDB's 64-bit integer."""
    return "bigint"


def listagg(measure: str, delimiter: str, order_by: str) -> str:
    """Return the expression that joins texts in an order."""
    return f"listagg({measure}, {delimiter} {order_by})"
