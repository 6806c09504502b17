"""What mkdocs is told beside mkdocs.yml: pages of the top folder, and links that leave the docs."""

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

TOP = {"CONTRIBUTING.md": "contributing.md", "SECURITY.md": "security.md", "CHANGELOG.md": "changelog.md"}
"""Files of the top folder that are pages of the site."""
SECTION = re.compile(
    r'<nav class="md-nav"( data-md-level="\d+") aria-labelledby="(__nav_[\d_]+)_label"([^>]*)>'
    r'(\s*<label class="md-nav__title" for="\2">\s*<span[^>]*></span>\s*)([^<>]*?)(?=\s*</label>)'
)
"""A section's pages. Where the section has a page of its own, the theme's label for it is an icon alone."""
LINK = re.compile(r"\[([^\]\n]*)\]\(([^)\s#]+)(#[^)\s]*)?\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put all pages of a folder where the navigation names the folder."""
    docs = Path(config.docs_dir)
    for section in config.nav or ():
        for title, pages in section.items():
            if isinstance(pages, str) and pages.endswith("/"):
                files = sorted((docs / pages).rglob("*.md"), key=lambda page: (page.parent, page.name))
                section[title] = [page.relative_to(docs).as_posix() for page in files]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of the top folder; their links start there."""
    root = Path(config.config_file_path).parent
    for name, page in TOP.items():
        text = (root / name).read_text(encoding="utf-8").replace("](docs/", "](")
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, config: MkDocsConfig, **_: Any) -> str:
    """Point links to what the site has: a file outside of docs to its page, a folder to its README.

    The path of a file that is no page stands as text.
    """
    start = posixpath.dirname(page.file.src_uri)
    root = Path(config.config_file_path).parent

    def pointed(match: re.Match[str]) -> str:
        text, target, anchor = match[1], match[2], match[3] or ""
        place = posixpath.normpath(posixpath.join("docs", start, target))
        if re.match(r"[a-z]+:|/", target):
            return match[0]
        if place in TOP:
            return f"[{text}]({posixpath.relpath(TOP[place], start or '.')}{anchor})"
        if place.startswith("docs/") and (root / place).is_dir():
            folders = (root / place, *(root / place).parents)
            readme = next(folder / "README.md" for folder in folders if (folder / "README.md").is_file())
            return f"[{text}]({posixpath.relpath(readme.as_posix(), (root / 'docs' / start).as_posix())})"
        if place.startswith("docs/"):
            return match[0]
        return text if text.strip("`") == place else f"{text} (`{place}`)"

    return LINK.sub(pointed, markdown)


def on_post_page(output: str, **_: Any) -> str:
    """Name what the theme leaves without a name for those who don't see it: search dialog and sections."""
    dialog = 'data-md-component="search" role="dialog"'
    named = output.replace(dialog, f'{dialog} aria-label="Search"')
    return SECTION.sub(r'<nav class="md-nav"\1 aria-label="\5"\3>\4\5', named)
