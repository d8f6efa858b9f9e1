"""The command `finite-n`: its commands in `group.py`, options and help in `commands/`, the work of each in `<name>.py`.

A new command is a line of `COMMANDS`, `commands/<name>.py` and `<name>.py`; a new option is a line of its
`commands/<name>.py`, or of `commands/shared.py` where several commands have it.

May import: everything else in comparison.
"""
