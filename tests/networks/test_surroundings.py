"""Lists of comparators as people hand them on: in C, with headers, comments, channels from one."""

import pytest

from sortopt.base import InputError
from sortopt.cli.app import run
from sortopt.networks import parse_network

FOUR = ((0, 1), (2, 3), (0, 2), (1, 3), (1, 2))
MACRO = "#define SWAP(i, j) \\\n    do { if (d[j] < d[i]) exchange(d, i, j); } while (0)\n"
SWAPS = "SWAP(0, 1); SWAP(2, 3);\nSWAP(0, 2); SWAP(1, 3);\nSWAP(1, 2);\n"


@pytest.mark.parametrize(
    "text",
    [
        SWAPS,
        MACRO + SWAPS + "#undef SWAP\n",
        "#include <stdint.h>\n"
        + MACRO
        + "static inline void sort4(int32_t *d)\n{\n"
        + SWAPS
        + "}\n",
        "template <class T> void sort4(T (&d)[4]) noexcept {\n" + SWAPS + "}",
        SWAPS.replace("SWAP(0, 1);", "// SWAP(9, 9);\nSWAP(0, 1); /* SWAP(7, 8);\n*/"),
        "ce(a[0], a[1]); ce(a[2], a[3]);\nce(a[0], a[2]); ce(a[1], a[3]); ce(a[1], a[2]);",
        "sort2(&a[0], &a[1]); sort2(&a[2], &a[3]);\n"
        "sort2(&a[0], &a[2]); sort2(&a[1], &a[3]); sort2(&a[1], &a[2]);",
        "cmp_swap(v, 0, 1) cmp_swap(v, 2, 3) cmp_swap(v, 0, 2) cmp_swap(v, 1, 3) cmp_swap(v, 1, 2)",
        "void f(int *a) {\nif (a[0] > a[1]) swap(a[0], a[1]);\nif (a[3] < a[2]) swap(a[2], a[3]);\n"
        "if (a[0] > a[2]) { std::swap(a[2], a[0]); }\nif (a[1] > a[3]) swap(&a[1], &a[3]);\n"
        "if (a[1] > a[2]) swap(a[1], a[2]);\n}",
        "a.minmax(0, 1); a.minmax(2, 3); a.minmax(0, 2); a.minmax(1, 3); a.minmax(1, 2);",
        "0->1 2->3 0->2 1->3 1->2",
        "0–1, 2–3, 0–2, 1–3, 1–2",
        "CE<0, 1>(a); CE<2, 3>(a); CE<0, 2>(a); CE<1, 3>(a); CE<1, 2>(a);",
        "Comparator<0,1>, Comparator<2,3>, Comparator<0,2>, Comparator<1,3>, Comparator<1,2>",
        "swap_if<0,1>::apply(v) swap_if<2,3>::apply(v) swap_if<0,2>::apply(v)"
        " swap_if<1,3>::apply(v) swap_if<1,2>::apply(v)",
        "Layer 1: (0,1),(2,3)\nLayer 2: (0,2),(1,3)\nLayer 3: (1,2)\n",
        "layer 1:\n0:1 2:3\nlayer 2:\n0:2 1:3\nlayer 3:\n1:2\n",
        "1: (0,1),(2,3)\n2: (0,2),(1,3)\n3: (1,2)\n",
        "{'N':4,'L':5,'D':3,'sw':'SorterHunter_V0.4','ESC':0.01,'Prefix':0,'Postfix':0,'nw':\n"
        "[[(0,1),(2,3)]\n,[(0,2),(1,3)]\n,[(1,2)]\n]}",
        "4 keys -- 5 comparators\n0:1,2:3,0:2,1:3,1:2",
        "{0, 1}, {2, 3}, {0, 2}, {1, 3}, {1, 2}",
        "{{0,1},{2,3}},\n{{0,2},{1,3}},\n{{1,2}}\n",
        "static const int net[][2] = {{0,1},{2,3},{0,2},{1,3},{1,2}};",
        "std::vector<std::pair<int, int>> net = {{0,1},{2,3},{0,2},{1,3},{1,2}};",
        "const NET: [(usize, usize); 5] = [(0,1),(2,3),(0,2),(1,3),(1,2)];",
        "pub static NET: &[(u8, u8)] = &[(0,1),(2,3),(0,2),(1,3),(1,2)];",
        "var net = [][2]int{{0,1},{2,3},{0,2},{1,3},{1,2}}",
        "constexpr std::array<std::pair<int, int>, 5> net{{{0,1},{2,3},{0,2},{1,3},{1,2}}};",
        "network = [(0, 1), (2, 3), (0, 2), (1, 3), (1, 2)]  # of four keys",
        "N = 4\n[(0,1),(2,3)]\n[(0,2),(1,3)]\n[(1,2)]\n",
        "Network for 4 inputs, 5 CEs, 3 layers:\n[(0,1),(2,3)]\n[(0,2),(1,3)]\n[(1,2)]\n",
        "4 channels, 5 comparators\n0:1,2:3,0:2,1:3,1:2\n",
        "// from a thread\n\n/* 4 keys */\n0:1,2:3\n0:2,1:3\n1:2\n",
    ],
)
def test_a_list_is_read_whatever_stands_around_it(text):
    network = parse_network(text).network
    assert (network.channels, network.comparators) == (4, FOUR)


