"""How the small model is taught: tokenizer, pictures, seeing, speaking."""
