"""The command line, one module a command. A JMAP client like any other; it holds no rule about rights."""
