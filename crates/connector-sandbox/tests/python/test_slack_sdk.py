"""Drives the stand-in of Slack with Slack's own Python SDK, a client that nobody here wrote.

    python test_slack_sdk.py '{"scim_url": …}'      with the line that connector-sandbox prints

Exits with 1 when the SDK and the stand-in do not get on with each other.
"""

import json
import sys
import unittest
from urllib.request import Request, urlopen

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.token_rotation import TokenRotator
from slack_sdk.scim.v1.client import SCIMClient
from slack_sdk.scim.v1.group import Group, GroupMember
from slack_sdk.scim.v1.user import User, UserAddress, UserEmail, UserName, UserPhoneNumber, UserRole

TARGET: dict = {}
ENTERPRISE = "urn:scim:schemas:extension:enterprise:1.0"


def control(method, path, body=None):
    """Calls a control path of the stand-in."""
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(TARGET["control_url"] + path, data=data, method=method), timeout=10) as response:
        text = response.read()
    return json.loads(text) if text else None


def client(token=None, **options):
    return SCIMClient(token=token or TARGET["token"], base_url=TARGET["scim_url"], timeout=10, **options)


def person(user_name, **more):
    return User(user_name=user_name, emails=[UserEmail(value=f"{user_name}@sdk.example", primary=True)], **more)


class Case(unittest.TestCase):
    def setUp(self):
        # Refills the rate limits, so that the order and number of tests do not matter.
        control("POST", "clock", {"advance_ms": 60_000})
        self.client = client()

    def created(self, user):
        response = self.client.create_user(user)
        self.assertEqual(response.status_code, 201, response.raw_body)
        return response.user


class Reading(Case):
    def test_search_users_pages_through_everybody(self):
        seen, start = [], 1
        while True:
            page = self.client.search_users(start_index=start, count=100)
            self.assertEqual(page.status_code, 200)
            self.assertEqual(page.body["startIndex"], start)
            if not page.users:
                break
            seen += [user.id for user in page.users]
            start += len(page.users)
        self.assertEqual(len(seen), page.body["totalResults"])
        self.assertEqual(len(set(seen)), len(seen))

    def test_read_user_gives_what_the_list_gave(self):
        for listed in self.client.search_users(start_index=1, count=20).body["Resources"]:
            read = self.client.read_user(listed["id"])
            self.assertEqual(read.status_code, 200)
            self.assertEqual(read.body, listed)
            self.assertEqual(read.user.nick_name, read.user.user_name)

    def test_search_with_filters(self):
        user = self.client.search_users(start_index=3, count=1).users[0]
        for text in (f'userName eq "{user.user_name}"', f"email eq {user.emails[0].value}"):
            found = self.client.search_users(start_index=1, count=1, filter=text).users
            self.assertEqual([u.id for u in found], [user.id], text)
        nobody = self.client.search_users(start_index=1, count=1, filter='userName eq "nobody.at.all"')
        self.assertEqual((nobody.status_code, nobody.users), (200, []))

    def test_a_bad_filter_is_refused_as_by_the_real_service(self):
        for search in (self.client.search_users, self.client.search_groups):
            response = search(start_index=1, count=-1, filter="foo")
            self.assertEqual(response.status_code, 400)
            self.assertEqual(response.errors.code, 400)
            self.assertEqual(response.errors.description, "no_filters (is_aggregate_call=1)")

    def test_groups_are_listed_and_read_with_members(self):
        listed = self.client.search_groups(start_index=1, count=5)
        self.assertEqual(len(listed.groups), 5)
        response = self.client.read_group(listed.groups[0].id)
        self.assertEqual(response.body, listed.body["Resources"][0])
        read = response.group
        member = read.members[0]
        user = self.client.read_user(member.value).user
        self.assertEqual(member.display, f"{user.name.given_name} {user.name.family_name}".strip())
        self.assertIn(read.id, [group.value for group in user.groups])


