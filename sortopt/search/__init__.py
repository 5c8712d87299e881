"""Search for short kernels, in wings of its own, from the ground up:

`space` (assignments, instructions, symmetry), `bounds` (admissible lower bounds), `exhaustive`
(the shortest, with proof), `optima` (all of the shortest), `beams` (short ones, without proof).
"""
