"""Access control of the dashboards: login required, localhost only, read-only."""

import concurrent.futures
import contextlib
import json
import os
import re
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from conftest import FIRST, PROJECT, SECOND, WAREHOUSE, Visitor, charts_of

from credit_indices.pipeline.lock import hold


def get(url: str) -> tuple[int, dict, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


@contextlib.contextmanager
def signed_in(browser, server, user: str):
    """A function that sends JSON to Superset as a user."""
    visitor = Visitor(browser, server, user)
    request = visitor.context.request
    token = request.get(f"{server.url}/api/v1/security/csrf_token/").json()["result"]

    def send(path: str, body: dict):
        return request.post(
            f"{server.url}{path}",
            headers={"X-CSRFToken": token, "Referer": server.url},
            data=body,
        )

    yield send
    visitor.context.close()


@pytest.fixture(scope="module")
def session(browser, server):
    with signed_in(browser, server, "admin") as send:
        yield send


@pytest.fixture(scope="module")
def run_sql(session, server):
    def run(sql: str, database: int = 1):
        return session("/api/v1/sqllab/execute/", {"database_id": database, "sql": sql})

    return run


def test_pages_require_a_login(server):
    for path in ("/api/v1/dashboard/", "/api/v1/chart/", "/api/v1/database/"):
        status, _, body = get(server.url + path)
        assert status in (401, 403) or json.loads(body)["count"] == 0
    _, _, body = get(f"{server.url}/superset/dashboard/index-explorer/")
    assert b"Guangdong" not in body
    status, _, _ = get(f"{server.url}/register/form")
    assert status == 404


def test_login_page_report_keeps_the_session(server):
    report = urllib.request.Request(f"{server.url}/superset/log/?explode=events", b"events=[]")
    with urllib.request.urlopen(report, timeout=30) as answer:
        assert answer.status == 204
        assert "Set-Cookie" not in answer.headers


def test_server_listens_on_localhost_only(server):
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", server.port)) == 0
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.2", server.port)) != 0


def test_csp_allows_no_other_host_and_no_eval(server):
    _, headers, _ = get(f"{server.url}/login/")
    policy = headers["Content-Security-Policy"]
    assert not re.search(r"https?:|\w\.\w|\*", policy)
    assert "unsafe-eval" not in policy
    assert "script-src 'self' 'strict-dynamic' 'nonce-" in policy
    assert headers["X-Frame-Options"] == "SAMEORIGIN"


def test_secrets_are_private_and_printed_once(server):
    assert stat.S_IMODE(server.state.stat().st_mode) == 0o700
    for name in ("secret_key", "admin_password", "viewer_password"):
        assert stat.S_IMODE((server.state / name).stat().st_mode) == 0o600
    arguments = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    for user in ("admin", "viewer"):
        assert server.password(user) not in server.log.read_text()
        assert server.password(user) not in arguments


def test_sql_lab_queries_work(run_sql, published):
    answer = run_sql("select count(*) as n from marts.scdbi").json()
    assert answer["data"] == [{"n": published.value("select count(*) from marts.scdbi")}]


@pytest.mark.parametrize(
    "sql",
    [
        "delete from marts.scdbi",
        "create table marts.mine as select 1 as a",
        "select * from read_csv('/etc/hostname')",
        "select * from read_text('/etc/hostname')",
        "copy marts.scdbi to 'copied_by_a_test.csv'",
        "attach 'attached_by_a_test.duckdb'",
        "set enable_external_access = true",
        "install httpfs",
        "select * from restricted.enterprise_identities",
        "set memory_limit = '100GB'",
        "set threads = 64",
        "call enable_logging('QueryLog')",
        "call enable_logging('QueryLog', storage='file', storage_config={'path': './out'})",
        "select * from enable_logging('QueryLog')",
        "with a as (from enable_logging('QueryLog')) select * from marts.scdbi",
        "select * from query('from enable_logging()')",
        "explain analyze call enable_logging('QueryLog')",
        "select * from arrow_scan(1, 2, 3)",
        "pragma enable_profiling",
        "select len(repeat('a', 8000000000))",
    ],
)
def test_statements_that_do_not_read_are_refused(run_sql, server, sql):
    workers = server.workers()
    answer = run_sql(sql)
    assert answer.status >= 400, answer.text()
    assert workers
    assert server.workers() == workers
    assert run_sql("select 1 as one").json()["data"] == [{"one": 1}]


def test_long_queries_are_stopped_and_others_answered(session, run_sql, server):
    sql = "select sum(a.range * b.range) from range(200000) a, range(200000) b"
    workers = server.workers()
    started = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        health = pool.submit(lambda: (time.sleep(3), get(f"{server.url}/health"), time.monotonic()))
        answer = run_sql(sql)
        seconds = time.monotonic() - started
        _, (status, _, _), answered = health.result()
    assert answer.status >= 400
    assert "The query was stopped after 10 seconds" in answer.text()
    assert 9 < seconds < 20
    assert status == 200
    assert answered - started < 9
    assert server.workers() == workers


def test_databases_added_by_an_admin_read_the_published_file(session, run_sql, published):
    added = session(
        "/api/v1/database/",
        {
            "database_name": "Mine",
            "sqlalchemy_uri": "duckdb:///:memory:",
            "expose_in_sqllab": True,
            "allow_dml": True,
            "extra": json.dumps({"engine_params": {"connect_args": {"read_only": False}}}),
        },
    )
    assert added.status == 201, added.text()
    database = added.json()["id"]
    count = "select count(*) as n from marts.scdbi"
    assert run_sql(count, database).json()["data"] == [{"n": published.value(count)}]
    for sql in (
        "create table main.mine as select 1 as a",
        "set threads = 64",
        "call enable_logging('QueryLog')",
        "select * from read_text('/etc/hostname')",
    ):
        assert run_sql(sql, database).status >= 400
    other = session(
        "/api/v1/database/test_connection/",
        {"database_name": "Other", "sqlalchemy_uri": "sqlite:///other.db"},
    )
    assert other.status >= 400


def test_viewers_see_dashboards_and_have_no_sql_lab(browser, server, published):
    with signed_in(browser, server, "viewer") as send:
        refused = {
            "/api/v1/sqllab/execute/": {"database_id": 1, "sql": "select 1"},
            "/api/v1/database/": {"database_name": "Mine", "sqlalchemy_uri": "duckdb://"},
            "/api/v1/chart/": {
                "slice_name": "Mine",
                "datasource_id": 1,
                "datasource_type": "table",
            },
            "/api/v1/dashboard/": {"dashboard_title": "Mine"},
            "/api/v1/dataset/": {"database": 1, "schema": "marts", "table_name": "scdbi"},
        }
        for path, body in refused.items():
            assert send(path, body).status == 403, path
    visitor = Visitor(browser, server, "viewer")
    visitor.open("cities", len(charts_of("cities")))
    assert str(published.value("select unit_name from marts.cei where rank = 1")) in visitor.text()
    assert visitor.page.get_by_text("Edit dashboard").count() == 0
    assert not re.search(r"\bSQL\b", visitor.page.locator("header, nav").first.inner_text())
    visitor.context.close()


def test_answers_during_publications_come_from_one_build(run_sql, published):
    # Two values that identify a build, queried while the link switches between both builds.
    sql = (
        "select (select build_id from marts.build_info) as build, (select score from "
        "marts.index_scores where unit_name = 'Guangdong' and index_code = 'scdbi_official' "
        "and scheme = 'headline' and period = 2020) as score"
    )
    expected = {}
    for build in (SECOND, FIRST):
        published.publish(build)
        expected[build] = published.query(sql)[0][1]
    assert expected[FIRST] != expected[SECOND] == 0.0777
    seen = set()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        try:
            for build in (SECOND, FIRST) * 5:
                swap = pool.submit(published.publish, build)
                during = run_sql(sql)
                swap.result()
                after = run_sql(sql)
                for answer in (during, after):
                    assert answer.status == 200, answer.text()
                    (row,) = answer.json()["data"]
                    assert row["score"] == expected[row["build"]]
                assert after.json()["data"][0]["build"] == build
                seen.add(build)
        finally:
            published.publish(FIRST)
    assert seen == {FIRST, SECOND}


def test_start_without_a_published_build_names_the_remedy(tmp_path, server):
    run = subprocess.run(
        [sys.executable, str(PROJECT / "bi" / "serve.py")],
        env=server.environment | {"CREDIT_INDICES_PUBLISHED": str(tmp_path / "published")},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1
    assert run.stderr.strip() == (
        f"{tmp_path / 'published' / WAREHOUSE} does not exist. Run make publish first."
    )


def start_again(server, port: int, **environment: str) -> str:
    run = subprocess.run(
        [sys.executable, str(PROJECT / "bi" / "serve.py"), "--port", str(port)],
        env=server.environment | environment,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1
    assert len(run.stderr.splitlines()) == 1
    return run.stderr


def test_start_on_a_used_port_is_refused(server, tmp_path):
    state = str(tmp_path / "state")
    error = start_again(server, server.port, CREDIT_INDICES_BI_STATE=state)
    assert f"Port {server.port} is in use" in error


def test_second_start_is_refused(server):
    for port in (server.port, server.port + 1):
        error = start_again(server, port)
        assert error.startswith("make bi is already running (process ")
        assert server.url in error


def test_second_installation_is_refused(tmp_path):
    command = [sys.executable, str(PROJECT / "bi" / "alone.py")]
    environment = os.environ | {"CREDIT_INDICES_BI_STATE": str(tmp_path)}
    with hold(tmp_path / "setup.lock"):
        run = subprocess.run(
            [*command, "echo", "ran"], env=environment, capture_output=True, text=True
        )
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith("make bi is already installing Superset (process ")
    assert len(run.stderr.splitlines()) == 1
    run = subprocess.run([*command, "false"], env=environment, capture_output=True, text=True)
    assert run.returncode == 1
    assert run.stderr == ""
