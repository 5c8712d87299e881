"""Networks as text: JSON, lists, pairs, Knuth diagrams, and SVG."""

import re
import xml.etree.ElementTree as ElementTree
from itertools import pairwise

import places
import pytest
from places import KERNELS

from sortopt.base.errors import InputError
from sortopt.networks import FORMS, Network, best, parse_network, write_network
from sortopt.networks.diagram import columns

GOLDEN = places.GOLDEN / "network"
DATA = KERNELS / "networks"
SORT3 = Network(3, ((0, 2), (0, 1), (1, 2)))


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("0:2,0:1,1:2", "pairs"),
        (" 0 : 2\n0:1 ; 1:2 # sorts\n", "pairs"),
        ("[0:2, 0:1, 1:2]", "pairs"),
        ("[(0,2)]\n[(0,1)]\n[(1,2)]\n", "list"),
        ("[[0,2],[0,1],[1,2]]", "list"),
        ("[[[0,2]],[[0,1]],[[1,2]]]", "list"),
        ("(0,2) (0,1) (1,2)", "list"),
        ("(0 2)(0 1) [1 2]", "list"),
        ("0-2 0 - 1, 1<->2", "pairs"),
        ("0 2\n0 1\n\n1 2\n", "pairs"),
        ("3\n0,2\n0, 1;\n1,2,", "pairs"),
        ("3\n0:2 0:1 1:2", "pairs"),
        ('{"N": 3, "L": 3, "D": 3, "nw": [[0,2],[0,1],[1,2]]}', "json"),
        ('{"nw": [[[0,2]],[[0,1]],[[1,2]]]}', "json"),
        ("a --o--o-----\n    |  |\nb --|--o--o--\n    |     |\nc --o-----o--\n", "diagram"),
        ("--o-o---\n--|-o-o-\n--o---o-\n", "diagram"),
        ("o--^--^-----o\n   |  |\no--|--v--^--o\n   |     |\no--v-----v--o\n", "diagram"),
        ("──●──●─────\n  │  │\n──┼──●──●──\n  │     │\n──●─────●──\n", "diagram"),
    ],
)
def test_every_form_is_told_apart_and_read(text, form):
    found = parse_network(text)
    assert found.network.layered() == SORT3
    assert found.form == form


@pytest.mark.parametrize("n", range(2, 17))
@pytest.mark.parametrize("form", FORMS)
def test_print_then_parse_is_identity(n, form):
    network = best(n).layered()
    found = parse_network(write_network(network, form))
    assert (found.network.layered(), found.form) == (network, form)


@pytest.mark.parametrize("path", sorted(DATA.glob("*.json")), ids=lambda path: path.stem)
def test_a_data_file_is_what_its_name_says_and_names_its_source(path):
    network = parse_network(path.read_text()).network
    kind = path.stem.partition("_")[0]
    assert path.stem == f"{kind}_{network.channels}_{network.size}_{network.depth}"
    assert re.search(r'"source": "\w.+"', path.read_text())


def test_all_best_networks_are_on_file():
    assert len(list(DATA.glob("sort_*.json"))) == 50
    assert len(list(DATA.glob("median_*.json"))) == 20


def test_channels_can_be_more_than_are_named_and_count_from_one():
    assert parse_network("0:1", channels=4).network == Network(4, ((0, 1),))
    assert parse_network("1:3, 1:2, 2:3", first=1).network == SORT3


