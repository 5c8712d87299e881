"""How many merges sorting takes: instructions that write what they take from one of two sources.

The sources of a conditional move of two operands are its source and what its target held; copies
are no merges.  All arguments are about values, each written once by a merge of values before it or
given as an input, so they hold for any number of cells and for keys in memory.  Let all keys be
distinct, and let cells that are undefined on entry hold a copy of the first key.
"""

from __future__ import annotations

from itertools import count
from math import factorial


def least_merges(n: int, *, extrema: bool) -> int:
    """Return how many merges sorting `n` keys takes at least; `extrema`: all are minima, maxima."""
    if n < 2:
        return 0
    return max(widening(n), routing(n), gates(n) if extrema else 0)


def widening(n: int) -> int:
    """Return how many merges it takes until each of `n` values can come from each of the inputs.

    Sound because the origins of a value, the inputs that it is for some order of the keys, are
    those of two values together.  So n - 1 merges pass until some value has all n inputs as
    origins, and then it is the only one.  Each key of the sorted sequence has all n, so the other
    n - 1 are written later.
    """
    return 2 * (n - 1)


def routing(n: int) -> int:
    """Return how many merges it takes at least to bring `n` keys into every order.

    Sound because, for one order of the keys on entry, each key of the result descends from its
    input by merges, and as a value is one key, no two keys share a value on their way.  Fill in a
    matrix with a row for each merge and a column for each value that is no result: ones where the
    value is a source of the merge, and where it is its own.  Choose in the row of a merge that a
    key passes the value that the key comes from, in any other row its own: that is one 1 a row and
    a column, and different orders choose differently.  Of such choices there are at most the
    product of r!^(1/r) over the rows, r being their ones (Bregman 1973): 6^(1/3) for a merge, and
    2^(1/2) for each of the n that write a result, whose own column is left out.
    """
    return next(m for m in count(n) if factorial(n) ** 6 <= 6 ** (2 * (m - n)) * 2 ** (3 * n))


def gates(n: int) -> int:
    """Return how many minima and maxima it takes at least to sort `n` keys, whatever is copied.

    After Van Voorhis's bound for networks (see Knuth, TAOCP 3, 5.3.4): ceil(log2 n) + 2 more than
    for n - 1 keys, and 2 for two, as neither result is an input.  Sound because of the following,
    for a shortest way to sort n >= 3 keys.

    Let one key x be less than all others.  The values that are x whenever it is, x itself among
    them, are *low*: a minimum of something low is, and a maximum of two that are.  The least result
    is low whichever input is x.  From it to an input lead at most 2^d ways of d merges, so from
    some input x all ways have at least ceil(log2 n), each of a low value.  With x the least for
    good these are not needed to sort the other keys; nor are the maxima of a low and another value,
    which are that other value.  There are at least two of the latter:

    - Results that are not low depend on x through such maxima alone, so there is one.
    - If there were only one, max(a, u) with a low, then u does not depend on x.  When x is greater
      than the least of the others, some result that is not low is x, so max(a, u) tells all such x
      apart.  Then a is x, and u the least of the others: max(x, u) and min(x, u) serve in place of
      max(a, u) and of all low values, which are two or more.  That would be a shorter way.
    """
    return 2 + sum((keys - 1).bit_length() + 2 for keys in range(3, n + 1))
