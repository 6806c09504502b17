from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siu.data.intake.table import MAX_ROWS, Row, read_table
from siu.errors import PreflightError
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


@pytest.mark.parametrize(
    ("content", "note"),
    [
        ("A, B \n1,2", "t.csv:1: columns are written with other capitals or blanks"),
        ("a,b,,\n1,2,,\n", ""),
        ("a,b\n,\n1,2\n ,", "t.csv:2,4: blank rows are passed over"),
        ("a;b\n1;2", "t.csv: the cells are separated by semicolons, not commas"),
        ("a\tb\n1\t2", "t.csv: the cells are separated by tabs, not commas"),
        ("a,b\n1,2".encode("utf-16"), "t.csv: the table is in UTF-16, not UTF-8"),
        ("b,c,a\n2,Zoë,1".encode("cp1252"), "t.csv: the table is not in UTF-8 and was read as Windows-1252"),
        ("c,b,a\n“O’Neil” – 5 €,2,1".encode("cp1252"), "t.csv: the table is not in UTF-8"),
        ("a,b,c\n1,2", ""),
    ],
)
def test_what_spreadsheets_save_is_read_and_noted(
    tmp_path: Path, content: str | bytes, note: str, caplog: pytest.LogCaptureFixture
) -> None:
    (row,) = read(tmp_path, content)
    assert (row["a"], row["b"]) == ("1", "2")
    said = [record.message.removeprefix(f"{tmp_path}/") for record in caplog.records]
    assert [text[: len(note)] for text in said] == ([note] if note else [])


def test_letters_of_windows_1252_are_the_right_ones(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "a,b\nFrançois Müller,Ærø Gård".encode("cp1252"))
    assert (row["a"], row["b"]) == ("François Müller", "Ærø Gård")


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
        ("a;d\n1;2", "E-CSV-003.*Separate by commas: a,b"),
        ("a,b,d\n1,2,3", "E-CSV-003.*unknown column 'd'"),
        ("a,b,a\n1,2,3", "E-CSV-003.*column 'a' twice"),
        ("a,b\n1,2,3", "E-CSV-004.*:2: 3 cells instead of 2"),
        ("a,b\n1,2\n3", "E-CSV-004.*:3: the row ends before the column 'b'. Fill it in"),
        ("a;b\n1;2;3", "E-CSV-004.*:2: 3 cells instead of 2. Put a cell that holds semicolons"),
        ("a,,b\n1,2,3", "E-CSV-004.*:2: 3 cells instead of 2"),
        ("a,b\n,\n", "E-CSV-005"),
        ('a,b\n1,2\n3,"4\n5', "E-CSV-004.*:3: broken row"),
        ('a,b\n1,"2"x', "E-CSV-004.*:2: broken row"),
        ("a,b\n1," + "x" * 200_000, "E-CSV-004.*:2"),
        (b"\xff\xfea", "E-CSV-002.*not UTF-16 at byte"),
        ("a,b\n1,2\n".encode("utf-16-le"), "E-CSV-002.*NUL"),
        (b"a,b\n1,\xff", "E-CSV-002.*byte 6"),
        ("a,b\nИван,Мария".encode("cp1251"), "E-CSV-002.*Save it as CSV in UTF-8"),
        ("a,b\nΜαρία,x".encode("cp1253"), "E-CSV-002"),
        ("a,b\n王小明,x".encode("gbk"), "E-CSV-002"),
        ("a,b\n山田太郎,x".encode("shift-jis"), "E-CSV-002"),
        ("a,b\nŁukasz,x".encode("cp1250"), "E-CSV-002"),
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
