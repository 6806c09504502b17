"""The second world: real logos, and a real language model (SmolLM2-135M) behind pretrained eyes."""
