"""The data types, each declared once in a module of its own.

A declaration names properties, who sets them, and the right that each change demands. No I/O.
"""
