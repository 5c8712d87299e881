"""The canonical form tells orbits apart: neither naming nor direction nor exchange changes it."""

import pytest
from engines import SILENT_OVERFLOW, SMALL, canonical_form, group
from hypothesis import given
from hypothesis import strategies as st

pytestmark = [pytest.mark.filterwarnings(SILENT_OVERFLOW), pytest.mark.jit_off]


@st.composite
def states(draw):
    """Draw (universe, its symmetry, a state): any set of up to 60 assignments."""
    universe, symmetry = group(SMALL[draw(st.sampled_from(sorted(SMALL)))])
    ids = st.integers(0, universe.size - 1)
    return universe, symmetry, draw(st.sets(ids, min_size=1, max_size=60))


@given(states())
def test_canonical_form_is_idempotent(drawn):
    _, symmetry, row = drawn
    form = canonical_form(row, symmetry)
    assert canonical_form(form, symmetry) == form


@given(states(), st.data())
def test_canonical_form_is_invariant_under_renaming_reversal_and_exchange(drawn, data):
    _, symmetry, row = drawn
    element = data.draw(st.integers(0, symmetry.order - 1))
    image = symmetry.tables.image[element, sorted(row)]
    assert canonical_form(image.tolist(), symmetry) == canonical_form(row, symmetry)


@given(states())
def test_canonical_form_is_an_image_of_the_state(drawn):
    _, symmetry, row = drawn
    images = symmetry.tables.image[:, sorted(row)]
    assert canonical_form(row, symmetry) in {tuple(sorted(image.tolist())) for image in images}


@given(states(), st.data())
def test_states_of_different_orbits_have_different_forms(drawn, data):
    """Equal forms happen only where one state is an image of the other."""
    universe, symmetry, row = drawn
    other = data.draw(
        st.sets(st.integers(0, universe.size - 1), min_size=len(row), max_size=len(row))
    )
    images = symmetry.tables.image[:, sorted(row)]
    related = tuple(sorted(other)) in {tuple(sorted(image.tolist())) for image in images}
    assert (canonical_form(row, symmetry) == canonical_form(other, symmetry)) == related
