"""How the logos world's model is taught: eyes on pictures, then the projector and the language model."""