def test_comparators_the_other_way_round_are_untangled_when_asked():
    assert parse_network("2:0, 2:1, 1:0", any_direction=True).network == SORT3


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("", None, "no comparators found"),
        ("0:2, 1:0", (1, 6), "puts the lesser key on the lower channel"),
        ("0:1\n2:2", (2, 1), "joins a channel with itself"),
        ("0:", (1, 1), "half a comparator"),
        ("0:1 2", (1, 5), "half a comparator"),
        ("0,1,2", (1, 1), "half a comparator"),
        ("0-1-2", (1, 1), "half a comparator"),
        ("0 1\n1 2 3", (2, 1), "half a comparator"),
        ("0:1\n1 2", (2, 1), "half a comparator"),
        ("3 3\n0 2\n0 1\n1 2", (1, 1), "or a header that says 3 channels and 3 comparators"),
        ("9" * 5000 + "\n0:1", (1, 1), "half a comparator"),
        ("N = " + "9" * 5000 + "\n0:1", (1, 1), "unexpected 'N'"),
        (":1", (1, 1), "channel is missing"),
        ("0:1, x", (1, 6), "unexpected 'x'"),
        ("[(0,1,2)]", (1, 3), "has two channels"),
        ("[(0,1)", (1, 1), "never closed"),
        ("(0,1))", (1, 6), "closes nothing"),
        ("0:65", (1, 3), "at most 64"),
        ("0:64", None, "1 to 64 channels, not 65"),
        ('{"nw": [[0,1]', (1, 14), "not JSON"),
        ('{"N": 2}', None, "holds no network"),
        ('{"nw": []}', None, "neither comparators nor N"),
        ('{"nw": [[0,"a"]]}', None, "is no comparator"),
        ('{"nw": [[0,true]]}', None, "is no comparator"),
        ('{"nw": [[0,1]], "L": 2}', None, "says 2 comparators, but nw holds 1"),
        ('{"nw": [[0,1]], "N": "x"}', None, "N must be the number"),
        ('{"nw": [[0,3]], "N": 2}', None, "names channel 3"),
        ('{"nw": [[0,1]], "nw": [[1,2]]}', None, "net.txt: error: this JSON names something twice"),
        ('{"nw": [[' + "9" * 5000 + ",1]]}", None, "a network: a number has too many digits"),
        ("[" * 9 + "(" * 100_000, (1, 100_009), "never closed"),
        ('{"nw":' + "[" * 100_000, None, "not a network"),
        ("--o--\n  |\n-----\n", (3, 3), "no other end"),
        ("-----\n  |\n--o--\n", (1, 3), "no other end"),
        ("--o--\n  |\n--o--\n  |\n--o--\n", (3, 3), "no other end"),
        ("--o--\n-----\n", (1, 3), "no other end"),
        ("--|--\n--o--\n", (1, 3), "no other end"),
        ("a --o--o--\n    |\nb --o-----\n", (1, 8), "no other end"),
        ("my network\n--o--\n  |\n--o--\n", (1, 1), "neither a channel of the diagram"),
    ],
)
def test_malformed_text_is_refused_at_its_place(text, place, message):
    with pytest.raises(InputError, match=message) as caught:
        parse_network(text, "net.txt")
    span = caught.value.span
    assert (span and (span.line, span.column)) == place
    assert caught.value.source.name == "net.txt"


def test_channels_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="names channel 3"):
        parse_network("0:3", channels=2)
    with pytest.raises(InputError, match="count from 1"):
        parse_network("0:1", first=1)
    with pytest.raises(InputError, match="2 channels, not 3"):
        parse_network("--o--\n--o--\n", channels=3)


def test_no_two_lines_of_a_column_overlap():
    for n in range(2, 17):
        for layer in best(n).layers:
            shared = columns(layer)
            assert sorted(c for column in shared for c in column) == sorted(layer)
            for column in shared:
                assert all(above[1] < below[0] for above, below in pairwise(column))


@pytest.mark.parametrize("form", ["json", "list", "pairs", "diagram", "svg"])
def test_written_networks_look_as_they_did(form):
    assert write_network(best(6), form) == (GOLDEN / f"best-6.{form}").read_text()


def test_an_svg_holds_a_line_a_channel_and_a_comparator():
    network = best(16)
    root = ElementTree.fromstring(write_network(network, "svg"))
    tags = [element.tag.partition("}")[2] for element in root]
    assert tags.count("line") == network.channels + network.size
    assert tags.count("circle") == 2 * network.size
