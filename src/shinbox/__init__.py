"""shinbox: the shared inbox for people who live in a terminal.

Owns the version and nothing else: importing the package loads no room of it.
"""

__version__ = "0.1.0"
