"""`python -m comparison.cli`, the same as `finite-n`."""

import sys

from comparison.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
