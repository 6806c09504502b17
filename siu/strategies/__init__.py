"""How releases follow each other, and what each way stores about a person."""
