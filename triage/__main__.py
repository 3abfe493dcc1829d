"""`python -m triage` is the command `triage`. May not do anything of its own."""

from __future__ import annotations

import sys

from triage.cli import main

if __name__ == "__main__":
    sys.exit(main())