class Users(Case):
    def test_a_user_from_creation_to_deletion(self):
        user = self.created(person("sdk.life", title="Analyst", name=UserName(given_name="Ada", family_name="L")))
        self.assertEqual((user.user_name, user.display_name, user.active), ("sdk.life", "sdk.life", True))

        patched = self.client.patch_user(user.id, partial_user=User(user_name="sdk.life2"))
        self.assertEqual((patched.status_code, patched.user.nick_name), (200, "sdk.life2"))
        self.assertEqual(patched.user.title, "Analyst")

        updated = self.client.update_user(
            user=User(
                id=user.id, user_name="sdk.life3", active=True, title="Lead",
                name=UserName(given_name="Ada", family_name="King"), emails=user.emails,
            )
        )
        self.assertEqual(updated.status_code, 200, updated.raw_body)
        self.assertEqual((updated.user.user_name, updated.user.name.family_name), ("sdk.life3", "King"))

        for _ in range(3):
            self.assertEqual(self.client.delete_user(user.id).status_code, 200)
        self.assertIs(self.client.read_user(user.id).user.active, False)

    def test_everything_the_sdk_can_say_comes_back(self):
        boss = self.created(person("sdk.boss"))
        user = self.created(person(
            "sdk.full",
            phone_numbers=[UserPhoneNumber(value="office", primary=True), UserPhoneNumber(value="mobile", primary=False)],
            addresses=[UserAddress(street_address="12 Engine Row", country="GB", primary=True)],
            roles=[UserRole(value="Lead", primary=True)],
            schemas=["urn:scim:schemas:core:1.0", ENTERPRISE],
            **{"userType": "Employee", ENTERPRISE: {"department": "R&D", "manager": {"managerId": "sdk.boss"}}},
        ))
        phones = [phone.to_dict() for phone in user.phone_numbers]
        self.assertEqual(phones, [{"type": "mobile", "value": "mobile"}, {"primary": True, "value": "office"}])
        self.assertEqual(user.addresses[0].street_address, "12 Engine Row")
        self.assertEqual(user.roles[0].value, "Lead")
        extension = self.client.read_user(user.id).body[ENTERPRISE]
        self.assertEqual((extension["department"], extension["manager"]["managerId"]), ("R&D", boss.id))
        self.assertIsNone(extension["costCenter"])

    def test_what_was_read_can_be_sent_back(self):
        # The SDK nests `schemas` when it reads: [["urn:…"]]. The real service takes that, so this must too.
        user = self.created(person("sdk.echo", roles=[UserRole(value="Lead")]))
        echo = self.client.update_user(user=user)
        self.assertEqual(echo.status_code, 200, echo.raw_body)
        self.assertEqual(echo.user.to_dict(), self.client.read_user(user.id).user.to_dict())
        self.assertEqual(echo.user.active, True)

    def test_plain_dictionaries_work_too(self):
        response = self.client.create_user({"user_name": "sdk.dict", "emails": [{"value": "sdk.dict@sdk.example"}]})
        self.assertEqual(response.status_code, 201, response.raw_body)
        deactivated = self.client.patch_user(response.user.id, {"active": False})
        self.assertIs(deactivated.user.active, False)


class Groups(Case):
    def test_a_group_from_creation_to_deletion(self):
        one, two = self.created(person("sdk.member1")), self.created(person("sdk.member2"))
        created = self.client.create_group(Group(display_name="SDK", members=[GroupMember(value=one.id)]))
        self.assertEqual(created.status_code, 201, created.raw_body)
        group = created.group

        change = Group(display_name="SDK 2", members=[
            GroupMember(value=two.id), GroupMember(value=one.id, operation="delete")])
        patched = self.client.patch_group(group.id, change)
        self.assertEqual((patched.status_code, patched.raw_body), (204, ""))
        read = self.client.read_group(group.id).group
        self.assertEqual((read.display_name, [m.value for m in read.members]), ("SDK 2", [two.id]))

        read.display_name = "SDK 3"
        updated = self.client.update_group(group=read)
        self.assertEqual((updated.status_code, updated.group.display_name), (200, "SDK 3"))

        deleted = self.client.delete_group(group.id)
        self.assertEqual((deleted.status_code, deleted.raw_body), (204, ""))
        self.assertEqual(self.client.read_group(group.id).status_code, 404)


