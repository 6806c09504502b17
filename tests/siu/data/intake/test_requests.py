import logging
import os
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from PIL import Image
from pillow_heif import register_heif_opener

from siu.data.intake.requests import ErasureRequest, Intake, read_table_of_requests, take_in
from siu.errors import PreflightError
from tests.requests_table import read_requests
from tests.siu.conftest import Draw


@pytest.fixture
def folder(tmp_path: Path, draw: Draw) -> Path:
    """A folder with three pictures, p0.png to p2.png."""
    folder = tmp_path / "work"
    for number in range(3):
        draw(folder / f"p{number}.png", number)
    return folder


def read(folder: Path, *rows: str, header: str = "request_id,name,image") -> tuple[ErasureRequest, ...]:
    (folder / "requests.csv").write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return read_requests(folder / "requests.csv")


def problems(folder: Path, *rows: str, header: str = "request_id,name,image") -> list[str]:
    with pytest.raises(PreflightError) as caught:
        read(folder, *rows, header=header)
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]


def test_all_columns_are_read(folder: Path) -> None:
    row = "person,2026-01-31,p0.png,r-1,Mira;M. Talvon,Mira Talvon"
    (request,) = read(folder, row, header="kind,received,image,request_id,aliases,name")
    assert request == ErasureRequest(
        request_id="r-1",
        name="Mira Talvon",
        kind="person",
        image=folder / "p0.png",
        aliases=("Mira", "M. Talvon"),
        received=date(2026, 1, 31),
    )


def test_optional_columns_may_be_empty_or_absent(folder: Path) -> None:
    expected = ErasureRequest("r-1", "Mira", "other", folder / "p0.png")
    assert read(folder, "r-1,Mira,p0.png") == (expected,)
    header = "request_id,name,image,kind,aliases,received"
    assert read(folder, "r-1,Mira,p0.png,,,", header=header) == (expected,)


def test_names_of_other_scripts_work(folder: Path) -> None:
    names = ("王小明", "محمد علي", "अमिताभ")
    found = read(folder, *(f"r-{i},{name},p{i}.png" for i, name in enumerate(names)))
    assert tuple(request.name for request in found) == names


def test_pictures_may_lie_in_folders_and_behind_inner_links(folder: Path, draw: Draw) -> None:
    draw(folder / "pictures" / "ä b.png", 7)
    (folder / "link.png").symlink_to(folder / "p0.png")
    found = read(folder, "r-1,Mira,pictures/ä b.png", "r-2,Bo,link.png")
    assert found[0].image == folder / "pictures" / "ä b.png"


def test_all_problems_come_at_once_each_with_its_place(folder: Path) -> None:
    found = problems(
        folder,
        "R_1,?,none.png,robot,,31.1.2026",
        "r-2,Bo,../p0.png,,a\u202eb,",
        header="request_id,name,image,kind,aliases,received",
    )
    assert [problem.split(": ")[0] for problem in found] == [
        "E-REQ-001 requests.csv:2:request_id",
        "E-NAM-001 requests.csv:2:name",
        "E-REQ-002 requests.csv:2:kind",
        "E-REQ-003 requests.csv:2:received",
        "E-IMG-001 requests.csv:2:image (none.png)",
        "E-NAM-003 requests.csv:3:aliases",
        "E-REQ-004 requests.csv:3:image",
    ]


@pytest.mark.parametrize("request_id", ["", "a_b", "a b", "é", "a" * 41, "a\u0660", "../a"])
def test_ids_are_plain_and_short(folder: Path, request_id: str) -> None:
    (problem,) = problems(folder, f"{request_id},Mira,p0.png")
    assert problem.startswith("E-REQ-001")


@pytest.mark.parametrize("request_id", ["release", "retained"])
def test_words_of_a_batch_are_no_ids(folder: Path, request_id: str) -> None:
    (problem,) = problems(folder, f"{request_id},Mira,p0.png")
    assert problem.startswith(f"E-REQ-009 requests.csv:2:request_id: {request_id!r} is a word")


@pytest.mark.parametrize(
    "day", ["2026-02-30", "20260131", "2026-W01-1", "tomorrow", "2026-01-31T10:00", "٢٠٢٦-٠١-٣١"]
)
def test_days_are_iso(folder: Path, day: str) -> None:
    (problem,) = problems(folder, f"r-1,Mira,p0.png,{day}", header="request_id,name,image,received")
    assert problem.startswith("E-REQ-003 requests.csv:2:received")


