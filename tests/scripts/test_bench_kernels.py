"""scripts/bench_kernels.py: its figures are the medians, marked where a difference is shown."""

import bench_kernels
from kernels_by_hand import ALPHADEV3, SORT2

from sortopt.native import Options, Report, Result
from sortopt.native.paired import Paired, Spread
from sortopt.native.subjects import Subject


def spread(median):
    return Spread(median, median, median)


def test_figures_are_medians_marked_where_a_difference_from_ours_is_shown():
    names, medians = ("std::sort", "ours", "twin"), (13.2, 1.5, 1.51)
    verdicts = (Paired(1, 0, spread(8.8), 1e-9), Paired(1, 2, spread(1.001), 1e-9),
                Paired(2, 0, spread(8.7), 1e-9))  # fmt: skip
    times = tuple(map(spread, medians))
    result = Result("standalone", "random", "ns a sort", names, times, verdicts)
    subjects = (
        Subject("std::sort", "std::sort in C++", 3, "c++", "", "std_sort"),
        Subject("ours", "kernel", 3, "c", "", "ours", ALPHADEV3),
        Subject("twin", "kernel", 3, "c", "", "twin", SORT2),
    )
    report = Report(3, Options(), "a CPU", (), subjects, (result,), ())
    found = list(bench_kernels.figures(report))
    assert [(f["name"], f["length"], f["median"], f["shown"]) for f in found] == [
        ("ours", 11, 1.5, False), ("twin", 4, 1.51, False), ("std::sort", None, 13.2, True),
    ]  # fmt: skip
    assert {(f["n"], f["setting"], f["distribution"], f["unit"]) for f in found} == {
        (3, "standalone", "random", "ns a sort")
    }
