"""The page on a kernel: it runs kernels as the interpreter does, and runs nothing else."""

import html
import html.parser
import json
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from browser import NODE, started
from kernels_by_hand import ALPHADEV3, FAILS_ON_TIES, MINMAX3, SORT2, UNSIGNED2
from places import KERNELS, ROOT

from sortopt import api
from sortopt.base import InputError
from sortopt.model import (
    ENTRY_FLAGS,
    Goal,
    Order,
    build,
    expected,
    parse_precondition,
    producers,
    trace,
)
from sortopt.model.orders import weak_orders
from sortopt.networks import best, lower
from sortopt.report import dataflow, page, stepping
from sortopt.targets import ISAS
from sortopt.verify import verify

SORT3 = KERNELS / "alphadev" / "sort3.asm"
MOVELESS = KERNELS / "claim" / "without-mov.asm"
LOWERED = {name: lower(best(3), isa) for name, isa in ISAS.items()}
MIN = Goal("min")
KERNELS_RUN = [ALPHADEV3, FAILS_ON_TIES, MINMAX3, UNSIGNED2, *LOWERED.values()]

HARNESS = """
function answers(program, cases) {
  const big = (value) => (value === null ? null : BigInt(value));
  const text = (value) => (value === null ? null : String(value));
  return cases.map(([keys, scratch, flags]) => {
    keys = keys.map(big);
    return [
      trace(program, keys, scratch.map(big), flags).map((s) => [s.cells.map(text), s.flags]),
      expected(program, keys).map(text),
      admitted(program, keys),
    ];
  });
}
"""


def one_instruction(isa):
    """Return a kernel of each form of a set that takes operands where cells live by default."""
    names = isa.registers[0], isa.registers[1], isa.registers[0]
    return [
        build(
            isa,
            [(form, names[: len(form.operands)])],
            inputs=names[:2],
            outputs=names[:1],
            goal=MIN,
        )
        for form in isa.forms.values()
        if form.admits([isa.place] * len(form.operands))
    ]


def cases(kernel):
    """Return all weak orders, each with known and unknown scratch, on each state of the flags."""
    unknown, known = [None] * len(kernel.scratch), [2] * len(kernel.scratch)
    return [
        (order, scratch, flags)
        for order in weak_orders(kernel.n)
        for scratch in (unknown, known)
        for flags in (None, *ENTRY_FLAGS)
    ]


def written(value):
    return None if value is None else str(value)


def wanted(kernel):
    """Return what the interpreter says of all `cases`."""
    return [
        [
            [
                [list(map(written, s.cells)), s.flags and s.flags.value]
                for s in trace(kernel, *case)
            ],
            list(map(written, expected(kernel, case[0]))),
            kernel.contract.precondition.holds(case[0]),
        ]
        for case in cases(kernel)
    ]


def question(kernel):
    """Return the program and the cases as JSON."""
    given = [(keys, scratch, flags and flags.value) for keys, scratch, flags in cases(kernel)]
    return json.dumps([stepping.program(kernel), given])


def tried():
    """Return kernels of every instruction, and some with a goal or a precondition."""
    median = replace(
        ALPHADEV3,
        contract=replace(
            ALPHADEV3.contract,
            outputs=ALPHADEV3.contract.outputs[1:2],
            goal=Goal("median"),
        ),
    )
    singles = [kernel for isa in ISAS.values() for kernel in one_instruction(isa)]
    return [
        *KERNELS_RUN,
        *singles,
        median,
        ALPHADEV3.assuming(parse_precondition("a <= b, b != c")),
    ]


@pytest.mark.skipif(NODE is None, reason="no Node.js; install it (Debian: apt install nodejs)")
def test_the_page_runs_kernels_as_the_interpreter_does():
    kernels = tried()
    code = (ROOT / "sortopt" / "data" / "page" / "interpreter.js").read_text() + HARNESS
    code += f"for (const [p, c] of [{','.join(map(question, kernels))}]) "
    code += "console.log(JSON.stringify(answers(p, c)));"
    said = subprocess.run([NODE, "-"], input=code, capture_output=True, text=True, check=True)
    assert list(map(json.loads, said.stdout.splitlines())) == list(map(wanted, kernels))


