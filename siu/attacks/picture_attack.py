"""Attacks that ask about pictures of their own making, written to a folder that is gone afterwards."""

from abc import abstractmethod
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from siu.attacks.attack import Attack
from siu.attacks.observation import Observation
from siu.attacks.prompt_attack import observed
from siu.attacks.scene import Ask, Scene
from siu.config.section import Count
from siu.data.images import load_image, save_clean_png


class MadePictureAttack(Attack):
    """An attack made of questions about pictures that it makes of a case's own."""

    pictures: Count = 8
    """Test pictures per case."""

    @abstractmethod
    def asks(self, scene: Scene, index: int, folder: Path) -> Iterator[Ask]:
        """Write pictures of one of the scene's cases to a folder, and yield the questions about them."""

    def run(self, scene: Scene) -> Observation:
        """Ask about every variant of every picture in one go."""
        with TemporaryDirectory() as folder:
            asks = [ask for index in range(len(scene.cases)) for ask in self.asks(scene, index, Path(folder))]
            plain = [scene.plain(index, self.pictures) for index in range(len(scene.cases))]
            return observed(plain, scene.ask(asks))


class PictureAttack(MadePictureAttack):
    """An attack made of changed pictures and the plain recognition question."""

    @abstractmethod
    def changed(self, scene: Scene, index: int, image: Image.Image) -> dict[str, Image.Image]:
        """Return one of a case's pictures under each variant of the attack."""

    def asks(self, scene: Scene, index: int, folder: Path) -> Iterator[Ask]:
        """Yield the plain question about every variant of every picture."""
        case = scene.cases[index]
        question = case.wordings("name", "test")[0]
        for number, picture in enumerate(case.test[: self.pictures]):
            for variant, image in self.changed(scene, index, load_image(picture)).items():
                path = folder / f"{index}-{number}-{variant}.png"
                save_clean_png(image, path)
                yield Ask(index, variant, question, path, case.names)
