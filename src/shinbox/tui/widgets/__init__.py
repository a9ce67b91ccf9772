"""Widgets that know nothing of JMAP: they show what they are given and post messages."""
