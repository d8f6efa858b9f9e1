"""How a command ends: its exit statuses, and what its help says of them."""

from __future__ import annotations

EXIT_ERROR = 2
ENDINGS = (
    "0 when {done}, 2 for bad input or an error, 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP. "
    "Ended by one of these signals, by an error or by too little memory, it keeps {kept}."
)
