from flows.cli.prepare import prepare_workspace
from siu.data.collection import load_collection
from siu.storage.workspace import Workspace
from tasks.prepare import prepare


def test_a_collection_is_imported_once(standing: Workspace) -> None:
    params = standing.params()
    first = prepare(standing, params)
    assert not first.skipped
    assert len(load_collection(standing.collection(params)).concepts) == 4
    again = prepare(standing, params)
    assert again.skipped
    assert again.collection_digest == first.collection_digest
    assert "is there already" in prepare_workspace(standing)


def test_a_changed_source_or_a_changed_picture_is_noticed(standing: Workspace) -> None:
    params = standing.params()
    first = prepare(standing, params)
    picture = next(standing.collection(params).rglob("*.png"))
    picture.write_bytes(b"")
    mended = prepare(standing, params)
    assert not mended.skipped
    assert mended.collection_digest == first.collection_digest
    (standing.root / "own" / "facts.csv").unlink()
    assert prepare(standing, params).collection_digest != first.collection_digest


def test_the_base_model_is_named_with_its_digest(standing: Workspace) -> None:
    params = standing.params()
    digest = prepare(standing, params).base_digest
    identity = (standing.root / "data" / "base_model" / "identity.json").read_text()
    assert digest in identity
    assert '"source": "model"' in identity


def test_the_embedded_model_is_copied_for_dvc(standing: Workspace) -> None:
    params = standing.params()
    embedded = params.model_copy(update={"base_model": type(params.base_model)()})
    prepare(standing, embedded)
    assert (standing.root / "data" / "base_model" / "model.safetensors").is_file()