@pytest.mark.parametrize(
    "image",
    [
        "",
        "/etc/passwd",
        "../p0.png",
        "a/../p0.png",
        "C:/p0.png",
        "C:p0.png",
        "a\\p0.png",
        "https://a/p.png",
        "file://p",
    ],
)
def test_pictures_lie_below_the_table(folder: Path, image: str) -> None:
    (problem,) = problems(folder, f"r-1,Mira,{image}")
    assert problem.startswith("E-REQ-004 requests.csv:2:image")


def test_links_that_lead_out_or_in_circles_are_refused(folder: Path, draw: Draw) -> None:
    draw(folder.parent / "outside.png")
    (folder / "out.png").symlink_to(folder.parent / "outside.png")
    (folder / "dir").symlink_to(folder.parent)
    (folder / "circle.png").symlink_to(folder / "circle.png")
    found = problems(folder, "r-1,A,out.png", "r-2,B,dir/outside.png", "r-3,C,circle.png")
    assert [problem[:9] for problem in found][:2] == ["E-REQ-004"] * 2
    assert found[2][:9] in ("E-REQ-004", "E-IMG-001")


def test_pictures_that_are_none_are_refused(folder: Path) -> None:
    os.mkfifo(folder / "pipe.png")
    (folder / "empty.png").touch()
    (folder / "text.png").write_text("hello")
    found = problems(folder, "r-1,A,pipe.png", "r-2,B,empty.png", "r-3,C,text.png", "r-4,D,.")
    assert [problem[:9] for problem in found] == ["E-IMG-001", "E-IMG-002", "E-IMG-004", "E-IMG-001"]
    assert "requests.csv:2:image (pipe.png)" in found[0]


