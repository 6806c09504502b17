"""Single Image Unlearning for multimodal LLMs: the method, without any server."""
