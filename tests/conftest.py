"""Shared settings: hypothesis without a deadline, since compilation may fall into an example; SIGINT heard in the
background too."""

import signal

import hypothesis

hypothesis.settings.register_profile("finite-n", deadline=None, max_examples=25, derandomize=True)
hypothesis.settings.load_profile("finite-n")

# Where SIGINT is ignored, as under nohup or `pytest &` in a script, programs that a test starts inherit that and never
# stop.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
