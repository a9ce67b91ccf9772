"""Widgets that ask no desk: they show what they are given and post messages."""
