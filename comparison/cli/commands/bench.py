"""Options of `finite-n bench`."""

from comparison.cli.command import Command
from comparison.cli.commands.shared import flag, printing

command = Command(
    "bench",
    [flag("--large", "Go to N = 100, and to N = 60 with PIQS."), *printing()],
    "Time one job by PIQS with mesolve, by scipy's CSR product on the same reduced space and by this package, to the "
    "same accuracy, and one application of the generator. About a minute; --large several.",
)
