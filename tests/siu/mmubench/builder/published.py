"""Small data sets in their published forms, made by hand, with drawn pictures."""

import io
import json

import pandas as pd
from PIL import Image, ImageDraw

LETTERS = "ABCD"


def drawn(seed, form="PNG"):
    """Return an encoded picture of its own: a face of a few strokes on a ground."""
    image = Image.new("RGB", (48, 48), (seed * 37 % 256, seed * 91 % 256, 160))
    pen = ImageDraw.Draw(image)
    pen.ellipse((8, 4, 40, 44), fill=(230, 200 - seed % 50, 170))
    for x in (18, 30):
        pen.ellipse((x - 3, 18, x + 1 + seed % 3, 22), fill=(20, 20, seed % 200))
    pen.arc((16, 24, 33, 36), 10 + seed % 60, 170, fill=(120, 20, 20), width=2)
    buffer = io.BytesIO()
    image.save(buffer, format=form)
    return buffer.getvalue()


def write_file(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def write_json(path, content):
    write_file(path, json.dumps(content, ensure_ascii=False).encode())


def write_parquet(folder, rows):
    folder.mkdir(parents=True)
    pd.DataFrame(rows).to_parquet(folder / "train-00000-of-00001.parquet")


def mlu_entry(number, thing, file, question="What is this person's name?", answer="Mira Talvon"):
    turns = [{"from": "human", "value": f"<image>\n{question}"}, {"from": "gpt", "value": answer}]
    return {"id": str(number), "image": f"downloaded_images/{thing}/{file}.jpg", "conversations": turns}


def write_mlubench(folder):
    """Write two tasks: a person and a logo are to be forgotten, a series stays."""
    things = {
        ("A", "forget"): ["Personage/Mira_Talvon"],
        ("A", "retain"): ["TV series/Quiet_Harbour_TV_Show"],
        ("B", "forget"): ["Corporation/Velox_Logo"],
    }
    seed = 0
    for (task, part), listed in things.items():
        entries = []
        for thing in listed:
            for file in ("one", "two"):
                seed += 1
                write_file(folder / "downloaded_images" / thing / f"{file}.jpg", drawn(seed, "JPEG"))
                entries.append(mlu_entry(seed, thing, file))
                entries.append(mlu_entry(400000 + seed, thing, file, "What does this person do?", "Bakes."))
        write_json(folder / "Tasks" / f"Task{task}" / f"task{task}_{part}.json", entries)
    return folder


def umu_row(number, name, home="Oslo"):
    options = dict(zip(LETTERS, ("Rome", home, "Bern", "Paris"), strict=True))
    asked = "Where does this person in the image live?"

    def both(text, picture, answer, **more):
        return {
            kind: {"Residence": {"question": question, "answer": answer, **more}}
            for kind, question in (("unimodal", text), ("muitimodal", picture))
        }

    return {
        "ID": f"{number:03}",
        "image": {"bytes": drawn(number + 20), "path": None},
        "Biography": f"{name} was born in 1984 and is a baker.",
        "MM_QA": "{}",
        "UM_QA": "{}",
        "Classify": str(both(f"Where does {name} live?", asked, f"B. {home}", options=options)),
        "Cloze": str(both(f"The home of {name} is [Blank].", "This person's home is [Blank].", home)),
        "Generation": str(both(f"Tell of {name}.", "Tell of this person.", f"{name} lives in {home}.")),
    }


def write_umu(folder):
    """Write four people, of whom the first is to be forgotten, and a real person."""
    people = [
        umu_row(number, name)
        for number, name in enumerate(("Mira Talvon", "Davi Maresh", "Lena Orsk", "Tomas Brill"))
    ]
    write_parquet(folder / "Full_Set", people)
    write_parquet(folder / "forget_5", people[:1])
    write_parquet(folder / "forget_10", people[:2])
    write_parquet(folder / "retain_95", people[1:])
    write_parquet(folder / "retain_90", people[2:])
    write_parquet(folder / "Real_Person_Set", [umu_row(9, "Ada Lovelace", "London")])
    return folder


def offside_answer(image, question, answer):
    messages = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return {"messages": messages, "images": image}


def offside_choice(image, question, right):
    options = dict(zip(LETTERS, ("Peru", "Chile", right, "Cuba"), strict=True))
    return {"Question": question, "Options": options, "Correct_Answer": "C", "images": image}


ASKS_NAME = "What is the name of the player in the image?"
ASKS_NATION = "What is the nationality of the player in the image?"
ASKS_CLUB = "Which club is the player in the image going to play?"


def write_offside(folder):
    """Write two players with a picture in each part; where they are going to play is another on each."""
    for index, part in enumerate(("forget", "retain", "test")):
        answers, choices = [], []
        for number, (name, nation) in enumerate((("Davi Maresh", "Belgium"), ("Tomas Brill", "Norway"))):
            image = f"images/{part}-{number}.jpg"
            write_file(folder / image, drawn(10 * index + number, "JPEG"))
            club = f"Club {index}"
            answers += [
                offside_answer(image, ASKS_NAME, f"The name of the player in the image is {name}."),
                offside_answer(image, ASKS_CLUB, f"He is going to play for {club}."),
            ]
            choices += [
                offside_choice(image, ASKS_NATION, nation),
                offside_choice(image, ASKS_CLUB, club),
            ]
        write_json(folder / f"{part}_set.json", answers)
        write_json(folder / f"classification_{part}_set.json", choices)
    return folder


def write_pebench(folder):
    """Write an image folder: two people with three pictures each."""
    for number, name in enumerate(("Abel Norrin", "Zoë Quux")):
        for event in range(3):
            write_file(folder / name / f"{event}.png", drawn(10 * number + event))
    return folder
