from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siu.errors import PreflightError
from siu.intake.table import MAX_ROWS, Row, read_table
from siu.problems import Problems


def read(folder: Path, content: str | bytes) -> list[Row]:
    path = folder / "t.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    problems = Problems()
    rows = read_table(path, required=("a", "b"), optional=("c",), problems=problems)
    problems.raise_if_any()
    return rows


@pytest.mark.parametrize(
    "content",
    ["a,b\n1,2\n", "\ufeffa,b\n1,2", "b,a\r\n2,1\r\n", ' a , b \n\n1," 2 "\n', "a,b,c\n1,2,\n"],
)
def test_bom_order_blanks_and_line_ends_do_not_matter(tmp_path: Path, content: str) -> None:
    (row,) = read(tmp_path, content)
    assert (row["a"], row["b"], row["c"]) == ("1", "2", "")


def test_a_row_knows_its_first_line(tmp_path: Path) -> None:
    rows = read(tmp_path, 'a,b\n"1\n1",2\n\n3,4\n')
    assert [row.line for row in rows] == [2, 5]
    assert rows[1].where("b") == f"{tmp_path}/t.csv:5:b"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "E-CSV-003.*no column 'a'; no column 'b'"),
        ("a,b\n", "E-CSV-005"),
        ("a\n1", "E-CSV-003.*:1: no column 'b'"),
        ("a;b\n1;2", "E-CSV-003.*Separate by commas: a,b"),
        ("a,b,d\n1,2,3", "E-CSV-003.*unknown column 'd'"),
        ("a,b,a\n1,2,3", "E-CSV-003.*column 'a' twice"),
        ("a,b\n1,2,3", "E-CSV-004.*:2: 3 cells instead of 2"),
        ("a,b\n1,2\n3", "E-CSV-004.*:3: 1 cells"),
        ('a,b\n1,2\n3,"4\n5', "E-CSV-004.*:3: broken row"),
        ('a,b\n1,"2"x', "E-CSV-004.*:2: broken row"),
        ("a,b\n1," + "x" * 200_000, "E-CSV-004.*:2"),
        ("a,b\n1,2\n".encode("utf-16"), "E-CSV-002.*Save it as CSV in UTF-8"),
        (b"a,b\n1,\xff", "E-CSV-002.*byte 6"),
        ("a,b\n1,\0", "E-CSV-002.*NUL"),
        ("a,b\n" + "1,2\n" * (MAX_ROWS + 1), f"E-CSV-001.*:{MAX_ROWS + 2}.*Split"),
        ("a" * 10_000_001, "E-CSV-001.*Split"),
    ],
)
def test_a_broken_table_is_refused(tmp_path: Path, content: str | bytes, expected: str) -> None:
    with pytest.raises(PreflightError, match=expected) as caught:
        read(tmp_path, content)
    assert len(caught.value.problems) == 1


def test_missing_file_and_folder_are_refused(tmp_path: Path) -> None:
    problems = Problems()
    for path in (tmp_path / "none.csv", tmp_path):
        assert read_table(path, required=("a",), problems=problems) == []
    with pytest.raises(PreflightError, match=r"(?s)E-CSV-001.*E-CSV-001"):
        problems.raise_if_any()


@given(st.binary(max_size=80))
def test_any_bytes_give_rows_or_problems(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.csv"
    path.write_bytes(b"a,b\n" + content)
    problems = Problems()
    rows = read_table(path, required=("a", "b"), problems=problems)
    assert rows or len(problems)
