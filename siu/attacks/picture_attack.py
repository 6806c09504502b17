"""Attacks that ask about changed pictures, written to a folder that is gone afterwards."""

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


class PictureAttack(Attack):
    """An attack made of changed pictures and the plain recognition question."""

    pictures: Count = 8
    """Test pictures per case."""

    @abstractmethod
    def changed(self, scene: Scene, index: int, image: Image.Image) -> dict[str, Image.Image]:
        """Return one of a case's pictures under each variant of the attack."""

    def run(self, scene: Scene) -> Observation:
        """Ask about every variant of every picture in one go."""
        with TemporaryDirectory() as folder:
            asks = [
                ask for index in range(len(scene.cases)) for ask in self._asks(scene, index, Path(folder))
            ]
            plain = [scene.plain(index, self.pictures) for index in range(len(scene.cases))]
            return observed(plain, scene.ask(asks))

    def _asks(self, scene: Scene, index: int, folder: Path) -> Iterator[Ask]:
        case = scene.cases[index]
        question = case.wordings("name", "test")[0]
        for number, picture in enumerate(case.test[: self.pictures]):
            for variant, image in self.changed(scene, index, load_image(picture)).items():
                path = folder / f"{index}-{number}-{variant}.png"
                save_clean_png(image, path)
                yield Ask(index, variant, question, path, case.names)
