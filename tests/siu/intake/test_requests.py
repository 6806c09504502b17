import logging
import os
from datetime import date
from pathlib import Path

import pytest
from PIL import Image

from siu.errors import PreflightError
from siu.intake.requests import ErasureRequest, read_requests
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


@pytest.mark.parametrize("request_id", ["", "A", "a_b", "a b", "é", "a" * 41, "a\u0660", "../a"])
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
    assert "requests.csv:3:request_id: repeats line 2" in caplog.text


def test_an_id_used_twice_is_refused(folder: Path) -> None:
    (problem,) = problems(folder, "r-1,Mira,p0.png", "r-1,Bo,p1.png")
    assert problem.startswith("E-REQ-005 requests.csv:3:request_id: line 2")


def test_two_requests_may_ask_for_one_concept(folder: Path) -> None:
    assert len(read(folder, "r-1,Mira,p0.png", "r-2,Mira,p0.png")) == 2


@pytest.mark.parametrize("twin", ["Mira", "MIRA", "Ｍｉｒａ"])
def test_a_name_with_two_pictures_is_refused(folder: Path, twin: str) -> None:
    (problem,) = problems(folder, "r-1,Mira,p0.png", f"r-2,{twin},p1.png")
    assert problem.startswith("E-REQ-006 requests.csv:3:name")


def test_two_spellings_of_one_concept_are_refused(folder: Path) -> None:
    (problem,) = problems(folder, "r-1,Mira,p0.png", "r-2,mira,p0.png")
    assert problem.startswith("E-REQ-007 requests.csv:3:name")


def test_a_picture_with_two_names_is_refused_even_in_another_file(folder: Path) -> None:
    with Image.open(folder / "p0.png") as image:
        image.save(folder / "again.webp", lossless=True)
    (problem,) = problems(folder, "r-1,Mira,p0.png", "r-2,Bo,again.webp")
    assert problem.startswith("E-REQ-008 requests.csv:3:image: line 2")


def test_composed_and_decomposed_names_are_one(folder: Path) -> None:
    found = read(folder, "r-1,José,p0.png", "r-2,Jose\u0301,p0.png")
    assert {request.name for request in found} == {"José"}


def test_a_single_coloured_picture_is_noted(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    Image.new("RGB", (16, 16)).save(folder / "black.png")
    with caplog.at_level(logging.WARNING):
        read(folder, "r-1,Mira,black.png")
    assert "requests.csv:2:image: the picture has a single colour" in caplog.text
    assert "Mira" not in caplog.text


def test_the_rows_before_a_broken_one_are_checked_too(folder: Path) -> None:
    found = problems(folder, "R,Mira,p0.png", 'r-2,"Bo,p1.png')
    assert sorted(problem[:9] for problem in found) == ["E-CSV-004", "E-REQ-001"]


def test_a_day_in_the_future_is_noted(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        read(folder, "r-1,Mira,p0.png,9999-12-31", header="request_id,name,image,received")
    assert "requests.csv:2:received: the day lies in the future" in caplog.text
