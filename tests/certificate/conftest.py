"""The checker knows the toy sets too, while its tests run, and builds each model once."""

import pytest
from toys import TOYS

from sortopt.base import UNLIMITED
from sortopt.certificate.bounds import tables_of
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

    last = []

    def last_tables(model, filled, limit, budget):
        """A check comes right after the making, of the same model."""
        if budget is not UNLIMITED:
            return tables_of(model, filled, limit, budget)
        if not (last and last[0] is model and last[1:3] == [filled, limit]):
            last[:] = model, filled, limit, tables_of(model, filled, limit, budget)
        return last[3]

    with pytest.MonkeyPatch.context() as patch:
        for user in ("checker", "maker"):
            patch.setattr(f"sortopt.certificate.{user}.build", once(build))
            patch.setattr(f"sortopt.certificate.{user}.tables_of", last_tables)
        patch.setattr("sortopt.certificate.bounds.build_relaxed", once(build_relaxed))
        yield
