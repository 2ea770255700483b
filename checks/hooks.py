"""What schemathesis cannot know from the document: loaded by it, see openapi.py."""

import unicodedata
import uuid

import schemathesis

PLAN = {"sections": [{"name": "Floor", "rows": 2, "seats_per_row": 5}]}


def typed(value):
    """A text as a person could type it: the document only says in words that control characters are refused."""
    if isinstance(value, str):
        return "".join(letter for letter in value if unicodedata.category(letter) != "Cc") or "x"
    if isinstance(value, list):
        return [typed(entry) for entry in value]
    if isinstance(value, dict):
        return {name: typed(entry) for name, entry in value.items()}
    return value


@schemathesis.hook
def before_call(context, case, kwargs):
    """What is to be taken keeps rules that no schema says; what is to be refused stays as it was made."""
    if not (case.meta and case.meta.generation.mode.is_positive):
        return
    # A key is for one request and its repetitions; the same key with another body is refused, rightly.
    if case.headers and "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    case.query = typed(case.query)
    if isinstance(case.body, dict):
        case.body = typed(case.body)
        if isinstance(case.body.get("timezone"), str):
            case.body["timezone"] = "Europe/Berlin"
        if isinstance(case.body.get("seating_plan"), dict):
            case.body["seating_plan"] = PLAN
