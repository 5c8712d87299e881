"""What the doors of the wings hand on as it is, to `sortopt.api` and so to the commands.

What commands do with whole files (`verify_file`, `emit_file` …), and the names that their options
offer.  Each is loaded when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sortopt.emit import LAYOUTS as LAYOUTS
    from sortopt.emit import ORDERS as ORDERS
    from sortopt.emit import Items as Items
    from sortopt.formats import DIALECTS as DIALECTS
    from sortopt.formats import SeveralKernels as SeveralKernels
    from sortopt.formats import print_kernel as print_kernel
    from sortopt.front import MOST_KEYS as MOST_KEYS
    from sortopt.model import FLOAT_TYPES as FLOAT_TYPES
    from sortopt.model import KEY_TYPES as KEY_TYPES
    from sortopt.model import Kernel as Kernel
    from sortopt.model import Rung as Rung
    from sortopt.model import Unsafe as Unsafe
    from sortopt.model import Verdict as Verdict
    from sortopt.model import cpu_families as cpu_families
    from sortopt.native import FEWEST_ROUNDS as FEWEST_ROUNDS
    from sortopt.networks import FORMS as FORMS
    from sortopt.networks import Network as Network
    from sortopt.networks import write_network as write_network
    from sortopt.objects import Branches as Branches
    from sortopt.search.space import Problem as Problem
    from sortopt.search.space import problem_of as problem_of
    from sortopt.targets import DEFAULT_ISA as DEFAULT_ISA
    from sortopt.targets import ISAS as ISAS
    from sortopt.tasks import FAULTY as FAULTY
    from sortopt.tasks import Answer as Answer
    from sortopt.tasks import CheckedLengths as CheckedLengths
    from sortopt.tasks import CheckedNetwork as CheckedNetwork
    from sortopt.tasks import CheckedPaths as CheckedPaths
    from sortopt.tasks import Landscape as Landscape
    from sortopt.tasks import Library as Library
    from sortopt.tasks import Outcome as Outcome
    from sortopt.tasks import Picture as Picture
    from sortopt.tasks import Plan as Plan
    from sortopt.tasks import ahead as ahead
    from sortopt.tasks import bench_files as bench_files
    from sortopt.tasks import best_network as best_network
    from sortopt.tasks import certificates as certificates
    from sortopt.tasks import choose_library as choose_library
    from sortopt.tasks import compile_plain as compile_plain
    from sortopt.tasks import doctor as doctor
    from sortopt.tasks import emit_file as emit_file
    from sortopt.tasks import enumerate as enumerate
    from sortopt.tasks import explain_file as explain_file
    from sortopt.tasks import exploration as exploration
    from sortopt.tasks import export_query as export_query
    from sortopt.tasks import fastest as fastest
    from sortopt.tasks import find as find
    from sortopt.tasks import front_file as front_file
    from sortopt.tasks import judge_folder as judge_folder
    from sortopt.tasks import landscape as landscape
    from sortopt.tasks import measure_of as measure_of
    from sortopt.tasks import optimize_file as optimize_file
    from sortopt.tasks import plan_files as plan_files
    from sortopt.tasks import plan_folder as plan_folder
    from sortopt.tasks import plan_kernels as plan_kernels
    from sortopt.tasks import random_network as random_network
    from sortopt.tasks import rank_answer as rank_answer
    from sortopt.tasks import read_network as read_network
    from sortopt.tasks import repair_file as repair_file
    from sortopt.tasks import rungs as rungs
    from sortopt.tasks import second_opinion as second_opinion
    from sortopt.tasks import study_file as study_file
    from sortopt.tasks import verify_file as verify_file
    from sortopt.tasks import verify_lengths as verify_lengths
    from sortopt.tasks import verify_paths as verify_paths
    from sortopt.tasks import ways as ways
    from sortopt.verify import claim as claim

_WINGS = (
    "tasks", "formats", "front", "model", "networks", "search.space", "native", "targets", "verify",
    "emit", "objects",
)  # fmt: skip


def __getattr__(name: str) -> Any:
    """Return what is handed on under this name, loaded when first used."""
    for wing in _WINGS:
        door = import_module(f"sortopt.{wing}")
        if name in door.__all__:
            return getattr(door, name)
    raise AttributeError(f"sortopt.api has no {name!r}")
