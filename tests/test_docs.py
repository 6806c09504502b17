"""Every relative link of the docs resolves, every page can be reached, every file that is named is there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
INDEX = ROOT / "docs" / "index.md"
PAGES = sorted((ROOT / "docs").rglob("*.md"))
TOP = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")]
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
ELSEWHERE = re.compile(r"[a-z]+:")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
MENTION = re.compile(r"docs/[\w/-]+\.md")


REPOSITORY = re.compile(
    r"`((?:siu|tasks|flows|tests|benchmarks|examples|deploy|docs|requirements)/[\w./-]*[\w/])`"
)
"""A path of the repository in backticks; not with ``<name>`` or ``*`` in it, which stands for several."""


def prose(page: Path) -> str:
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """Yield target and anchor of every relative link."""
    for link in LINK.findall(SPAN.sub("", prose(page))):
        if not ELSEWHERE.match(link):
            path, _, anchor = link.partition("#")
            yield (page.parent / path).resolve() if path else page, anchor


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    titles = (LINK.sub("]", title) for title in HEADING.findall(prose(page)))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def broken(page: Path) -> Iterator[str]:
    for target, anchor in links(page):
        if not target.exists():
            yield f"{target} is missing"
        elif anchor and anchor not in anchors(target):
            yield f"{target} has no heading #{anchor}"


@pytest.mark.parametrize("page", [*PAGES, *TOP], ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_resolves(page: Path) -> None:
    assert not list(broken(page))


def test_every_page_can_be_reached_from_the_index() -> None:
    reached, waiting = set[Path](), [INDEX]
    while waiting:
        page = waiting.pop()
        if page not in reached:
            reached.add(page)
            waiting += [target for target, _ in links(page) if target in PAGES]
    assert reached == set(PAGES)


def test_pages_that_the_code_names_are_there() -> None:
    sources = [path for top in ("siu", "tasks", "flows") for path in (ROOT / top).rglob("*.py")]
    named = {page for path in sources for page in MENTION.findall(path.read_text(encoding="utf-8"))}
    assert named
    assert not {page for page in named if not (ROOT / page).is_file()}


@pytest.mark.parametrize("page", [*PAGES, *TOP], ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_of_the_repository_that_a_page_names_is_there(page: Path) -> None:
    assert not {path for path in REPOSITORY.findall(prose(page)) if not (ROOT / path).exists()}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[there](other.md)", None),
        ("[there](other.md#a-part-of-it)", None),
        ("[gone](gone.md)", "is missing"),
        ("[no part](other.md#another)", "no heading"),
        ("[far away](https://example.org/gone.md)", None),
        ("`[a](gone.md)`\n```\n[b](gone.md)\n```", None),
    ],
)
def test_a_broken_link_is_found(tmp_path: Path, text: str, problem: str | None) -> None:
    (tmp_path / "other.md").write_text("# Other\n\n## A part of it\n")
    page = tmp_path / "page.md"
    page.write_text(text)
    found = list(broken(page))
    assert len(found) == (problem is not None)
    assert problem is None or problem in found[0]
