"""The one table of actions: it feeds the keys, the footer, the help, the command line and the palette.

Owns what a person can ask for, its default keys (Gmail's letters, vim's motion) and the right it takes: one
module a group, joined in `table`.
"""

from shinbox.tui.actions.action import Action, Group, Needs, Situation, Where, why_not
from shinbox.tui.actions.table import ACTIONS, BY_ID, actions_for, find, footer_actions, reading_actions

__all__ = [
    "ACTIONS",
    "BY_ID",
    "Action",
    "Group",
    "Needs",
    "Situation",
    "Where",
    "actions_for",
    "find",
    "footer_actions",
    "reading_actions",
    "why_not",
]
