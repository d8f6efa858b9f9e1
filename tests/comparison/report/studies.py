"""Studies whose reports are looked at: small, with names and sources that HTML and Markdown could take for code."""

import numpy as np

from comparison import Claim, Study, build
from comparison.referee.theories import theories
from finite_n import Boson, BosonicParticle, Field, mz
from finite_n.systems import hopfield

NAME = "1. <script>alert('x')</script> & *a* _b_ `c` [d](http://e) # $f$ ~~g~~ &lt; \\ ``` |h|"
SOURCE = '<img src="http://example.org/x.png" onerror="alert(1)"> -- **Fig. 3** <!-- a_b_c ![x](http://y) */ ]]>'
OBSERVABLE = "<b>zz</b> $x_"


def small(**change):
    """The one-pattern network at four sizes: the derived limit is confirmed, the printed one refuted."""
    return build({"system": "hopfield", "sizes": [8, 12, 18, 26], "times": {"stop": 0.4, "points": 3}} | change)


def undecided():
    """The same at sizes that are too small for its time."""
    return build({"system": "hopfield", "sizes": [4, 5, 6, 7], "times": {"stop": 1.5, "points": 4}})


def rich():
    """All kinds of claims, written in Python, with names that are code elsewhere."""
    model, start, times = hopfield(), [0.0, 0.3, 0.4], np.linspace(0, 0.4, 3)
    claims = [
        Claim(NAME, SOURCE, {"mean_z": [0.4, 0.5]}, times=[0.2, 0.4], uncertainty=0.001),
        Claim("line\nbreak", "a source\n\n# with a heading", lambda t: {"mean_x": 0 * t}),
        *theories(model, start, ["meanfield", "cumulants2"]),
    ]
    return Study(model, start, times, [8, 12, 18, 26], claims, {OBSERVABLE: mz * mz}, name=NAME)


def bosons():
    """Damped bosons that do not interact."""
    b = Boson("b")
    damped, start = BosonicParticle([b], 1.5 * b.number, [b.a]), {"b": Field(number=1)}
    own = {"operators": {"n": b.number, "x": b.x}, "fluctuations": {"f": {"n": 1.2}}}
    return Study(damped, start, [0.0, 0.5], [10, 20, 40, 80], **own)
