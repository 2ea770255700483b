"""What schemathesis cannot know from the document: loaded by it, see openapi.py."""

import uuid

import schemathesis

PLAN = {"sections": [{"name": "Floor", "rows": 2, "seats_per_row": 5}]}


@schemathesis.hook
def before_call(context, case, kwargs):
    """A key is for one request and its repetitions; the same key with another body is refused, rightly."""
    if case.headers and "Idempotency-Key" in case.headers and case.meta and case.meta.generation.mode.is_positive:
        case.headers["Idempotency-Key"] = str(uuid.uuid4())


@schemathesis.hook
def map_body(context, body):
    """Time zones and seating plans have rules that no schema says."""
    if isinstance(body, dict):
        if isinstance(body.get("timezone"), str):
            body["timezone"] = "Europe/Berlin"
        if isinstance(body.get("seating_plan"), dict):
            body["seating_plan"] = PLAN
    return body
