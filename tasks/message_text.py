"""Messages in words, for people: ids, counts and verdicts only."""

from typing import Any

MOST = 20
"""Ids that a text names; more are counted."""


def subject_of(message: dict[str, Any]) -> str:
    """Return a message's subject."""
    return f"siu: {message['event'].replace('_', ' ')}"


def text_of(message: dict[str, Any]) -> str:
    """Return what a message says, a sentence to a line, with what there is to do."""
    return "\n".join(_SENTENCES[message["event"]](message))


def _ended(message: dict[str, Any]) -> list[str]:
    counts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(message["verdicts"].items()))
    lines = [f"{message['requests']} requests: {counts or 'none'}."]
    if release := message.get("release"):
        lines.append(
            f"Release {release['number']} is {release['state']}; its worst verdict is {release['strictest']}."
        )
    return lines


def _gate(message: dict[str, Any]) -> list[str]:
    return [f"The release doesn't pass every gate for {_ids(message['requests'])}.", "See: siu release list"]


def _person(message: dict[str, Any]) -> list[str]:
    lines = []
    if "release" in message:
        number = message["release"]
        lines.append(f"Release {number} waits to be accepted: siu release accept {number} --reason ...")
    if message.get("quarantined"):
        lines.append(f"In quarantine: {_ids(message['quarantined'])}. See: siu status")
    if message.get("unclear"):
        lines.append(f"Unclear: {_ids(message['unclear'])}. See: siu report")
    if "batch" in message:
        lines.append(f"No batch could be run: {message['batch']}")
    return lines


def _due(message: dict[str, Any]) -> list[str]:
    lines = [f"Due soon or overdue: {_ids(message['requests'])}. See: siu request list"]
    if message["overdue"]:
        lines.append(f"Overdue: {_ids(message['overdue'])}.")
    return lines


def _ids(request_ids: list[str]) -> str:
    more = f" and {len(request_ids) - MOST} more" if len(request_ids) > MOST else ""
    return ", ".join(request_ids[:MOST]) + more


_SENTENCES = {
    "batch_ended": _ended,
    "gate_failed": _gate,
    "person_needed": _person,
    "due_soon": _due,
}
