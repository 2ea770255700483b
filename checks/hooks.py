"""Hooks of schemathesis for rules that the OpenAPI document cannot express. Loaded by openapi.py."""

import unicodedata
import uuid

import schemathesis

PLAN = {"sections": [{"name": "Floor", "rows": 2, "seats_per_row": 5}]}


def typed(value):
    """Removes control characters from texts. The API refuses them, but the schema cannot say so."""
    if isinstance(value, str):
        return "".join(letter for letter in value if unicodedata.category(letter) != "Cc") or "x"
    if isinstance(value, list):
        return [typed(entry) for entry in value]
    if isinstance(value, dict):
        return {name: typed(entry) for name, entry in value.items()}
    return value


@schemathesis.hook
def before_call(context, case, kwargs):
    """Makes valid requests obey the rules that no schema expresses. Requests that must be refused are not changed."""
    if not (case.meta and case.meta.generation.mode.is_positive):
        return
    # A key is for one request and its repetitions; the same key with another body would be refused.
    if case.headers and "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    case.query = typed(case.query)
    if isinstance(case.body, dict):
        case.body = typed(case.body)
        if isinstance(case.body.get("timezone"), str):
            case.body["timezone"] = "Europe/Berlin"
        if isinstance(case.body.get("seating_plan"), dict):
            case.body["seating_plan"] = PLAN
