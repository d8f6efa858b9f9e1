"""The one exception of the package: a sentence that says what came, what is allowed, and what to try."""


class FiniteNError(ValueError):
    """A model, state, size or study that cannot be accepted; the message is a full sentence for the user."""