class Errors(Case):
    def expect(self, response, code, description):
        self.assertEqual(response.status_code, code, response.raw_body)
        self.assertEqual((response.errors.code, response.errors.description), (code, description))

    def test_credentials(self):
        for token in ("xoxp-made-up", TARGET["no_admin_token"]):
            self.expect(client(token).search_users(start_index=1, count=1), 401, "invalid_authentication")
        workspace = client(TARGET["workspace_token"])
        self.expect(workspace.search_users(start_index=1, count=1), 400, "non_org_teams_only")

    def test_conflicts_and_absence(self):
        user = self.created(person("sdk.taken"))
        self.expect(self.client.create_user(person("sdk.taken")), 409, "username_taken (username=sdk.taken)")
        again = User(user_name="sdk.other", emails=user.emails)
        self.expect(self.client.create_user(again), 409, f"email_taken (existing_user={user.id})")
        self.expect(self.client.read_user("U0NOBODY"), 404, "no_such_user")
        self.expect(self.client.read_group("S0NOTHING"), 404, "no_such_group")

    def test_rate_limits_are_retried_by_the_sdks_own_handler(self):
        user = self.created(person("sdk.limited"))
        control("POST", "faults", {
            "method": "PATCH", "path": "/scim/v1/Users", "times": 1,
            "effect": {"kind": "status", "status": 429, "retry_after": "1",
                       "body": '{"Errors":{"description":"too_many_requests","code":429}}'}})
        patient = client(retry_handlers=[RateLimitErrorRetryHandler(max_retry_count=1)])
        self.assertEqual(patient.patch_user(user.id, {"title": "x"}).status_code, 200)

    def test_the_limiter_speaks_up(self):
        statuses = [self.client.create_user(person(f"sdk.many{n}")).status_code for n in range(60)]
        self.assertIn(429, statuses)
        self.assertEqual(set(statuses), {201, 429})
        refused = [r for r in control("GET", "requests") if r["status"] == 429]
        self.assertTrue(all(r["authorization"] for r in refused))


class Credential(Case):
    def web(self, token=None):
        return WebClient(token=token, base_url=TARGET["token_url"].rsplit("/", 1)[0] + "/")

    def test_auth_test(self):
        answer = self.web(TARGET["token"]).auth_test()
        self.assertTrue(answer["is_enterprise_install"])
        self.assertTrue(answer["team_id"].startswith("E"))
        self.assertEqual(answer.headers["x-oauth-scopes"], "admin")
        with self.assertRaises(SlackApiError) as caught:
            self.web("xoxp-made-up").auth_test()
        self.assertEqual(caught.exception.response["error"], "invalid_auth")

    def test_rotation_by_the_sdks_own_rotator(self):
        control("PATCH", "options", {"token_rotation": True})
        self.addCleanup(control, "PATCH", "options", {"token_rotation": False})
        location = self.consent()
        code = location.split("code=")[1].split("&")[0]
        answer = self.web().oauth_v2_access(
            client_id=TARGET["client_id"], client_secret=TARGET["client_secret"],
            code=code, redirect_uri="http://127.0.0.1:9/callback")
        user = answer["authed_user"]
        self.assertTrue(answer["is_enterprise_install"])
        rotator = TokenRotator(
            client=self.web(), client_id=TARGET["client_id"], client_secret=TARGET["client_secret"])
        held = Installation(
            user_id=user["id"], enterprise_id=answer["enterprise"]["id"], is_enterprise_install=True,
            user_token=user["access_token"], user_refresh_token=user["refresh_token"], user_token_expires_at=1)
        renewed = rotator.perform_user_token_rotation(installation=held)
        self.assertNotEqual(renewed.user_token, user["access_token"])
        self.assertEqual(client(renewed.user_token).search_users(start_index=1, count=1).status_code, 200)

    def consent(self):
        """Presses Allow on the consent page; the redirect is looked at and not followed."""
        from http.client import HTTPConnection
        from urllib.parse import urlencode, urlsplit

        url = urlsplit(TARGET["authorize_url"])
        form = urlencode({
            "client_id": TARGET["client_id"], "user_scope": "admin", "state": "s",
            "redirect_uri": "http://127.0.0.1:9/callback", "decision": "allow"})
        connection = HTTPConnection(url.netloc, timeout=10)
        connection.request("POST", url.path, form, {"Content-Type": "application/x-www-form-urlencoded"})
        response = connection.getresponse()
        self.assertEqual(response.status, 302)
        location = response.headers["Location"]
        connection.close()
        return location


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    TARGET.update(json.loads(sys.argv.pop(1)))
    unittest.main()
