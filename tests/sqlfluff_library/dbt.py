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


def datediff(first_date: str, second_date: str, datepart: str) -> str:
    """Return the expression that counts from one date to another."""
    return f"date_diff('{datepart}', {first_date}, {second_date})"


def dateadd(datepart: str, interval: str, from_date: str) -> str:
    """Return the expression that moves a date."""
    return f"date_add({from_date}, interval ({interval}) {datepart})"


def hash(field: str) -> str:
    """Return the expression of a text's hash."""
    return f"md5({field})"


def date_trunc(datepart: str, date: str) -> str:
    """Return the expression of the beginning of a period."""
    return f"date_trunc('{datepart}', {date})"
