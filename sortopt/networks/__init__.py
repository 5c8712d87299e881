"""Comparator networks: read, check by the 0-1 principle, draw, and know the best ones.

>>> network = best(8)
>>> network.size, network.depth, check(network).name
(19, 6, 'proved')
"""

from sortopt.networks.best import Measure, best
from sortopt.networks.network import Comparator, Network, untangle
from sortopt.networks.optimal import optimal_networks, random_optimal
from sortopt.networks.reader import FORMS, NetworkFile, parse_network
from sortopt.networks.writer import to_json, write_network
from sortopt.networks.zero_one import check, redundant

__all__ = [
    "FORMS",
    "Comparator",
    "Measure",
    "Network",
    "NetworkFile",
    "best",
    "check",
    "optimal_networks",
    "parse_network",
    "random_optimal",
    "redundant",
    "to_json",
    "untangle",
    "write_network",
]
