"""Values of options as the user types them: numbers, settings KEY=VALUE, and the options that change a study."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from comparison.formula import parse
from comparison.growth import read_budget
from comparison.referee.state_function import FIDELITY, FISHER
from comparison.study_file.names import names_of_model
from finite_n.errors import SHOWN, FiniteNError, shortened, shown
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial, as_polynomial


def settings(texts: Sequence[str]) -> dict:
    """Parameters by name from texts KEY=VALUE."""
    pairs = [setting(text) for text in texts]
    refuse_twice("--set", [key for key, _ in pairs])
    return dict(pairs)


def refuse_twice(option: str, names: list[str]) -> None:
    """Refuse an option whose names are not all different."""
    if len(set(names)) < len(names):
        raise FiniteNError(f"{option}: {shown(max(names, key=names.count))} is given twice; give it once.")


def setting(text: str):
    """(key, value) of KEY=VALUE; the value a number, true, false, a list, or a text."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise FiniteNError(f"--set {shown(text)}: write KEY=VALUE, for example --set omega=0.5.")
    for read in (lambda x: json.loads(x.lower(), parse_int=float), float):  # true and lists; numbers such as .5
        try:
            return key.strip(), read(value)
        except (ValueError, RecursionError):
            continue
    return key.strip(), value.strip()


def words(text: str | None) -> list[str]:
    """The words of a list with commas; none where it is not given."""
    return [word for word in (text or "").split(",") if word.strip()]


def sizes(text: str | None) -> list:
    """Sizes of 10,20,40; none where they are not given."""
    return [number(word, "--sizes", "whole numbers such as 10 20 40 80") for word in words(text)]


def levels(texts: Sequence[str]) -> dict:
    """Highest Fock levels by mode from texts NAME=LEVEL, several in one with commas."""
    each = [word for text in texts for word in words(text)]
    pairs = [text.rpartition("=") for text in each]
    if bad := next((t for t, (name, _, _) in zip(each, pairs, strict=True) if not name.strip()), None):
        raise FiniteNError(f"--cutoff {shown(bad)}: write NAME=LEVEL, for example --cutoff field=20.")
    refuse_twice("--cutoff", [name.strip() for name, _, _ in pairs])
    return {name.strip(): number(level, "--cutoff", "a whole number such as 20") for name, _, level in pairs}


def conserved(texts: Sequence[str]) -> Callable[[int], float | dict] | None:
    """J at N from texts [NAME=]FORMULA with N in them, several in one with commas; None where none is given."""
    pairs = [word.rpartition("=") for text in texts for word in words(text)]
    refuse_twice("--J", [name.strip() for name, _, _ in pairs])
    if not pairs:
        return None

    def at(N: int) -> float | dict:
        values = {name.strip(): parse(text, {"N": N}, "--J") for name, _, text in pairs}
        return values[""] if list(values) == [""] else values

    at(1)  # refuses what is no formula of N before any work
    return at


def operators(arguments, model: Model) -> tuple[Polynomial, Polynomial]:
    """a and b of the formulas --left and B; a is the adjoint of b where it is not given."""
    b = formula(arguments.b, model, "B")
    return b.adjoint() if arguments.left is None else formula(arguments.left, model, "--left"), b


def formula(text: str, model: Model, place: str) -> Polynomial:
    """The operator of a formula of averages and modes, such as m(s_01) of |0⟩⟨1| for particles of several levels."""
    return as_polynomial(parse(text, names_of_model(model.species, model.modes, {}, {}, {}), place))


def number(text: str, option: str, wanted: str):
    """The number that an option gives, an int where it is whole; `wanted` says in words what is asked for."""
    try:
        value = float(text)
    except ValueError:
        raise FiniteNError(f"{option}: «{shortened(text.strip(), SHOWN)}» is not a number; give {wanted}.") from None
    return int(value) if value.is_integer() else value


def initial(text: str) -> dict:
    """The initial state of X,Y,Z."""
    parts = text.split(",")
    if len(parts) != 3:
        raise FiniteNError(f"--initial {shown(text)}: give three numbers, for example 0,0.3,0.4.")
    return {"bloch": [number(x, "--initial", "three numbers such as 0,0.3,0.4") for x in parts]}


def fluctuation(text: str) -> tuple[str, list]:
    """Name and direction of [NAME=]X,Y,…; the name is f where none is given."""
    name, _, numbers = text.rpartition("=")
    wanted = "a number for every letter, such as 0.2,0.5,0.6"
    return name.strip() or "f", [number(x, "--fluctuation", wanted) for x in numbers.split(",")]


def state_function(text: str) -> tuple[str, dict]:
    """Name and function of the state of [NAME=]KIND[:PARTS[:PARTS]], [NAME=]KIND:FORMULA of a Fisher information, or
    [NAME=]fidelity:start; the name is the kind where none is given."""
    word, colon, rest = text.partition(":")
    name, _, kind = word.rpartition("=")
    found: dict = {"kind": kind.strip()}
    if colon and found["kind"] == FISHER:
        found["generator"] = rest.strip()
    elif colon and found["kind"] == FIDELITY:
        found["other"] = rest.strip()
    elif colon:
        each = [[part.strip() for part in parts.split(",")] for parts in rest.split(":")]
        found |= dict(zip(("of", "other"), each, strict=False))
        if len(each) > 2:
            raise FiniteNError(f"--state-function {shown(text)}: write [NAME=]KIND:PARTS, or KIND:PARTS:PARTS.")
    return name.strip() or found["kind"], found


def overrides(arguments) -> dict:
    """Parts of a study that options replace, for `load`."""
    out: dict = {}
    if arguments.set:
        out["parameters"] = settings(arguments.set)
    if arguments.sizes is not None:
        wanted = "whole numbers such as 10,20,40, or auto"
        each = arguments.sizes.split(",")
        out["sizes"] = "auto" if arguments.sizes.strip() == "auto" else [number(x, "--sizes", wanted) for x in each]
        if out["sizes"] != "auto":  # what a file says of choosing them
            out |= {"budget": None, "largest": None}
    if arguments.budget is not None:
        out["budget"] = read_budget(arguments.budget, "--budget")
    if arguments.largest is not None:
        out["largest"] = number(arguments.largest, "--largest", "a number of particles")
    if arguments.initial is not None:
        out["initial"] = initial(arguments.initial)
    times = {"stop": arguments.stop, "points": arguments.points}
    if any(v is not None for v in times.values()):
        out["times"] = {k: v for k, v in times.items() if v is not None}
    if arguments.accuracy is not None:
        out["accuracy"] = arguments.accuracy
    if arguments.fluctuation:
        pairs = [fluctuation(text) for text in arguments.fluctuation]
        refuse_twice("--fluctuation", [name for name, _ in pairs])
        out["fluctuations"] = dict(pairs)
    if arguments.state_function:
        pairs = [state_function(text) for text in arguments.state_function]
        refuse_twice("--state-function", [name for name, _ in pairs])
        out["state_functions"] = dict(pairs)
    if getattr(arguments, "theories", None) is not None:
        out["theories"] = [word.strip() for word in arguments.theories.split(",")]
    return out


def refuse_changes(path, arguments, but: str = "") -> None:
    """Refuse options that change a study where it is a saved one, `but` one of them."""
    if arguments.cache is not None or arguments.no_cache:
        raise FiniteNError(
            f"{path}: a saved study is not run again, so --cache and --no-cache are of no use; leave out."
        )
    if changed := [key for key in overrides(arguments) if key != but]:
        raise FiniteNError(
            f"{path}: a saved study is not run again, so its {', '.join(changed)} cannot be changed; give a study file."
        )
