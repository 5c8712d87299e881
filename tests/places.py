"""Where things lie in a checkout."""

from pathlib import Path

TESTS = Path(__file__).parent
ROOT = TESTS.parent
KERNELS = ROOT / "kernels"
SCRIPTS = ROOT / "scripts"
GOLDEN = TESTS / "golden"
