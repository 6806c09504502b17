"""The fast path of forward, generation and scoring; `siu.unlearning.plain` is its plain twin."""
