"""The pages are true: links lead somewhere, commands and examples run, files named are there.

Commands stand in blocks of `sh`, one a line, run in the sequence of the page in one folder; a
comment that says `exit status N` is believed.  A block of `console` shows output as well.  A block
under `<!-- not run: REASON -->` is left out.
"""

import doctest
import re
import shlex

import pytest
from places import KERNELS, ROOT
from test_architecture import FLOOR, FLOORS

import sortopt
from sortopt.cli import app
from sortopt.report import show

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", KERNELS / "README.md",
         *sorted((ROOT / "docs").glob("*.md"))]  # fmt: skip

BLOCK = re.compile(
    r"(?P<mark><!--(?:(?!-->).)*-->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.M | re.S
)
LINK = re.compile(r"\]\((?!https?:)(?P<path>[^)#\s]*)(?:#(?P<part>[^)\s]*))?\)")
NAMED = re.compile(r"`((?:sortopt|tests|scripts|docs|kernels)/[\w./*-]+)`")
TERM = re.compile(r"^- \*\*(.+?)\*\*", re.M)

named = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def blocks(page, *languages):
    """Yield (language, text) of the blocks that are to be run."""
    for block in BLOCK.finditer(page.read_text()):
        mark = block["mark"] or ""
        if block["language"] in languages and "not run" not in mark:
            yield block["language"], block["text"]


def parts(page):
    """Return the names by which links reach the headings of `page`, and its tables."""
    text = page.read_text()
    heads = re.findall(r"^#+ (.+)$", text, re.M)
    slugs = {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}
    return slugs | set(re.findall(r"^\((\S+)\)=$", text, re.M))


@named
def test_every_link_leads_to_a_file_and_a_heading(page):
    text = BLOCK.sub("", page.read_text())
    for link in LINK.finditer(text):
        target = (page.parent / link["path"]) if link["path"] else page
        assert target.exists(), link[0]
        assert not link["part"] or link["part"] in parts(target), link[0]


@named
def test_every_file_that_is_named_is_there(page):
    for name in NAMED.findall(BLOCK.sub("", page.read_text())):
        assert list(ROOT.glob(name.rstrip("/"))), name


def run(capsys, line):
    """Run a command line; return what it prints."""
    words = shlex.split(line, comments=True)
    assert words[0] == "sortopt", f"{line!r} is no command of ours: mark its block as not run"
    status = re.search(r"#.*exit status (\d)", line)
    assert app.run(words[1:]) == (int(status[1]) if status else 0), line
    return capsys.readouterr().out


@named
def test_every_command_does_what_the_page_says(page, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kernels").symlink_to(KERNELS)
    for language, text in blocks(page, "sh", "console"):
        if language == "sh":
            for line in text.splitlines():
                run(capsys, line)
            continue
        for shown in re.split(r"^\$ ", text, flags=re.M)[1:]:
            line, _, wanted = shown.partition("\n")
            words = shlex.split(line)
            assert words[0] == "sortopt"
            app.run(words[1:])
            printed = capsys.readouterr().out
            assert doctest.OutputChecker().check_output(wanted, printed, doctest.ELLIPSIS), printed


@named
def test_every_python_example_runs(page, monkeypatch):
    monkeypatch.chdir(ROOT)
    names = {}
    for _, text in blocks(page, "python"):
        test = doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), 0)
        test.globs = names
        assert test.examples, "write examples with >>>"
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
        said = []
        runner.run(test, out=said.append, clear_globs=False)
        assert not runner.failures, "".join(said)


def test_a_block_that_is_not_run_says_why():
    for page in PAGES:
        for block in BLOCK.finditer(page.read_text()):
            if "not run" in (block["mark"] or ""):
                assert re.match(r"<!-- not run: \w.+ -->", block["mark"])


def test_the_index_leads_to_every_page():
    listed = set(re.findall(r"^([\w-]+)$", (ROOT / "docs" / "index.md").read_text(), re.M))
    pages = [*(ROOT / "docs").glob("*.md"), *(ROOT / "docs").glob("*.ipynb")]
    assert listed == {page.stem for page in pages} - {"index"}


def test_the_page_on_architecture_lists_the_floors_and_every_wing():
    page = (ROOT / "docs" / "architecture.md").read_text()
    shown = re.search(r"```text\n(.*?)```", page, re.S)[1].splitlines()
    no_wings = {"search", "sortopt", "__main__"}
    floors = [wings - no_wings for wings in FLOORS if wings - no_wings]
    assert [set(line.split()) for line in reversed(shown)] == floors
    assert set(re.findall(r"^\| `([\w.]+)` \|", page, re.M)) == FLOOR.keys() - no_wings


def test_the_glossary_defines_each_word_once_in_alphabetical_order():
    words = TERM.findall((ROOT / "docs" / "glossary.md").read_text())
    assert len(words) >= 40
    assert words == sorted(set(words), key=str.lower)


def test_the_picture_in_the_readme_is_what_show_draws():
    assert 'src="docs/sort3.svg"' in (ROOT / "README.md").read_text()
    drawn = show.picture(sortopt.show(sortopt.load(KERNELS / "alphadev" / "sort3.asm")))
    assert (ROOT / "docs" / "sort3.svg").read_text() == drawn