class Elements(html.parser.HTMLParser):
    """The elements of a page with their attributes, and the text in each."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs), []))

    def handle_data(self, data):
        if self.found:
            self.found[-1][2].append(data)

    def named(self, tag):
        return [(attributes, "".join(data)) for name, attributes, data in self.found if name == tag]


HOSTILE = '</title></script><script>document.title="run"</script><img src=x onerror="alert(1)">'


def hostile():
    """Return a page whose title, names and lines are scripts."""
    subject = page.of_kernel(verify(FAILS_ON_TIES), HOSTILE)
    names = [replace(cell, name=f"<b>{cell.name}</b>") for cell in subject.kernel.cells]
    return page.render(
        replace(subject, lines=(HOSTILE,), kernel=replace(subject.kernel, cells=tuple(names)))
    )


def test_text_of_a_kernel_never_becomes_markup():
    found = Elements(hostile())
    assert [attributes.get("type") for attributes, _ in found.named("script")] == [
        "application/json",
        None,
    ]
    assert not found.named("img")
    assert not found.named("b")
    assert not any(name.startswith("on") for _, attributes, _ in found.found for name in attributes)
    (program,) = (text for attributes, text in found.named("script") if "type" in attributes)
    assert json.loads(program)["cells"][0] == "<b>eax</b>"


def test_a_page_loads_nothing():
    text = page.render(page.of_file(api.verify_file(SORT3)))
    found = Elements(text)
    links = [attributes["href"] for attributes, _ in found.named("a")]
    assert len(links) == 1
    assert links[0].startswith("https://godbolt.org/clientstate/")
    assert not {tag for tag, *_ in found.found} & {"link", "img", "iframe", "object", "base"}
    assert "url(" not in text
    assert "default-src 'none'" in html.unescape(text)


def test_what_a_page_shows_without_a_script_is_the_trace():
    subject = page.of_file(api.verify_file(MOVELESS))
    rows = re.findall(
        r"<tr><td>(\d+)</td><th scope=\"row\">(.*?)</th>(.*?)</tr>", page.render(subject)
    )
    steps = trace(subject.kernel, (1, 2, 1))
    assert len(rows) == len(steps) == 8
    signs = {None: "?", Order.LESS: "<", Order.EQUAL: "=", Order.GREATER: ">"}
    for (number, _, fields), step in zip(rows, steps, strict=True):
        values = [
            re.sub("&lt;", "<", re.sub("&gt;", ">", v)) for v in re.findall(r'">(.*?)</td>', fields)
        ]
        held = ["?" if value is None else str(value) for value in step.cells]
        assert values == [*held, signs[step.flags]], number


def test_a_page_is_the_same_whatever_the_proofs_took():
    judgement = verify(SORT2)
    slower = replace(
        judgement, methods=tuple(replace(m, seconds=m.seconds + 9) for m in judgement.methods)
    )
    assert page.render(page.of_kernel(judgement)) == page.render(page.of_kernel(slower))


def test_the_skeleton_of_a_page_is_the_golden_one():
    text = page.render(page.of_kernel(verify(SORT2), "two keys"))
    for tag in ("style", "script"):
        text = re.sub(rf"(<{tag}>).*?(</{tag}>)", r"\1\2", text, flags=re.S)
    text = re.sub(r"sha256-[\w+/=]+|clientstate/[^\"]+", "...", text)
    golden = ROOT / "tests" / "golden" / "report" / "sort2.html"
    assert text == golden.read_text()


@pytest.mark.parametrize("name", ISAS)
def test_every_instruction_set_has_pages(name):
    text = page.render(page.of_kernel(verify(LOWERED[name])))
    assert "proved for all inputs" in text
    assert ("machine code" in text) == ("godbolt" in text) == name.startswith("x86")


def test_a_misread_key_is_shown_as_the_kernel_sees_it():
    found = api.verify_file(SORT3, key="uint32")
    text = page.render(page.of_file(found))
    assert "as the kernel reads them (as signed keys)" in text
    assert "1 1 -1 comes out as -1 1 1, which is right (as signed keys)." in text
    assert '"keys": ["1", "1", "-1"]' in text


def test_a_page_says_what_a_kernel_keeps_and_costs():
    shortest = api.verify_file(SORT3, climb=True)
    for subject in (page.of_file(shortest), page.of_kernel(shortest.judgement)):
        assert "stable: refuted, on 1 1 1: a leaves twice" in " ".join(subject.lines)
    stable = api.verify_file(next((KERNELS / "kept").glob("sort2*stable.asm")), climb=True)
    assert "<li>stable: proved</li>" in page.render(page.of_file(stable))
    minimum = api.verify_file(next((KERNELS / "float").glob("sort2*lost.asm")), climb=True)
    text = page.render(page.of_file(minimum))
    assert "with NaN: the other keys need not ascend" in text
    assert "<dd>1 cycle</dd>" in text


def test_a_kernel_in_memory_has_a_page():
    path = next((KERNELS / "memory").glob("*.asm"))
    assert "on entry" in page.render(page.of_file(api.verify_file(path)))


def test_the_data_flow_has_a_line_for_each_value_that_is_read():
    kernel = ALPHADEV3
    drawn = dataflow.draw(kernel, (0, 3))
    assert drawn.count("<path") == sum(map(len, producers(kernel)))
    assert drawn.count("data-step") == len(kernel)
    assert drawn.count('<path class="critical"') == 1


def test_a_file_whose_name_is_no_text_has_a_page():
    subject = page.of_kernel(verify(SORT2), "b\udcff.asm")
    assert "b\\udcff.asm" in page.render(subject).encode().decode()


def test_an_answer_without_a_proof_has_no_page():
    found = api.search(3, max_length=4)
    assert page.of_answer(found) is None


def test_where_jinja_is_missing_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(InputError) as caught:
        page.render(page.of_kernel(verify(SORT2)))
    assert "sortopt[report]" in caught.value.hint


@pytest.fixture(scope="module")
def browser():
    found = started()
    yield found
    found.quit()


@pytest.fixture
def opened(browser, tmp_path):
    """Return a function that opens a page; the test fails where the console is not empty."""

    def open_page(text):
        path = tmp_path / "page.html"
        path.write_text(text)
        browser.get(path.as_uri())
        return browser

    yield open_page
    assert browser.get_log("browser") == []


def values(browser, row):
    """Return what a row of the trace shows."""
    fields = browser.find_elements("css selector", f"#trace tbody tr:nth-child({row + 1}) td.value")
    return [field.text for field in fields]


def at(browser):
    return browser.find_element("id", "now").text


def test_the_browser_runs_kernels_as_the_interpreter_does(opened):
    driver = opened(page.render(page.of_kernel(verify(SORT2))))
    for kernel in tried():
        said = driver.execute_script(f"{HARNESS} return answers(...{question(kernel)})")
        assert said == wanted(kernel)


def test_the_browser_steps_through_a_counterexample(opened):
    driver = opened(page.render(page.of_file(api.verify_file(MOVELESS))))
    assert driver.find_element("id", "keys").get_property("value") == "1 2 1"
    assert driver.find_element("id", "outcome").text == "1 2 1 comes out as 1 2 1, not 1 1 2."
    assert at(driver).startswith("Step 0 of 7: on entry. eax 1, ecx 2, edx 1")
    assert values(driver, 1) == [""] * 5
    driver.find_element("id", "next").click()
    assert at(driver).startswith("Step 1 of 7: mov esi, edx.")
    assert values(driver, 1) == ["1", "2", "1", "1", "?"]
    driver.find_element("tag name", "body").send_keys("\ue014\ue014")  # the right arrow, twice
    assert at(driver).startswith("Step 3 of 7")
    driver.find_element("id", "position").send_keys("\ue010")  # the end of the slider
    assert at(driver).startswith("Step 7 of 7")
    assert driver.find_element("css selector", "tr.current th").text == "cmovg ecx, esi"


def test_the_browser_sorts_what_is_typed(opened):
    driver = opened(page.render(page.of_file(api.verify_file(SORT3))))
    keys, outcome = driver.find_element("id", "keys"), driver.find_element("id", "outcome")
    keys.clear()
    keys.send_keys("9007199254740993, -5 9007199254740992")
    assert outcome.text.endswith("as -5 9007199254740992 9007199254740993, which is right.")
    driver.find_element("id", "position").send_keys("\ue010")
    shown = dict(zip(("eax", "edx", "ecx"), values(driver, 11), strict=False))
    assert shown == {"eax": "-5", "edx": "9007199254740993", "ecx": "9007199254740992"}
    keys.clear()
    keys.send_keys("1 x 2")
    assert driver.find_element("id", "problem").text == "x is no whole number"
    keys.clear()
    keys.send_keys("1 2")
    assert driver.find_element("id", "problem").text == "type 3 numbers, not 2"
    driver.find_element("id", "restart").click()
    assert at(driver).startswith("Step 0 of 11")
    assert driver.find_element("id", "problem").text == ""


def test_the_browser_shows_a_page_in_the_dark_and_on_paper(opened):
    driver = opened(page.render(page.of_kernel(verify(SORT2))))

    def shown(media, scheme):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})
        body = driver.find_element("tag name", "body")
        return body.value_of_css_property("background-color"), values(driver, 4)[0]

    assert shown("screen", "light") == ("rgba(255, 255, 255, 1)", "")
    assert shown("screen", "dark") == ("rgba(21, 23, 26, 1)", "")
    assert shown("print", "light") == ("rgba(255, 255, 255, 1)", "1")
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})


SHRINK = """
const [shot, width, height, done] = arguments, image = new Image();
image.onload = () => {
  const pen = Object.assign(document.createElement("canvas"), {width, height}).getContext("2d");
  pen.imageSmoothingQuality = "high";
  pen.drawImage(image, 0, 0, width, height);
  const seen = pen.getImageData(0, 0, width, height).data;
  done(Array.from({length: width * height}, (_, i) => seen[4 * i + 1]));
};
image.src = "data:image/png;base64," + shot;
"""


def test_a_screenshot_of_the_data_flow_is_like_the_golden_one(opened):
    """Loosely: 12 x 16 fields, each about as light; other fonts make a difference of two of 255."""
    text = page.render(page.of_kernel(verify(SORT2)))
    golden = json.loads((ROOT / "tests" / "golden" / "report" / "flow.json").read_text())

    def difference(text):
        driver = opened(text)
        driver.set_window_size(900, 1200)
        shot = driver.find_element("id", "flow").screenshot_as_base64
        driver.get("about:blank")
        seen = driver.execute_async_script(SHRINK, shot, 12, 16)
        return sum(abs(a - b) for a, b in zip(seen, golden, strict=True)) / len(golden)

    assert difference(text) < 4
    assert difference(re.sub("<style>.*?</style>", "", text, flags=re.S)) > 20


def test_the_browser_says_where_the_precondition_does_not_hold(opened):
    kernel = SORT2.assuming(parse_precondition("a < b"))
    driver = opened(page.render(page.of_kernel(verify(kernel))))
    keys = driver.find_element("id", "keys")
    assert keys.get_property("value") == "1 2"
    keys.clear()
    keys.send_keys("2 1")
    assert "does not satisfy the precondition" in driver.find_element("id", "outcome").text


def test_the_browser_runs_no_script_of_a_kernel(opened):
    driver = opened(hostile())
    assert driver.title.startswith("</title>")
    assert driver.find_element("tag name", "h1").text == HOSTILE


def test_the_policy_of_a_page_lets_no_other_script_run(browser, tmp_path):
    text = page.render(page.of_kernel(verify(SORT2)))
    path = tmp_path / "page.html"
    path.write_text(text.replace("</body>", "<script>document.title = 'run'</script></body>"))
    browser.get(path.as_uri())
    assert browser.title != "run"
    assert any("Content Security Policy" in line["message"] for line in browser.get_log("browser"))
