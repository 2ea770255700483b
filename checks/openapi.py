#!/usr/bin/env python3
"""Sends a running server all kinds of requests that its OpenAPI document allows and forbids, with all checks of schemathesis.

    openapi.py FAIRSEAT SCHEMATHESIS

FAIRSEAT is the program, SCHEMATHESIS the command that checks/requirements.txt installs. The server is started in a folder of its own, with
one object of each kind, so that requests do not end at "not found"; it is stopped at the end. RULES lists the expected differences from the
document, each with its reason.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.request

EMAIL, PASSWORD = "olga@example.test", "a long enough password"
SEED = "20261124"

# Routes that may refuse a request of the right shape, because of a rule that no schema expresses.
RULES = [
    ("the token must have been sent in a message", "POST", "/auth/(verify-email|reset-password)$"),
    ("times must be in order, a price needs a section, the venue must exist", "POST", "/events$"),
    ("as for POST, and some fields belong to new events only", "PATCH", "/events/\\{event_id\\}$"),
    ("a parameter takes a day or an instant", "GET", "/events$"),
    ("seats must be of this event; one way of choosing at a time", "POST", "/(reserve|block|unblock)$"),
    ("seats must be of this event", "PATCH", "/reservations/\\{reservation_id\\}$"),
    ("a new address or password needs the old password", "PATCH", "/users/me$"),
    ("an id must be a member's, an address is given instead of an id", "POST", "/members$"),
    ("the organization must exist", "POST", "/venues$"),
    ("answers WebSocket requests only", "GET", "/live$"),
]
EXAMPLES = 300 if os.environ.get("FAIRSEAT_LONG") else 20


def configuration(parameters):
    lines = ["[parameters]", *(f'"path.{name}" = "{value}"' for name, value in parameters.items())]
    lines += ["[generation]", f"max-examples = {EXAMPLES}"]
    # 412 is expected too, because no generated If-Match names the current version.
    lines += ["[checks.positive_data_acceptance]",
              'expected-statuses = ["2xx", "401", "403", "404", "409", "412", "429", "5xx"]',
              "[checks.negative_data_rejection]",
              'expected-statuses = ["400", "401", "403", "404", "405", "406", "409", "412", "415", "422", "428", "429", "5xx"]']
    for why, method, path in RULES:
        lines += [f"# {why}", "[[operations]]", f'include-method = "{method}"', f"include-path-regex = '{path}'",
                  'checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "404", "409", "412", "422", "429"]']
    return "\n".join(lines)


def post(base, path, body, token=None):
    headers = {"content-type": "application/json"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    request = urllib.request.Request(f"{base}/api/v1{path}", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def sign_in(base):
    return post(base, "/auth/login", {"email": EMAIL, "password": PASSWORD})["access_token"]


def furnish(base, token):
    """Creates one object of each kind; returns the values of the parameters in paths."""
    plan = {"sections": [{"name": "Floor", "rows": 20, "seats_per_row": 50}]}
    venue = post(base, "/venues", {"name": "Arena", "address": "1 Main Street", "city": "New York", "state": "NY",
                                   "country": "US", "layout_type": "arena", "seating_plan": plan}, token)
    event = post(base, "/events", {
        "name": "First Night", "description": "", "venue_id": venue["venue_id"], "category": "concert",
        "start_time": "2099-05-01T20:00:00Z", "end_time": "2099-05-01T23:00:00Z", "on_sale_time": "2020-01-01T00:00:00Z",
        "price_tiers": {"Floor": 10.00}, "max_tickets_per_user": 1000}, token)
    reserve = f"/events/{event['event_id']}/reserve"
    wish = {"best_available": {"section": "Floor", "quantity": 2}}
    card = {"card_number": "4242424242424242", "expiry": "12/99", "cvv": "123"}
    bought = post(base, reserve, wish, token)
    order = post(base, "/orders", {"reservation_id": bought["reservation_id"], "payment_method": "credit_card",
                                   "payment_details": card}, token)
    held = post(base, reserve, wish, token)
    return {
        "organization_id": venue["organization_id"], "venue_id": venue["venue_id"], "event_id": event["event_id"],
        "reservation_id": held["reservation_id"], "order_id": order["order_id"],
        "ticket_id": order["tickets"][0]["ticket_id"], "provider": "sandbox",
    }


def run(command, config, base, *arguments):
    line = [command, "--config-file", config, "run", f"{base}/openapi.json", "--checks", "all", "--seed", SEED,
            "--phases", "examples,coverage,fuzzing", "--continue-on-failure", "--warnings", "off", "--no-color",
            "-H", f"Authorization: Bearer {sign_in(base)}", *arguments]
    environment = os.environ | {"SCHEMATHESIS_HOOKS": str(pathlib.Path(__file__).with_name("hooks.py"))}
    return subprocess.run(line, env=environment, cwd=pathlib.Path(config).parent).returncode


def main(fairseat, schemathesis):
    with tempfile.TemporaryDirectory() as folder:
        data = pathlib.Path(folder, "data")
        subprocess.run([fairseat, "user", "add", "--role", "organizer", "--password-stdin", "--email", EMAIL,
                        "--data-dir", data], input=PASSWORD.encode(), stdout=subprocess.DEVNULL, check=True)
        server = subprocess.Popen([fairseat, "serve", "--listen", "127.0.0.1:0", "--limits", "off", "--data-dir", data],
                                  stdout=subprocess.PIPE, text=True, env=os.environ | {"FAIRSEAT_LOG": "error"})
        try:
            base = server.stdout.readline().strip().removeprefix("fairseat listening on ")
            parameters = furnish(base, sign_in(base))
            config = pathlib.Path(folder, "schemathesis.toml")
            config.write_text(configuration(parameters))
            # Requests that end the session or the event come last, because all later requests would fail.
            ends = "/auth/logout$|/events/\\{event_id\\}/cancel$"
            failed = run(schemathesis, str(config), base, "--exclude-path-regex", ends)
            failed |= run(schemathesis, str(config), base, "--include-path-regex", ends)
        finally:
            server.terminate()
            server.wait()
    return failed


if __name__ == "__main__":
    sys.exit(main(*(os.path.abspath(argument) for argument in sys.argv[1:3])))
