"""Fixtures: a published build, Superset over it, and a logged-in browser."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import duckdb
import pytest
import yaml
from playwright.sync_api import sync_playwright

from credit_indices.pipeline.publish import rollback

PROJECT = Path(__file__).parents[2]
WAREHOUSE = "credit_indices.duckdb"
FIRST, SECOND = "20260101T000000.000000Z", "20260102T000000.000000Z"
SECONDS_TO_START = 180


class Published:
    """Two builds, and the link to the published one."""

    def __init__(self, folder: Path) -> None:
        self.builds, self.link = folder / "builds", folder / "published"

    def add(self, build: str, *changes: str) -> None:
        """Copy the project's published build, with changes in SQL."""
        target = self.builds / build
        target.mkdir(parents=True)
        copy = target / WAREHOUSE
        shutil.copyfile(PROJECT / "published" / WAREHOUSE, copy)
        copy.chmod(0o644)
        with duckdb.connect(str(copy)) as connection:
            for change in (f"update marts.build_info set build_id = '{build}'", *changes):
                connection.execute(change)
        (target / "manifest.json").write_text(json.dumps({"previous": None}), encoding="utf-8")

    def publish(self, build: str) -> None:
        """Point the link to a build, as `make rollback` does."""
        rollback(build, self.builds, self.link)

    def query(self, sql: str) -> list[tuple]:
        with duckdb.connect(str(self.link / WAREHOUSE), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def value(self, sql: str):
        return self.query(sql)[0][0]


class Server:
    """Superset, as `make bi` starts it."""

    def __init__(self, published: Published, state: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.state = state
        self.environment = os.environ | {
            "CREDIT_INDICES_BI_STATE": str(state),
            "CREDIT_INDICES_PUBLISHED": str(published.link),
            "CREDIT_INDICES_BI_SECONDS": "10",
        }
        self.log = state.parent / "server.log"
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        command = [sys.executable, str(PROJECT / "bi" / "serve.py"), "--port", str(self.port)]
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                command, env=self.environment, stdout=log, stderr=subprocess.STDOUT
            )
        end = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < end:
            assert self.process.poll() is None, self.log.read_text()
            try:
                urllib.request.urlopen(f"{self.url}/health", timeout=5)
            except OSError:  # refused, or accepted without an answer yet
                time.sleep(0.5)
            else:
                return
        raise AssertionError(f"No answer in {SECONDS_TO_START} s:\n{self.log.read_text()}")

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=60)

    def password(self, user: str = "admin") -> str:
        return (self.state / f"{user}_password").read_text(encoding="utf-8")

    def workers(self) -> set[str]:
        """Return the ids of the processes that answer."""
        command = ["ps", "--no-headers", "-o", "pid", "--ppid", str(self.process.pid)]
        return set(subprocess.run(command, capture_output=True, text=True).stdout.split())


@pytest.fixture(scope="session")
def published(tmp_path_factory) -> Published:
    if not (PROJECT / "published" / WAREHOUSE).is_file():
        pytest.exit("published/credit_indices.duckdb does not exist. Run make publish first.", 1)
    result = Published(tmp_path_factory.mktemp("bi"))
    result.add(FIRST)
    result.add(
        SECOND,
        "update marts.index_scores set score = 0.0777 where unit_name = 'Guangdong'"
        " and index_code = 'scdbi_official' and scheme = 'headline' and period = 2020",
    )
    result.publish(FIRST)
    return result


@pytest.fixture(scope="session")
def server(published, tmp_path_factory):
    """Superset over the published build, started for the second time.

    The first start imports other dashboards, to test that an import updates them.
    """
    state = tmp_path_factory.mktemp("superset") / "state"
    result = Server(published, state)
    assets = state.parent / "assets"
    shutil.copytree(PROJECT / "bi" / "superset", assets)
    chart = assets / "charts" / "index_ranking.yaml"
    chart.write_text(re.sub("slice_name: .*", "slice_name: An old name", chart.read_text()))
    start = (
        "import serve, sys, pathlib; serve.ASSETS = pathlib.Path(sys.argv[2]);"
        "serve.os.execv = lambda *arguments: None; sys.argv[1:] = ['--port', sys.argv[1]];"
        "serve.main()"
    )
    first = subprocess.run(
        [sys.executable, "-c", start, str(result.port), str(assets)],
        env=result.environment | {"PYTHONPATH": str(PROJECT / "bi")},
        capture_output=True,
        text=True,
    )
    assert first.returncode == 0, first.stderr
    assert f"password {result.password()}" in first.stdout
    try:
        result.start()
        yield result
    finally:
        result.stop()


