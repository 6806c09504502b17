import json
import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siu.errors import StateError
from siu.storage import store as store_module
from siu.storage.digest import file_digest, value_digest
from siu.storage.store import MANIFEST, SCHEMA, Store, read_manifest

INPUTS = {"concept": "c-1", "seed": 0, "lr": 1e-4, "parts": ["a", "b"]}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "artifacts")


def publish(store: Store, inputs: dict[str, Any] = INPUTS, text: str = "hello") -> Path:
    with store.publish("unlearn", inputs) as staging:
        (staging / "a.txt").write_text(text)
        (staging / "deep").mkdir()
        (staging / "deep" / "b.bin").write_bytes(b"\0\1")
    found = store.find("unlearn", inputs)
    assert found is not None
    return found


def leftovers(store: Store) -> list[Path]:
    return list((store.root / ".staging").iterdir())


def test_what_is_published_is_found_by_its_inputs(store: Store) -> None:
    assert store.find("unlearn", INPUTS) is None
    folder = publish(store)
    assert folder == store.root / "unlearn" / value_digest(INPUTS)
    assert (folder / "deep" / "b.bin").read_bytes() == b"\0\1"
    assert store.find("unlearn", INPUTS, verify=True) == folder
    assert store.find("unlearn", {**INPUTS, "seed": 1}) is None
    assert store.find("other", INPUTS) is None
    assert leftovers(store) == []


def test_the_manifest_holds_inputs_and_digests(store: Store) -> None:
    folder = publish(store)
    assert read_manifest(folder) == {
        "schema": SCHEMA,
        "stage": "unlearn",
        "digest": folder.name,
        "inputs": INPUTS,
        "files": {name: file_digest(folder / name) for name in ("a.txt", "deep/b.bin")},
    }


def test_equal_content_gives_equal_folders(store: Store, tmp_path: Path) -> None:
    first, second = publish(store), publish(Store(tmp_path / "other"))
    assert (first / MANIFEST).read_bytes() == (second / MANIFEST).read_bytes()


@given(
    st.dictionaries(
        st.text(max_size=3),
        st.lists(st.integers() | st.floats(allow_nan=False, allow_infinity=False)),
        max_size=4,
    )
)
def test_the_order_of_the_inputs_does_not_matter(inputs: dict[str, Any]) -> None:
    store = Store(Path("nowhere"))
    turned = dict(reversed(inputs.items()))
    assert store.folder("unlearn", inputs) == store.folder("unlearn", turned)


def test_inputs_are_compared_as_json(store: Store) -> None:
    folder = publish(store, {"targets": ("a", "b"), "by_number": {10: 1, 9: 2}})
    assert store.find("unlearn", {"targets": ["a", "b"], "by_number": {"10": 1, "9": 2}}) == folder


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_exception_leaves_nothing(store: Store, error: type[BaseException]) -> None:
    def fail(staging: Path) -> None:
        (staging / "a.txt").write_text("half")
        raise error

    with pytest.raises(error), store.publish("unlearn", INPUTS) as staging:
        fail(staging)
    assert store.find("unlearn", INPUTS) is None
    assert leftovers(store) == []


def test_the_second_of_two_writers_loses_quietly(store: Store) -> None:
    with store.publish("unlearn", INPUTS) as staging:
        (staging / "a.txt").write_text("late")
        folder = publish(store, text="early")
    assert (folder / "a.txt").read_text() == "early"
    assert store.find("unlearn", INPUTS, verify=True) == folder
    assert leftovers(store) == []


@pytest.mark.parametrize("stage", ["", "../x", "A", "a/b", ".staging", "a b"])
def test_a_stage_is_a_plain_word(store: Store, stage: str) -> None:
    with pytest.raises(StateError, match="E-STO-001"):
        store.find(stage, INPUTS)


def _links(staging: Path) -> None:
    (staging / "link").symlink_to("/etc/passwd")


def _dangling(staging: Path) -> None:
    (staging / "link").symlink_to("nowhere")


def _pipe(staging: Path) -> None:
    os.mkfifo(staging / "pipe")


def _manifest(staging: Path) -> None:
    (staging / MANIFEST).write_text("{}")


@pytest.mark.parametrize("write", [_links, _dangling, _pipe, _manifest])
def test_odd_files_are_not_published(store: Store, write: Callable[[Path], None]) -> None:
    with pytest.raises(StateError, match="E-STO-005"), store.publish("unlearn", INPUTS) as staging:
        write(staging)
    assert store.find("unlearn", INPUTS) is None
    assert leftovers(store) == []


def test_damage_is_named_with_its_remedy(store: Store) -> None:
    folder = publish(store)
    (folder / "a.txt").write_text("hellO")
    assert store.find("unlearn", INPUTS) == folder  # only verify=True reads the files
    with pytest.raises(StateError, match=r"E-STO-003.*a\.txt is missing or changed.*Remove the folder"):
        store.find("unlearn", INPUTS, verify=True)
    (folder / "a.txt").write_text("hello")
    (folder / "more.txt").touch()
    with pytest.raises(StateError, match=r"E-STO-003.*more\.txt was added"):
        store.find("unlearn", INPUTS, verify=True)
    (folder / "a.txt").unlink()
    with pytest.raises(StateError, match=r"E-STO-003.*a\.txt is missing"):
        store.find("unlearn", INPUTS)


