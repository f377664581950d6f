"""The documents' links, paths, Python examples and lists of settings are right."""

import doctest
import re
from pathlib import Path

import pytest
import yaml
from conftest import PROJECT

from credit_indices.stats.panel import bootstrap
from synthetic import provinces

PAGES = sorted(
    [*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md"), PROJECT / "python_models/README.md"]
)
SETTINGS = (PROJECT / "docs/settings.md").read_text(encoding="utf-8")
MAKEFILE = (PROJECT / "Makefile").read_text(encoding="utf-8").replace("\\\n", "")
FENCED = re.compile(r"(?ms)^ *```.*?^ *```$")
FOLDERS = "benchmarks|bi|docs|macros|models|python_models|seeds|src|synthetic|tests"
LINK = re.compile(r"""(?:\]\(|<img src=")(?![a-z]+:)([^)"\s]+)""")
PATH = re.compile(rf"`((?:{FOLDERS})/[\w./*-]+)`")
WRITTEN = {"bi/state", "bi/state/viewer_password", "bi/state/admin_password"}
"""Places that a command creates."""


def named(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def prose(page: Path) -> str:
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """Return the anchors of the headings, as GitHub makes them."""
    headings = re.findall(r"(?m)^#+ (.+)$", prose(page))
    return {re.sub(r"[^\w\- ]", "", text).lower().replace(" ", "-") for text in headings}


def is_broken(link: str, page: Path) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path) if path else page
    return not target.exists() or (anchor != "" and anchor not in anchors(target))


def test_links_resolve():
    links = [
        (named(page), link)
        for page in PAGES
        for link in LINK.findall(re.sub(r"`[^`\n]*`", "", prose(page)))
    ]
    assert len(links) > 150
    assert [(page, link) for page, link in links if is_broken(link, PROJECT / page)] == []


def test_paths_exist():
    paths = [(named(page), path) for page in PAGES for path in PATH.findall(prose(page))]
    assert len(paths) > 50
    missing = [(page, path) for page, path in paths if not any(PROJECT.glob(path))]
    assert [(page, path) for page, path in missing if path not in WRITTEN] == []


def examples(page: Path) -> list[doctest.Example]:
    """Return the examples of a page: lines after >>>, and blocks of Python."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"(?ms)^```python\n(.*?)^```$", text)
    return doctest.DocTestParser().get_examples(text) + [doctest.Example(b, "") for b in blocks]


@pytest.mark.parametrize("page", list(filter(examples, PAGES)), ids=named)
def test_python_examples_run(page, monkeypatch):
    monkeypatch.chdir(PROJECT)
    monkeypatch.setattr(provinces, "SEED", provinces.SEED)  # restored after the example
    scope = {}
    for example in examples(page):
        source = example.source.replace("range(25)", "range(1)")  # one draw takes a second
        exec(compile(source, named(page), "exec"), scope)


def test_ahp_example_gives_the_documented_numbers():
    result = doctest.testfile(str(PROJECT / "docs/methods/ahp.md"), module_relative=False)
    assert (result.attempted > 4, result.failed) == (True, 0)


def test_settings_list_every_dbt_variable_with_its_default():
    text = SETTINGS.partition("## dbt variables")[2]
    listed = re.findall(r"(?m)^\| `(\w+)` \| `(.+?)` \|", text)
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    assert {name: yaml.safe_load(default) for name, default in listed} == project["vars"]


def test_settings_list_every_make_variable_with_its_targets():
    shared = re.search(r"(?m)^BUILD_VARIABLES := (.+)$", MAKEFILE).group(1)
    known = {
        (name, target)
        for target, names in re.findall(r"(?m)^VARIABLES_([\w-]+) := (.+)$", MAKEFILE)
        for name in names.replace("$(BUILD_VARIABLES)", shared).split()
    }
    table = SETTINGS.partition("| make variable |")[2].partition("\n\n")[0]
    listed = {
        (name, target)
        for names, targets in re.findall(r"(?m)^\| (`.+?) \| (`.+?) \|", table)
        for name in re.findall(r"`(\w+)`", names)
        for target in re.findall(r"`([\w-]+)`", targets)
    }
    assert listed == known
    assert "| `PYTHON` | all |" in table


def test_settings_list_every_environment_variable():
    names = re.search(r"(?m)^SETTINGS := \$\(addprefix CREDIT_INDICES_,(.+?)\)$", MAKEFILE)
    table = SETTINGS.partition("| environment variable |")[2].partition("\n\n")[0]
    rows = " ".join(re.findall(r"(?m)^\| (`.+?) \|", table))
    assert set(re.findall(r"CREDIT_INDICES_(\w+)", rows)) == set(names.group(1).split())


def test_documents_name_all_weights_of_the_bootstrap():
    panel = (PROJECT / "docs" / "methods" / "panel.md").read_text(encoding="utf-8").lower()
    for weights in bootstrap.WEIGHTS:
        assert f"`{weights}`" in SETTINGS, f"docs/settings.md: add {weights} to bootstrap_weights"
        assert weights in panel, f"docs/methods/panel.md: add {weights} to p_value_wild"
