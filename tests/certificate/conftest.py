"""The checker knows the toy sets too, while its tests run, and builds each model once."""

import pytest
from toys import TOYS

from sortopt.certificate.model import build, build_relaxed
from sortopt.targets import ISAS


@pytest.fixture(autouse=True, scope="package")
def toys():
    with pytest.MonkeyPatch.context() as patch:
        known = {**ISAS, **{isa.name: isa for isa in TOYS}}
        patch.setattr("sortopt.certificate.question.ISAS", known)
        yield


@pytest.fixture(autouse=True, scope="package")
def models():
    """What is built of a question, once for all checks of it: they read it only."""
    kept = {}

    def once(made):
        def kept_or_made(question, *options):
            known = (made, repr(question), *options[:-1])  # the budget comes last
            if known not in kept:
                kept[known] = made(question, *options)
            return kept[known]

        return kept_or_made

    with pytest.MonkeyPatch.context() as patch:
        for user in ("checker", "maker"):
            patch.setattr(f"sortopt.certificate.{user}.build", once(build))
        patch.setattr("sortopt.certificate.bounds.build_relaxed", once(build_relaxed))
        yield
