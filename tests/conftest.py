"""What all tests share: settings that do not depend on how busy the machine is."""

import os
import sys

import pytest
from hypothesis import HealthCheck, settings

from sortopt.cli import progress

settings.register_profile(
    "sortopt",
    deadline=None,
    derandomize=True,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("sortopt")

# Bytecode is kept, whatever the environment says: without it each of some hundred processes
# compiles the package anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


@pytest.fixture(autouse=True, scope="session")
def start_silently():
    """Have no command say that it compiles: whether it gets so far hangs on the clock."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(progress, "_PATIENCE", 1e6)
        yield