def test_a_repeated_row_counts_once_with_a_note(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert len(read(folder, "r-1,Mira,p0.png", "r-1,Mira,p0.png")) == 1
    assert "requests.csv:3: the row repeats another one and counts once" in caplog.text


def test_an_id_used_twice_is_refused(folder: Path) -> None:
    first, second = problems(folder, "r-1,Mira,p0.png", "r-1,Bo,p1.png")
    assert first.startswith("E-REQ-005 requests.csv:2:request_id: line 3")
    assert second.startswith("E-REQ-005 requests.csv:3:request_id: line 2")


def test_a_sound_row_with_the_id_of_an_unsound_one_is_refused_too(folder: Path) -> None:
    found = problems(folder, "r-1,Mira,p0.png", "r-1,?,p1.png")
    assert [problem[:9] for problem in found] == ["E-NAM-001", "E-REQ-005"]


def test_two_requests_may_ask_for_one_concept(folder: Path) -> None:
    assert len(read(folder, "r-1,Mira,p0.png", "r-2,Mira,p0.png")) == 2


@pytest.mark.parametrize("twin", ["Mira", "MIRA", "Ｍｉｒａ"])
def test_a_name_with_two_pictures_is_refused(folder: Path, twin: str) -> None:
    found = problems(folder, "r-1,Mira,p0.png", f"r-2,{twin},p1.png")
    assert [problem[:27] for problem in found] == [f"E-REQ-006 requests.csv:{line}:na" for line in (2, 3)]


def test_two_spellings_of_one_concept_are_refused(folder: Path) -> None:
    found = problems(folder, "r-1,Mira,p0.png", "r-2,mira,p0.png")
    assert [problem[:27] for problem in found] == [f"E-REQ-007 requests.csv:{line}:na" for line in (2, 3)]


def test_a_picture_with_two_names_is_refused_even_in_another_file(folder: Path) -> None:
    with Image.open(folder / "p0.png") as image:
        image.save(folder / "again.webp", lossless=True)
    first, second = problems(folder, "r-1,Mira,p0.png", "r-2,Bo,again.webp")
    assert first.startswith("E-REQ-008 requests.csv:2:image: line 3")
    assert second.startswith("E-REQ-008 requests.csv:3:image: line 2")


def test_composed_and_decomposed_names_are_one(folder: Path) -> None:
    found = read(folder, "r-1,José,p0.png", "r-2,Jose\u0301,p0.png")
    assert {request.name for request in found} == {"José"}


def test_a_single_coloured_picture_is_noted(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    Image.new("RGB", (16, 16)).save(folder / "black.png")
    with caplog.at_level(logging.WARNING):
        read(folder, "r-1,Mira,black.png")
    assert "requests.csv:2: the picture has a single colour" in caplog.text
    assert "Mira" not in caplog.text


def test_an_unclosed_quote_makes_the_whole_table_unreadable(folder: Path) -> None:
    found = problems(folder, "r-1,?,p0.png", 'r-2,"Bo,p1.png')
    assert [problem[:9] for problem in found] == ["E-CSV-004"]


def taken_in(folder: Path, *rows: str, header: str = "request_id,name,image") -> Intake:
    (folder / "requests.csv").write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return take_in(read_table_of_requests(folder / "requests.csv"))


def test_a_row_stops_itself_and_no_other(folder: Path) -> None:
    intake = taken_in(
        folder, "r-1,Mira,p0.png", "r-2,Bo,none.png", "no id!,Bo,p1.png", "r-4,A,b,c", "r-5,Ann,p2.png"
    )
    assert [request.request_id for request in intake.requests] == ["r-1", "r-5"]
    refused = {row.request_id: [problem.code for problem in row.problems] for row in intake.refused}
    assert refused == {"r-2": ["E-IMG-001"], "row-4": ["E-REQ-001"], "r-4": ["E-CSV-004"]}


def test_a_row_without_an_id_takes_none_that_another_row_has(folder: Path) -> None:
    table = folder / "requests.csv"
    table.write_text("request_id,name,image\nrow-3,Mira,p0.png\n?,Bo,p1.png\nRELEASE,Ann,p2.png\n")
    ids = [row.request_id for row in read_table_of_requests(table).rows]
    assert ids == ["row-3", "row-3-0", "row-4"]


def test_rows_that_clash_are_all_refused_and_others_served(folder: Path) -> None:
    intake = taken_in(folder, "r-1,Mira,p0.png", "r-2,MIRA,p1.png", "r-3,Bo,p2.png", "r-3,Bo,p2.png")
    assert [request.request_id for request in intake.requests] == ["r-3"]
    assert [row.request_id for row in intake.refused] == ["r-1", "r-2"]
    assert intake.notes == ("requests.csv:5: the row repeats another one and counts once",)


def test_what_people_write_differently_is_taken_with_a_note(folder: Path) -> None:
    row = " R-0001 ,\u200f\u2067Mira\u2069,p0.png,Person,\u200eM. T.\u200e,2026-01-31,Yes"
    intake = taken_in(folder, row, header="Request ID,Name,Image,Kind,Aliases,Received,FORCE")
    (request,) = intake.requests
    assert (request.request_id, request.name, request.kind) == ("r-0001", "Mira", "person")
    assert (request.aliases, request.received, request.force) == (("M. T.",), date(2026, 1, 31), True)
    assert intake.notes == (
        "requests.csv:1: columns are written with other capitals or blanks",
        "requests.csv:2: the request id is taken in small letters",
        "requests.csv:2: invisible direction marks around the name are dropped",
        "requests.csv:2: the kind is taken in small letters",
    )


def test_a_direction_override_is_refused_also_around_a_name(folder: Path) -> None:
    (problem,) = problems(folder, "r-1,\u202eMira,p0.png")
    assert problem.startswith("E-NAM-003")


@pytest.mark.parametrize("forms", [("NFC", "NFD"), ("NFD", "NFC")])
def test_a_file_name_with_accents_composed_otherwise_is_found(
    folder: Path, draw: Draw, forms: tuple[str, str]
) -> None:
    written, there = (unicodedata.normalize(form, "bilder/josé.png") for form in forms)
    draw(folder / there, 9)
    intake = taken_in(folder, f"r-1,Mira,{written}")
    assert intake.requests[0].image == folder / there
    assert "composes its accents otherwise" in intake.notes[0]


def test_notes_name_the_first_lines_only(folder: Path) -> None:
    rows = (f"R-{number},Mira,p0.png" for number in range(6))
    assert taken_in(folder, *rows).notes == (
        "requests.csv:2,3,4 and 3 more: the request id is taken in small letters",
    )


def test_force_is_yes_or_no(folder: Path) -> None:
    header = "request_id,name,image,force"
    served = taken_in(folder, "r-1,A,p0.png,no", "r-2,B,p1.png,YES", "r-3,C,p2.png", header=header)
    assert [request.force for request in served.requests] == [False, True, False]
    (problem,) = problems(folder, "r-1,A,p0.png,maybe", header=header)
    assert problem.startswith("E-REQ-013 requests.csv:2:force")


def test_a_picture_from_a_phone_is_taken(folder: Path, draw: Draw) -> None:
    register_heif_opener()
    draw(folder / "IMG_1.HEIC", 3)
    assert len(read(folder, "r-1,Mira,IMG_1.HEIC")) == 1


def test_a_day_in_the_future_is_noted(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        read(folder, "r-1,Mira,p0.png,9999-12-31", header="request_id,name,image,received")
    assert "requests.csv:2: the day in received lies in the future" in caplog.text
