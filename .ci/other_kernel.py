"""Prints a kernel of OpenBLAS that this processor can run and that rounds otherwise than the one in use.

If there is none, says so on standard error and exits with 1. numpy and scipy each bring an OpenBLAS; both read
OPENBLAS_CORETYPE.
"""

from __future__ import annotations

import os
import subprocess
import sys

FAMILIES = (
    ("SkylakeX", "Cooperlake", "SapphireRapids"),  # AVX-512
    ("Haswell", "Zen"),  # AVX2
    ("Sandybridge",),
    ("Nehalem",),
    ("Prescott",),
    ("armv8",),
    ("neoversen1",),
)
USE_BOTH = """
import numpy, scipy.linalg, threadpoolctl
a = numpy.random.default_rng(0).normal(size=(60, 60))
for x in (a, a + 1j * a.T):
    one = numpy.eye(60)
    assert numpy.allclose(numpy.linalg.solve(x, x), one) and numpy.allclose(scipy.linalg.inv(x) @ x, one)
    numpy.linalg.eigvals(x), scipy.linalg.schur(x), numpy.linalg.svd(x)
print(*{i.get("architecture", "") for i in threadpoolctl.threadpool_info() if i["internal_api"] == "openblas"})
"""


def in_use(wanted: str | None = None) -> set[str]:
    """The architectures that the libraries report, in small letters; empty if they do not run with the one wanted."""
    environment = os.environ | ({"OPENBLAS_CORETYPE": wanted} if wanted else {})
    run = subprocess.run([sys.executable, "-c", USE_BOTH], env=environment, capture_output=True, text=True)
    return set(run.stdout.lower().split()) if run.returncode == 0 else set()


def main() -> int:
    """Tries one kernel of every other family, the newest first."""
    given = in_use()
    for family in FAMILIES:
        names = {name.lower() for name in family}
        if given and not names & given and in_use(family[0]) == {family[0].lower()}:
            print(family[0])
            return 0
    print(f"No second kernel of OpenBLAS here; in use: {', '.join(sorted(given)) or 'none'}.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
