"""Shared settings: one BLAS thread in each of several processes, which would fight for the cores; hypothesis without a
deadline, since compilation may fall into an example; SIGINT heard in the background too; what is collected is not
looked through for garbage."""

import gc
import os
import signal

if "PYTEST_XDIST_WORKER" in os.environ:  # before numpy is imported
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# so that a test neither finds what another has computed nor fills the user's folder
os.environ["FINITE_N_CACHE"] = "off"

import hypothesis

hypothesis.settings.register_profile("finite-n", deadline=None, max_examples=25, derandomize=True)
hypothesis.settings.load_profile("finite-n")

# Thousands of tests are there to the end: looking through them again and again takes seconds of collecting, and a
# twentieth of the time of all tests.
gc.disable()

# Where SIGINT is ignored, as under nohup or `pytest &` in a script, programs that a test starts inherit that and never
# stop.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish():
    gc.freeze()
    gc.enable()
