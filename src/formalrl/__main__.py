"""`python -m formalrl`: the command line, also under `accelerate launch -m formalrl`."""

import sys

from formalrl.relaunch import start_missing_processes

if __name__ == "__main__":
    start_missing_processes(sys.argv[1:])
    from formalrl.cli import main

    sys.exit(main())
