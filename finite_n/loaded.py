"""When this process began to load the package: a source file that is edited later is not what runs here."""

import time

SINCE = time.time()  # seconds since 1970, as times of files
