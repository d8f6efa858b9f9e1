"""Shared settings: hypothesis without a deadline, since compilation may fall into an example."""

import hypothesis

hypothesis.settings.register_profile("finite-n", deadline=None, max_examples=25, derandomize=True)
hypothesis.settings.load_profile("finite-n")
