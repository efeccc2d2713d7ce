"""Drives the stand-in of Webex with two Python SDKs, webexpythonsdk and wxc_sdk, which nobody here wrote.

    python test_webex_sdks.py '{"api_url": …}'      with the line that connector-sandbox prints

Exits with 1 when the SDKs and the stand-in do not get on with each other.
"""

import json
import os
import sys
import unittest
import warnings
from http.client import HTTPConnection
from unittest import mock
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

# A member that wxc_sdk's models do not know is an error: the stand-in must not make any up.
os.environ["API_MODEL_ALLOW_EXTRA"] = "forbid"

import webexpythonsdk  # noqa: E402
from requests import HTTPError  # noqa: E402
from wxc_sdk import WebexSimpleApi  # noqa: E402
from wxc_sdk.integration import Integration  # noqa: E402
from wxc_sdk.licenses import LicenseProperties, LicenseRequest, LicenseRequestOperation  # noqa: E402
from wxc_sdk.people import Person, PersonAddress, PersonType  # noqa: E402
from wxc_sdk.rest import RestError, RestSession  # noqa: E402

TARGET: dict = {}
SCOPES = (
    "spark:team_memberships_read spark:team_memberships_write spark:teams_read spark:teams_write "
    "spark-admin:licenses_read spark-admin:organizations_read spark-admin:people_read spark-admin:people_write "
    "spark-admin:roles_read"
)


def control(method, path, body=None):
    """Calls a control path of the stand-in."""
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(TARGET["control_url"] + path, data=data, method=method), timeout=10) as response:
        text = response.read()
    return json.loads(text) if text else None


class Case(unittest.TestCase):
    def setUp(self):
        # Refills the rate limit, so that the order and number of tests do not matter.
        control("POST", "clock", {"advance_ms": 60_000})
        self.before = control("GET", "options")
        self.addCleanup(control, "PATCH", "options", self.before)
        self.addCleanup(control, "DELETE", "faults")

    @staticmethod
    def switch(**switches):
        control("PATCH", "options", switches)


