"""`python -m envtree`, for where the console script is not on PATH."""

import sys

from envtree.cli.main import main

sys.exit(main())