@pytest.fixture(scope="session")
def browser():
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not chromium:
        pytest.exit("There is no chromium. Install it (Debian: apt-get install chromium).", 1)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


class Visitor:
    """A browser window with its responses and its requests to other hosts."""

    def __init__(self, browser, server: Server, user: str = "admin", width: int = 1440) -> None:
        self.url = server.url
        self.width = width
        self.context = browser.new_context(viewport={"width": width, "height": 1000})
        self.page = self.context.new_page()
        self.left_loopback: list[str] = []
        self.answers: dict[int, tuple[int, dict]] = {}
        self.page.on("request", self._asked)
        self.page.on("requestfailed", self._refused)
        self.page.on("response", self._answered)
        self.page.goto(f"{self.url}/login/")
        self.page.fill("#username", user)
        self.page.fill("#password", server.password(user))
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: "login" not in url)

    def _asked(self, request) -> None:
        if not request.url.startswith((f"{self.url}/", "data:", "blob:")):
            self.left_loopback.append(request.url)

    def _refused(self, request) -> None:
        # Requests that the content security policy forbids are never sent.
        if request.failure == "csp":
            self.left_loopback.remove(request.url)

    def _answered(self, response) -> None:
        # Requests of charts carry an id; requests of filters for their choices do not.
        chart = re.search(r"/api/v1/chart/data.*slice_id%22%3A(\d+)", response.url)
        if chart:
            self.answers[int(chart[1])] = response.status, response.json()

    def open(self, slug: str, charts: int) -> None:
        """Open a dashboard in a window as high as the dashboard, and wait for all its charts."""
        self.answers.clear()
        self.page.goto(f"{self.url}/superset/dashboard/{slug}/")
        self.page.locator(".chart-slice").nth(charts - 1).wait_for(timeout=60_000)
        before = 0
        while (height := self.height()) != before:
            self.page.set_viewport_size({"width": self.width, "height": height})
            self.page.wait_for_timeout(500)
            before = height
        self.wait(charts)

    def height(self) -> int:
        """Return the height in pixels that shows the whole page without scrolling."""
        return self.page.evaluate(
            "Math.max(...[...document.querySelectorAll('*')].map(each => each.scrollHeight))"
        )

    def refresh(self, charts: int) -> None:
        """Press the button that reloads all charts."""
        self.answers.clear()
        self.page.get_by_role("button", name="Refresh dashboard").click()
        self.wait(charts)

    def wait(self, charts: int) -> None:
        end = time.monotonic() + 90
        while len(self.answers) < charts:
            assert time.monotonic() < end, f"{len(self.answers)} of {charts} charts answered"
            self.page.wait_for_timeout(200)
        while self.page.locator('[data-test="loading-indicator"], .loading').count():
            assert time.monotonic() < end, "A chart is still loading"
            self.page.wait_for_timeout(200)
        self.page.wait_for_timeout(1500)  # the charts move into place

    def text(self) -> str:
        return self.page.inner_text("body")

    def chart(self, name: str):
        """Return the frame of a chart."""
        return self.page.locator(".chart-slice").filter(has_text=name).first

    def choose(self, chosen: str, text: str) -> None:
        """Open the filter that shows a choice, and type."""
        self.page.locator(".ant-select").filter(has_text=chosen).first.click()
        self.page.keyboard.type(text)
        self.page.wait_for_timeout(1500)


@pytest.fixture
def visitor(browser, server):
    result = Visitor(browser, server)
    yield result
    result.context.close()


def charts_of(slug: str) -> list[str]:
    """Return the names of a dashboard's charts, from its YAML."""
    dashboard = yaml.safe_load(
        (PROJECT / "bi" / "superset" / "dashboards" / f"{slug}.yaml").read_text(encoding="utf-8")
    )
    nodes = [node for node in dashboard["position"].values() if isinstance(node, dict)]
    return [node["meta"]["sliceName"] for node in nodes if node["type"] == "CHART"]
