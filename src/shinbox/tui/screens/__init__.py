"""The screens, one module each. They show what the client knows and hand every change to an action."""
