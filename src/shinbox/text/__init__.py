"""Text for both programs: what makes foreign text safe to show, quotes it, dates it, searches it.

Pure: no I/O, no protocol, no terminal library, nothing of the desk.
"""
