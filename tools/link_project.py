"""Links this work tree into the virtual environment that runs this script.

Owns two files there: `shinbox.pth`, which puts `src` on the path, and the `shinbox` command. An editable
install by pip would do the same, but needs a build backend from the network that no lock file covers.
"""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

LAUNCHER = """\
#!/bin/sh
'''exec' "{python}" "$0" "$@"
' '''
import sys

from shinbox.cli import main

sys.exit(main())
"""


def link(project: Path, python: Path, site_packages: Path, scripts: Path) -> None:
    """Make `import shinbox` and the `shinbox` command of this environment mean the work tree `project`."""
    (site_packages / "shinbox.pth").write_text(f"{project / 'src'}\n", encoding="utf-8")
    command = scripts / "shinbox"
    # The shell line stands in for a `#!` line, which can hold neither a space nor a long path.
    command.write_text(LAUNCHER.format(python=python), encoding="utf-8")
    command.chmod(0o755)


if __name__ == "__main__":
    if sys.prefix == sys.base_prefix:
        sys.exit("tools/link_project.py: run me with the virtual environment's python: .venv/bin/python")
    link(
        Path(__file__).resolve().parents[1],
        Path(sys.executable),
        Path(sysconfig.get_path("purelib")),
        Path(sysconfig.get_path("scripts")),
    )
