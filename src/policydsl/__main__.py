"""What does `python -m policydsl` do? The same as the command `policydsl`."""

import sys

from policydsl.cli.main import main

sys.exit(main())
