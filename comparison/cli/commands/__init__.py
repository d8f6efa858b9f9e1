"""Options and help of every command, one file each with a `command`; imports click and nothing that takes long.

What several of them have is in `shared.py`, what shells complete in `names.py`; the work of a command is in
`cli/<name>.py`.
"""
