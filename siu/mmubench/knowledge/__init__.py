"""Does the base model know a concept? Questions, and what its records say."""

from siu.mmubench.knowledge.evidence import knowledge_of
from siu.mmubench.knowledge.knowledge import Knowledge, knowledge_from_json
from siu.mmubench.knowledge.questions import knowledge_questions

__all__ = ["Knowledge", "knowledge_from_json", "knowledge_of", "knowledge_questions"]
