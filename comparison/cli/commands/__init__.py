"""Options and help of every command, one file each with a `command`; imports click and nothing that takes long.

May import: command.py, endings.py and shared.py of the command line; its work is in `cli/<name>.py`.
"""
