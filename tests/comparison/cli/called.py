"""The command line, called in this process: its exit status and what it prints."""

from comparison.cli.main import main


def run(capsys, *arguments):
    """The exit status, standard output and standard error of `finite-n` with these arguments."""
    capsys.readouterr()
    status = main([str(a) for a in arguments])
    out, err = capsys.readouterr()
    return status, out, err


def refused(capsys, *arguments):
    """The one line on standard error."""
    status, out, err = run(capsys, *arguments)
    assert status == 2 and out == ""
    assert err.startswith("finite-n: ") and err.count("\n") == 1 and "Traceback" not in err
    return err
