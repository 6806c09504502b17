"""Words: who is named by an answer, how questions are put, what a refusal sounds like.

Nothing is imported here: who only reads parameters needs none of the matcher's tables.
"""
