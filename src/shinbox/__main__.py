"""`python -m shinbox` is `shinbox`."""

from __future__ import annotations

import sys

from shinbox.cli import main

sys.exit(main())
