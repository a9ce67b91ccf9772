"""Screens: they join widgets to the JMAP client."""