class Wxc(Case):
    """wxc_sdk: typed models of people, licences and the rest."""

    def setUp(self):
        super().setUp()
        self.api = WebexSimpleApi(tokens=TARGET["token"])
        self.addCleanup(self.api.close)

    def license(self, name):
        return next(license for license in self.api.licenses.list() if license.name == name)

    def made(self, local, **more):
        settings = Person(emails=[f"{local}@sdk.example"], display_name="Sam Dek", **more)
        person = self.api.people.create(settings)
        self.addCleanup(self.gone, person.person_id)
        return person

    def gone(self, person_id):
        try:
            self.api.people.delete_person(person_id)
        except RestError as error:
            self.assertEqual(error.response.status_code, 404)

    def test_everybody_is_listed_and_typed(self):
        people = list(self.api.people.list())
        self.assertEqual(len(people), 1200)
        self.assertEqual(len({person.person_id for person in people}), 1200)
        self.assertEqual({person.person_type for person in people}, set(PersonType) - {None})
        with_calling = list(self.api.people.list(calling_data=True))
        self.assertEqual(len(with_calling), 1200)
        self.assertTrue(any(person.extension and person.tn for person in with_calling))

    def test_people_are_found_by_address_name_id_and_role(self):
        me = self.api.people.me()
        by_id = list(self.api.people.list(id_list=[me.person_id]))
        self.assertEqual((by_id[0].user_name, by_id[0].licenses), (me.emails[0], None))
        for found in (self.api.people.list(email=me.emails[0]), self.api.people.list(display_name=me.display_name)):
            self.assertEqual([person.person_id for person in found], [me.person_id])
        by_role = self.api.people.list(roles=me.roles[0])
        self.assertEqual([person.person_id for person in by_role], [me.person_id])

    def test_a_person_from_creation_to_deletion(self):
        address = PersonAddress(type="work", country="DE", locality="Berlin")
        person = self.made("life", first_name="Sam", last_name="Dek", title="Analyst", addresses=[address])
        self.assertEqual((person.invite_pending, person.login_enabled, person.status), (True, False, "pending"))
        self.assertEqual(person.addresses, [address])
        control("POST", "activate", {"id": person.person_id})
        held = self.api.people.details(person.person_id)
        self.assertEqual((held.invite_pending, len(held.licenses)), (False, 4))
        held.title = "Lead"
        updated = self.api.people.update(held)
        self.assertEqual((updated.title, updated.licenses, updated.roles), ("Lead", held.licenses, held.roles))
        self.api.people.delete_person(person.person_id)
        with self.assertRaises(RestError) as raised:
            self.api.people.details(person.person_id)
        self.assertEqual(raised.exception.response.status_code, 404)
        self.assertEqual(raised.exception.detail.description, "Person not found")

    def test_sending_back_what_was_read_changes_nothing(self):
        for person in list(self.api.people.list(calling_data=True))[14:40]:
            if person.person_type != PersonType.person:
                continue
            again = self.api.people.update(person, calling_data=True)
            again.last_modified = person.last_modified
            self.assertEqual(again, person)

    def test_a_member_that_is_made_up_would_be_noticed(self):
        self.switch(unknown_keys=True)
        with self.assertRaisesRegex(ValueError, "trainSiteNames"):
            self.api.people.me()

    def test_errors_are_understood(self):
        self.made("twice")
        with self.assertRaises(RestError) as raised:
            self.made("twice")
        self.assertEqual(raised.exception.response.status_code, 409)
        self.assertIn("already exists", raised.exception.detail.message)
        self.assertTrue(raised.exception.detail.tracking_id)

    def test_a_refused_calling_user_exists_and_can_be_finished(self):
        calling = self.license("Webex Calling - Professional")
        self.assertEqual((calling.lic_type, calling.webex_calling_professional), ("BCSTD", True))
        settings = Person(emails=["half@sdk.example"], display_name="Half", licenses=[calling.license_id])
        with self.assertRaises(RestError) as raised:
            self.api.people.create(settings, calling_data=True)
        self.assertEqual(raised.exception.response.status_code, 400)
        half = next(iter(self.api.people.list(email="half@sdk.example")))
        self.addCleanup(self.gone, half.person_id)
        properties = LicenseProperties(phone_number="+4930555123")
        request = LicenseRequest(id=calling.license_id, properties=properties)
        answer = self.api.licenses.assign_licenses_to_users(person_id=half.person_id, licenses=[request])
        self.assertEqual(answer.licenses, [calling.license_id])
        whole = self.api.people.details(half.person_id, calling_data=True)
        self.assertEqual(whole.tn.value, "+4930555123")

    def test_licences_are_counted_given_and_taken(self):
        person = self.made("licensed")
        messaging = self.license("Advanced Messaging")
        for operation, expected in (("add", [messaging.license_id]), ("remove", [])):
            request = LicenseRequest(id=messaging.license_id, operation=LicenseRequestOperation(operation))
            answer = self.api.licenses.assign_licenses_to_users(email=person.emails[0], licenses=[request])
            self.assertEqual((answer.licenses, answer.person_id), (expected, person.person_id))
            now = self.api.licenses.details(messaging.license_id)
            self.assertEqual(now.consumed_units, messaging.consumed_units + len(expected))
        holders = list(self.api.licenses.assigned_users(messaging.license_id))
        self.assertEqual(len(holders), messaging.consumed_units)

    def test_a_skipped_licence_is_missing_from_the_answer(self):
        person = self.made("skipped")
        full = next(lic for lic in self.api.licenses.list() if lic.site_url == "acme-events.webex.com")
        request = [LicenseRequest(id=full.license_id)]
        answer = self.api.licenses.assign_licenses_to_users(person_id=person.person_id, licenses=request)
        self.assertEqual(answer.licenses, [])

    def test_roles_and_organizations(self):
        roles = self.api.roles.list()
        self.assertEqual(self.api.roles.details(roles[0].id).name, roles[0].name)
        organization = self.api.organizations.list()[0]
        self.assertEqual(organization.display_name, "Acme Demo")
        self.assertEqual(self.api.organizations.details(organization.org_id), organization)

    def test_teams_and_members(self):
        team = self.api.teams.create("SDK", description="By the SDK")
        self.addCleanup(self.api.teams.delete, team.id)
        person = self.made("member")
        member = self.api.team_memberships.create(team.id, person_id=person.person_id)
        self.assertEqual((member.person_display_name, member.is_moderator), ("Sam Dek", False))
        promoted = self.api.team_memberships.membership(member.id, is_moderator=True)
        self.assertTrue(promoted.is_moderator)
        self.assertEqual(len(list(self.api.team_memberships.list(team.id))), 2)
        self.api.team_memberships.delete(member.id)
        self.assertEqual(len(list(self.api.team_memberships.list(team.id))), 1)
        self.assertEqual(self.api.teams.update(team.id, "Renamed").name, "Renamed")

    def test_a_limited_call_is_tried_again(self):
        limited = {"kind": "status", "status": 429, "body": "{}", "retry_after": "1"}
        control("POST", "faults", {"path": "/v1/roles", "effect": limited})
        self.assertEqual(len(self.api.roles.list()), 12)

    def test_the_consent_of_an_integration(self):
        integration = Integration(
            client_id=TARGET["client_id"], client_secret=TARGET["client_secret"], scopes=SCOPES,
            redirect_url="http://127.0.0.1:9/callback", auth_service=TARGET["authorize_url"],
            token_service=TARGET["token_url"])
        self.switch(auto_consent=True)
        url = urlsplit(integration.auth_url(state="s 1"))
        connection = HTTPConnection(url.netloc, timeout=10)
        connection.request("GET", f"{url.path}?{url.query}")
        answer = parse_qs(urlsplit(connection.getresponse().headers["Location"]).query)
        connection.close()
        self.assertEqual(answer["state"], ["s 1"])
        tokens = integration.tokens_from_code(answer["code"][0])
        self.assertEqual((tokens.token_type, tokens.scope), ("Bearer", SCOPES))
        self.assertAlmostEqual(tokens.remaining, 14 * 86_400, delta=60)
        refresh_token = tokens.refresh_token
        integration.refresh(tokens)
        self.assertEqual(tokens.refresh_token, refresh_token)
        with WebexSimpleApi(tokens=tokens) as api:
            self.assertEqual(api.people.me().emails, ["svc.scim@acme-demo.example"])
        tokens.refresh_token = "made-up"
        with self.assertRaises(HTTPError) as raised:
            integration.refresh(tokens)
        self.assertEqual(raised.exception.response.status_code, 400)


