"""`python -m formalrl` is the `formalrl` command."""

import sys

from formalrl.cli import main

if __name__ == "__main__":
    sys.exit(main())
