"""Configuration: ``params.yaml`` as strict models, presets, and the reader of YAML."""