@pytest.mark.parametrize("content", [None, "", "{", "[]", "{}", '{"schema":1}', '{"schema":1,"files":{}}'])
def test_a_broken_manifest_is_never_replaced(store: Store, content: str | None) -> None:
    manifest = publish(store) / MANIFEST
    if content is None:
        manifest.unlink()
    else:
        manifest.write_text(content)
    with pytest.raises(StateError, match=r"E-STO-002.*Remove the folder"):
        store.find("unlearn", INPUTS)
    with pytest.raises(StateError, match="E-STO-002"), store.publish("unlearn", INPUTS):
        pytest.fail("the work was started")
    assert leftovers(store) == []


def test_a_moved_folder_is_not_taken_for_another(store: Store) -> None:
    folder = publish(store)
    folder.rename(store.folder("unlearn", {"seed": 9}))
    with pytest.raises(StateError, match=r"E-STO-002.*another folder"):
        store.find("unlearn", {"seed": 9})


def test_a_newer_schema_is_refused(store: Store) -> None:
    manifest = publish(store) / MANIFEST
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "schema": SCHEMA + 1}))
    with pytest.raises(StateError, match=r"E-STO-004.*Update siu"):
        store.find("unlearn", INPUTS)


def test_inputs_that_are_no_json_are_refused_at_once(store: Store) -> None:
    with pytest.raises(ValueError, match="JSON"), store.publish("unlearn", {"lr": float("nan")}):
        pass
    assert not store.root.exists()


def test_a_sweep_spares_the_living(store: Store) -> None:
    assert store.sweep() == 0
    with store.publish("unlearn", INPUTS) as staging:
        (staging / "a.txt").write_text("x")
        assert store.sweep() == 0
        assert (staging / "a.txt").exists()
    assert store.find("unlearn", INPUTS, verify=True) is not None


def _die_while_publishing(root: Path) -> None:
    with Store(root).publish("unlearn", INPUTS) as staging:
        (staging / "a.txt").write_text("half")
        os.kill(os.getpid(), signal.SIGKILL)


def _publish_many(root: Path, text: str) -> None:
    store = Store(root)
    for number in range(20):
        with store.publish("unlearn", {"n": number}) as staging:
            (staging / "a.txt").write_text(text)
        store.sweep()


def _run(*processes: multiprocessing.process.BaseProcess) -> list[int | None]:
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return [process.exitcode for process in processes]


def test_a_killed_process_leaves_nothing_but_what_sweep_removes(store: Store) -> None:
    context = multiprocessing.get_context("spawn")
    assert _run(context.Process(target=_die_while_publishing, args=(store.root,))) == [-signal.SIGKILL]
    assert store.find("unlearn", INPUTS) is None
    assert leftovers(store) != []
    assert store.sweep() == 1
    assert leftovers(store) == []
    assert publish(store).is_dir()


def _die_at(root: Path, point: str) -> None:
    """Publish, and die before the flush, before the rename, or right behind it."""
    real_flush, real_rename = store_module.flush_tree, Path.rename

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def flush_tree(folder: Path) -> None:
        if point == "before the flush":
            die()
        real_flush(folder)

    def rename(self: Path, target: Path) -> Path:
        if point == "before the rename":
            die()
        renamed = real_rename(self, target)
        die()
        return renamed

    store_module.flush_tree, Path.rename = flush_tree, rename  # type: ignore[method-assign]
    publish(Store(root))


@pytest.mark.parametrize(
    ("point", "published"),
    [("before the flush", False), ("before the rename", False), ("behind the rename", True)],
)
def test_a_kill_at_any_point_leaves_all_or_nothing(store: Store, point: str, published: bool) -> None:
    context = multiprocessing.get_context("spawn")
    assert _run(context.Process(target=_die_at, args=(store.root, point))) == [-signal.SIGKILL]
    assert (store.find("unlearn", INPUTS, verify=True) is not None) is published
    store.sweep()
    assert leftovers(store) == []
    assert (publish(store) / "a.txt").read_text() == "hello"


def test_threads_publish_side_by_side(store: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        folders = set(pool.map(lambda text: publish(store, text=text), "abcd"))
    (folder,) = folders
    assert store.find("unlearn", INPUTS, verify=True) == folder
    assert leftovers(store) == []


def test_processes_publish_side_by_side(store: Store) -> None:
    context = multiprocessing.get_context("spawn")
    assert _run(*(context.Process(target=_publish_many, args=(store.root, text)) for text in "ab")) == [0, 0]
    for number in range(20):
        assert store.find("unlearn", {"n": number}, verify=True) is not None
    assert leftovers(store) == []
