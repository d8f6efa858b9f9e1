"""Tables of text: as wide as they are, or in blocks where a terminal is narrower."""

from comparison.referee.table import aligned, fitted

ROWS = [["", "first", "second", "third"], ["N = 10", "1.25", "-0.5(2)", "12"], ["limit", "", "3", "4"]]
WHOLE = """\
        first   second  third
N = 10   1.25  -0.5(2)     12
limit                3      4"""


def test_a_table_that_fits_is_the_same_as_without_limits():
    assert aligned(ROWS) == WHOLE
    with fitted(29):
        assert aligned(ROWS) == WHOLE
    with fitted(None):
        assert aligned(ROWS) == WHOLE


def test_blocks_of_columns_begin_with_the_first_column_and_cut_no_number():
    with fitted(28):
        assert aligned(ROWS) == (
            "        first   second\nN = 10   1.25  -0.5(2)\nlimit                3\n\n"
            "        third\nN = 10     12\nlimit       4"
        )
    with fitted(5):  # narrower than any cell with its name
        assert [block.split("\n")[1].split() for block in aligned(ROWS).split("\n\n")] == [
            ["N", "=", "10", x] for x in ROWS[1][1:]
        ]
    assert aligned(ROWS) == WHOLE


def test_names_alone_are_a_table():
    with fitted(3):
        assert aligned([["name"], ["x"]]) == "name\nx   "