class PythonSdk(Case):
    """webexpythonsdk: survives the recorded defects of the next link."""

    def setUp(self):
        super().setUp()
        self.api = webexpythonsdk.WebexAPI(access_token=TARGET["token"], base_url=TARGET["api_url"] + "/")

    def test_lists_are_whole_whatever_the_next_link_says(self):
        for next_link in ("good", "max_null", "lost_parameters"):
            self.switch(next_link=next_link)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                begun = list(self.api.people.list(displayName="a", max=10))
                teams = list(self.api.teams.list(max=4))
                members = list(self.api.team_memberships.list(teams[0].id, max=50))
            self.assertTrue(all(person.displayName.lower().startswith("a") for person in begun), next_link)
            self.assertGreater(len(begun), 10)
            self.assertEqual((len(teams), len(members)), (15, 134), next_link)

    def test_a_person_is_made_changed_and_deleted(self):
        person = self.api.people.create(emails=["old@sdk.example"], firstName="Olga", lastName="Dek")
        self.assertEqual((person.displayName, person.nickName, person.invitePending), ("Olga Dek", "Olga", True))
        changed = self.api.people.update(
            person.id, emails=person.emails, displayName="Olga D.", firstName=person.firstName,
            lastName=person.lastName, licenses=[], roles=[])
        self.assertEqual(changed.displayName, "Olga D.")
        self.assertIsNone(self.api.people.delete(person.id))
        with self.assertRaises(webexpythonsdk.ApiError) as raised:
            self.api.people.get(person.id)
        self.assertEqual(raised.exception.status_code, 404)
        self.assertEqual(raised.exception.message, "The requested resource could not be found.")

    def test_a_malformed_retry_after_does_not_stop_it(self):
        limited = {"kind": "status", "status": 429, "body": "{}", "retry_after": "rand(30),add(30)"}
        control("POST", "faults", {"path": "/v1/organizations", "effect": limited})
        with mock.patch("time.sleep") as slept, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            names = [organization.displayName for organization in self.api.organizations.list()]
        self.assertEqual(names, ["Acme Demo"])
        slept.assert_called_once()

    def test_the_consent_of_an_integration(self):
        form = (
            f"client_id={TARGET['client_id']}&response_type=code&redirect_uri=http://127.0.0.1:9/callback&state=s"
            f"&scope={SCOPES.replace(' ', '+')}&decision=allow")
        url = urlsplit(TARGET["authorize_url"])
        connection = HTTPConnection(url.netloc, timeout=10)
        connection.request("POST", url.path, form, {"Content-Type": "application/x-www-form-urlencoded"})
        code = parse_qs(urlsplit(connection.getresponse().headers["Location"]).query)["code"][0]
        connection.close()
        secret = {"client_id": TARGET["client_id"], "client_secret": TARGET["client_secret"]}
        token = self.api.access_tokens.get(**secret, code=code, redirect_uri="http://127.0.0.1:9/callback")
        self.assertEqual((token.expires_in, token.refresh_token_expires_in), (1_209_600, 7_776_000))
        again = self.api.access_tokens.refresh(**secret, refresh_token=token.refresh_token)
        self.assertEqual(again.refresh_token, token.refresh_token)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    TARGET.update(json.loads(sys.argv.pop(1)))
    RestSession.BASE = TARGET["api_url"]
    unittest.main()
