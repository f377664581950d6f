"""Settings of Apache Superset: localhost only, read-only, no requests to other hosts.

Superset finds this file by SUPERSET_CONFIG_PATH, which `serve.py` sets.
"""

import logging
import os
import sys
from datetime import timedelta
from pathlib import Path

from flask import request, session

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "bi"))
STATE = Path(os.environ.get("CREDIT_INDICES_BI_STATE", ROOT / "bi" / "state")).resolve()
PUBLISHED = ROOT / os.environ.get("CREDIT_INDICES_PUBLISHED", "published")

APP_NAME = "Credit indices"
LOG_LEVEL = "WARNING"
# The package lacks one of its images, and warns on every page.
logging.getLogger("superset.views.base").setLevel(logging.ERROR)
SECRET_KEY = (STATE / "secret_key").read_text(encoding="utf-8")
SQLALCHEMY_DATABASE_URI = f"sqlite:///{STATE / 'superset.db'}"
SQLALCHEMY_ENGINE_OPTIONS = {"connect_args": {"timeout": 30}}


def DB_CONNECTION_MUTATOR(uri, params, username, security_manager, source):
    """Let every connection, including databases added by an admin, read only the published file.

    DuckDB keeps one instance per path in a process as long as a connection is open. With the path
    that the link points to, a new build has a new path and does not wait until the old one is
    closed.
    """
    import read_only
    from sqlalchemy.engine import make_url
    from sqlalchemy.pool import NullPool

    if uri.get_backend_name() != "duckdb":
        raise ValueError(
            f"Databases of the kind {uri.get_backend_name()} are not opened here. The dashboards"
            " read the published file only."
        )
    warehouse = (PUBLISHED / "credit_indices.duckdb").resolve()
    # All settings of the database are replaced.
    return make_url("duckdb://"), {
        "creator": lambda: read_only.connect(warehouse),
        "poolclass": NullPool,
    }


def FLASK_APP_MUTATOR(app):
    """Answer the login page's event report without touching the session.

    Its refusal would set an anonymous session and undo a login that completed before it.
    """

    @app.before_request
    def answer_event_reports():
        if request.path == "/superset/log/" and "_user_id" not in session:
            return "", 204
        return None


# Login required; no self-registration.
AUTH_ROLE_PUBLIC = "Public"
PUBLIC_ROLE_LIKE = None
AUTH_USER_REGISTRATION = False
PERMANENT_SESSION_LIFETIME = timedelta(hours=12)
SESSION_COOKIE_SAMESITE = "Strict"

# The browser may send requests to this server only.
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": False,
}
THEME_FONT_URL_ALLOWED_DOMAINS = []

# No cache: the file is fast, and a new build must be visible at once.
CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}

# The colours of official, synthetic and user data (`label_colors` of the dashboards) are in no
# palette: blue, magenta and green always mean the origin of the data.
EXTRA_CATEGORICAL_COLOR_SCHEMES = [
    {
        "id": "creditIndices",
        "label": "Credit indices",
        "description": "Without the colours of the origins of data",
        "isDefault": True,
        "colors": [
            *("#5b4b8a", "#0e9aa7", "#a0673a", "#6b7a8f", "#c9a227"),
            *("#3b3b3b", "#8f7fc4", "#7fb8bd", "#caa27e", "#b3bcc7"),
        ],
    }
]

FEATURE_FLAGS = {
    "ALERT_REPORTS": False,
    "ENABLE_TEMPLATE_PROCESSING": False,
    "ENABLE_JAVASCRIPT_CONTROLS": False,
    "EMBEDDED_SUPERSET": False,
    "SSH_TUNNELING": False,
}
ALLOWED_EXTENSIONS = set()
"""No uploads."""
