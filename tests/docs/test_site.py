"""The site: its notebook runs, and Sphinx builds all pages without a warning."""

import json
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec

import pytest
from places import ROOT

from sortopt.cli.app import COMMANDS

DOCS = ROOT / "docs"
needs_sphinx = pytest.mark.skipif(
    not all(map(find_spec, ("furo", "ipykernel", "myst_nb", "sphinx"))),
    reason="building the site needs pip install '.[docs]'",
)


def build(pages, folder, *options):
    """Build the site of the folder `pages`; return the exit status and the messages."""
    words = ["--fail-on-warning", "--keep-going", "--quiet", *options, str(pages), str(folder)]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *words], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("notebook", list(DOCS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_every_notebook_runs_and_holds_no_output(notebook):
    names = {}
    for cell in json.loads(notebook.read_text())["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            exec("".join(cell["source"]), names)


@needs_sphinx
@pytest.mark.slow
def test_the_site_builds_without_a_warning_and_shows_every_page_and_command(tmp_path):
    status, messages = build(DOCS, tmp_path)
    assert status == 0, messages
    pages = {path.stem for path in (*DOCS.glob("*.md"), *DOCS.glob("*.ipynb"))}
    assert pages <= {path.stem for path in tmp_path.glob("*.html")}
    commands = (tmp_path / "commands.html").read_text()
    assert set(re.findall(r"Usage: sortopt ([\w-]+)", commands)) == COMMANDS.keys()


@needs_sphinx
@pytest.mark.parametrize("link", ["nowhere.md", "page.md#nowhere"])
def test_a_broken_link_fails_the_build(link, tmp_path):
    pages = tmp_path / "pages"
    pages.mkdir()
    shutil.copy(DOCS / "conf.py", pages)
    (pages / "index.md").write_text(f"# A page\n\n```{{toctree}}\npage\n```\n\n[link]({link})\n")
    (pages / "page.md").write_text("# Another\n")
    status, messages = build(pages, tmp_path / "site")
    assert status == 1
    assert "nowhere" in messages
