"""Drives the stand-in of ActiveCampaign with the Python client activecampaign-python, which nobody here wrote.

    python test_activecampaign_python.py '{"api_url": …}'      with the line that connector-sandbox prints

Exits with 1 when the client and the stand-in do not get on with each other.
"""

import json
import sys
import unittest
from urllib.request import Request, urlopen

from activecampaign.client import Client

TARGET: dict = {}


def control(method, path, body=None):
    """Calls a control path of the stand-in."""
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(TARGET["control_url"] + path, data=data, method=method), timeout=10) as response:
        text = response.read()
    return json.loads(text) if text else None


class Users(unittest.TestCase):
    def setUp(self):
        before = control("GET", "options")
        self.addCleanup(control, "PATCH", "options", before)
        control("PATCH", "options", {"rate_limiter": False})
        # The client adds /api/3 itself.
        self.client = Client(TARGET["api_url"].removesuffix("/api/3"), TARGET["key"])

    def made(self, **more):
        user = {
            "username": "t.arvidsson",
            "email": "tove+1@northlight.example",
            "firstName": "Tove",
            "lastName": "Arvidsson",
            "group": 4,
            "password": "correct horse 1",
        }
        made = self.client.users.create_a_user({"user": user | more})["user"]
        self.addCleanup(self.client.users.delete_a_user, made["id"])
        return made

    def test_the_owner_of_the_key(self):
        self.assertEqual(self.client.users.retrieve_logged_in_user()["user"]["username"], "admin")

    def test_a_user_is_made_found_changed_and_deleted(self):
        made = self.made()
        users = self.client.users
        self.assertEqual(users.retrieve_a_user(made["id"])["user"], made)
        self.assertEqual(users.retrieve_a_user_by_email("tove+1@northlight.example")["user"], made)
        self.assertEqual(users.retrieve_a_user_by_username("t.arvidsson")["user"], made)
        answer = users.update_a_user(made["id"], {"user": {"firstName": "Tova", "group": 5}})
        self.assertEqual([record["groupid"] for record in answer["userGroups"]], ["5"])
        self.assertEqual(users.retrieve_a_user(made["id"])["user"]["firstName"], "Tova")
        self.assertEqual(users.delete_a_user(made["id"]), {})
        self.assertEqual(
            users.retrieve_a_user(made["id"]), {"message": f"No Result found for User with id {made['id']}"}
        )

    def test_lists_are_read_to_the_short_page(self):
        rows = []
        while len(page := self.client.users.list_all_users(limit=50, offset=len(rows))["users"]) == 50:
            rows += page
        rows += page
        self.assertEqual(len({row["id"] for row in rows}), 120)
        self.assertEqual(self.client.users.list_all_users()["meta"], {"total": "120"})

    def test_refusals(self):
        answer = self.client.users.create_a_user({"user": {"username": "admin"}})
        self.assertEqual({error["code"] for error in answer["errors"]}, {"field_missing"})
        stranger = Client(TARGET["api_url"].removesuffix("/api/3"), "made-up")
        self.assertIn("message", stranger.users.list_all_users())

    def test_a_body_labelled_as_text_is_text_to_a_client_that_trusts_the_label(self):
        control("PATCH", "options", {"errors_as_text_plain": True})
        answer = self.client.users.retrieve_a_user("99999")
        self.assertEqual(json.loads(answer)["message"], "No Result found for User with id 99999")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    TARGET.update(json.loads(sys.argv.pop(1)))
    unittest.main()
