"""The checker knows the toy sets too, while its tests run."""

import pytest
from toys import TOYS

from sortopt.targets import ISAS


@pytest.fixture(autouse=True, scope="package")
def toys():
    with pytest.MonkeyPatch.context() as patch:
        known = {**ISAS, **{isa.name: isa for isa in TOYS}}
        patch.setattr("sortopt.certificate.question.ISAS", known)
        yield