def test_a_header_names_channels_that_no_comparator_does():
    assert parse_network("N=5\n0:1, 2:3").network.channels == 5
    assert parse_network("N=5\n0:1, 2:3", channels=6).network.channels == 6


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("#if 0\nSWAP(0,1);\n#endif\nSWAP(0,1);", ":1:1: error: whether what follows is compiled"),
        ("SWAP(0,1);\n#else\nSWAP(0,1);", ":2:1: error: whether what follows is compiled"),
        ("0:1 /* 1:2", ":1:5: error: this comment does not end"),
        ("SWAP(0,1); // once \\\nSWAP(1,2);", ":1:12: error: in C this comment goes on"),
        ("SWAP(0,1); // once \\ \r\nSWAP(1,2);", ":1:12: error: in C this comment goes on"),
        ("for (i : all) { SWAP(0,1); }", "unexpected 'for'"),
        ("if (n) { SWAP(0,1); }", "unexpected 'if'"),
        ("void f(int *d) { if (n) SWAP(0,1); }", "unexpected 'if'"),
        ("void f(int *d) { SWAP(0,1); } void g() { SWAP(0,1); }", "'}' closes nothing"),
        ("sort2(a[0], b[1]);", "unexpected 'a'"),
        ("sort2(a[i], a[1]);", "unexpected 'a'"),
        ("if (a[0] < a[1]) swap(a[0], a[1]);", "1:0 puts the lesser key on the lower channel"),
        ("if (a[0] > a[1]) swap(a[0], a[0]);", "unexpected 'if'"),
        ("if (a[0] > a[1]) swap(a[0], b[1]);", "unexpected 'if'"),
        ("if (a[0] > a[1]) a[0] = a[1];", "unexpected 'if'"),
        ("swap(v, 0, 1); swap(w, 1, 2);", "unexpected 'v'"),
        ("CE<0,1>(v); CE<1,2>(w);", "unexpected 'CE'"),
        ("CE<0,1>(v); CE<1,2>::apply;", "unexpected 'CE'"),
        (";; 0:1\n0:2, 1:2", ":1:1: error: whether this line is a comment is not known"),
        ("0:1 -- first\n0:2 -- second\n", ":1:5: error: unexpected '-'"),
        ("0:1 <!-- 0:2 --> 1:2", "unexpected '<'"),
        ("0 -- 1\n1 -- 2\n", "half a comparator"),
        ("[(0,2),(0,1),(1,2)]\n[(0,1),(1,2)]", ":2:3: error: a list ends before this"),
        ("[0:2,0:1],[1:2]", ":1:12: error: a list ends before this"),
        ("[(0,1)]\n[0:2, 1:2]", ":2:2: error: a list ends before this"),
        ("0:1\n-- 1 2\n0:1", ":2:1: error: unexpected '-'"),
        ("Sort 4\n======\n0:1, 2:3", ":1:1: error: unexpected 'Sort'"),
        ("f(0,1); x = [(0,1),(1,2)]", "unexpected 'f'"),
        ("5 CEs\n0:1, 1:2", "the header says 5 comparators, but 2 follow"),
        (
            "4 inputs\n1:2, 3:4",
            "names channel 4, but the channels are 0 to 3; where channels count",
        ),
        ("2 inputs\n0:1, 1:2", "names channel 2, but the channels are 0 to 1\n"),
        ("4 inputs, 5 CEs", "no comparators found"),
    ],
)
def test_what_is_not_understood_around_a_list_is_refused_at_its_place(text, message):
    with pytest.raises(InputError) as caught:
        parse_network(text)
    assert message in caught.value.render()


def test_channels_that_seem_to_count_from_one_are_named(tmp_path, capsys):
    path = tmp_path / "net.txt"
    path.write_text("[(1,2),(3,4)]\n[(1,3),(2,4)]\n[(2,3)]\n")
    assert run(["network", str(path)]) == 1
    assert "where channels count from one, give --from-one" in capsys.readouterr().out
    assert run(["network", str(path), "--from-one"]) == 0
    assert "from one" not in capsys.readouterr().out


def test_no_advice_is_given_where_there_are_no_comparators(tmp_path, capsys):
    path = tmp_path / "net.json"
    path.write_text('{"N": 2, "nw": []}')
    assert run(["network", str(path)]) == 1
    assert "from-one" not in capsys.readouterr().out


def test_what_a_macro_does_is_said_to_be_taken_for_granted(tmp_path, capsys):
    path = tmp_path / "net.c"
    path.write_text("#define CAS(i, j) EXCHANGE(j, i)\nvoid f(int *d) {\n  CAS(0, 1);\n}\n")
    assert run(["network", str(path)]) == 0
    assert "list of CAS(i,j), which puts the lesser key into i" in capsys.readouterr().out
