"""scim2-tester against an instance of the gateway in front of a stand-in of its target.

Usage: conformance.py SCIM_URL TOKEN CONNECTOR RESULT.json [--raw]

Prints a line per check and a summary, and writes every result as JSON. `cargo xtask conformance` starts what is tested
and compares the failures with those that docs/conformance.md explains.

The tester fills attributes with random values: every text is a UUID. Real targets refuse or rewrite most of those, so
the values are made realistic here (class Realistic: user names that are addresses, members that exist; for Slack also
words from its lists and names in its form; for Webex licences and roles of the organisation, and the one address that a
person has; for Workplace words from its lists, and addresses of a domain that the demo's stand-in has verified, without
which it takes nobody). What a target refuses to create without, and no schema can say, is added (class Client: a person's
name in one of two forms, and the first member of a people set, for Workplace). The tester looks for a new user in the first page of a list, and
the organisation has more people than the gateway's usual page: lists are asked for whole. What a check made is deleted once,
and not again after every later check. No check is left out and no answer is changed. `--raw` sends the tester's own values.
"""

import datetime
import inspect
import itertools
import json
import random
import sys
import uuid

import httpx2
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import SearchRequest
from scim2_tester import Status, check_server, filling
from scim2_tester.checkers import patch_add, patch_replace
from scim2_tester.utils import ResourceManager

# Resources that a page holds at most.
PAGE = 1000
FAILED = (Status.ERROR, Status.CRITICAL)


class Realistic:
    """Values that targets take, by the name of the attribute and, where it has parts, of the part."""

    def __init__(self, original, connector):
        self.original = original
        self.connector = connector
        self.home = None
        self.catalog = {}
        self.names = (f"ada.{number:x}" for number in itertools.count(random.randrange(1 << 24)))

    def __call__(self, context, path, mutability=None, required=None):
        value = self.original(context, path, mutability=mutability, required=required)
        if value is None:
            return None
        binding = path.resolve()
        if binding is None:
            return value
        model, name = binding.target_model.__name__.split("[")[0], binding.target_field_name
        if name in ("members", "admins"):
            return [self.member(context, type(member)) for member in value]
        if name == "manager":
            return self.manager(context, type(value))
        if self.connector == "webex" and name in self.CATALOG:
            one = self.granted(context, name)
            return [type(value[0])(value=one.id, display=one.display_name, type=self.CATALOG[name][1])]
        own = getattr(self, self.connector, None)
        found = own(context, model, name) if own else None
        if found is None:
            found = self.value(context, model, name)
        if found is None:
            return value
        return [found] if binding.target_is_multivalued else found

    def value(self, context, model, name):
        """The value of a simple attribute, or None where the tester's own will do."""
        match model.lower().rstrip("s"), name:
            case "user", "user_name":
                return f"{next(self.names)}@acme.example"
            case "email", "value":
                return f"{next(self.names)}.{uuid.uuid4().hex[:6]}@acme.example"
            # Where a target keeps one element of a kind, this is the first kind.
            case "email" | "addresse" | "phonenumber", "type":
                return "work"
            case "phonenumber", "value":
                return f"+4420{random.randrange(10_000_000, 99_999_999)}"
            case "photo", "value":
                return f"https://images.acme.example/{uuid.uuid4().hex}.png"
            case "user", "timezone":
                return random.choice(["Europe/London", "Asia/Tokyo", "Europe/Berlin"])
            case "user", "locale" | "preferred_language":
                return random.choice(["en_GB", "de_DE", "fr_FR"])
            case "manager", "value":
                return self.somebody(context).id
        return None

    def activecampaign(self, context, model, name):
        """What ActiveCampaign alone wants."""
        match model.lower().rstrip("s"), name:
            # There is no other state.
            case "user", "active":
                return True
            # Users are in a group from their creation on.
            case _, "group_id":
                return self.group(context).id
        return None

    def slack(self, context, model, name):
        """What Slack alone wants."""
        match model.lower().rstrip("s"), name:
            # At most 21 characters, letters, digits and .-_ in lower case; nickName is the same name.
            case "user", "user_name" | "nick_name":
                return next(self.names)
            # One photo, of this kind.
            case "photo", "type":
                return "photo"
            # The one kind of guest that SCIM can make.
            case _, "guest_type":
                return "multi"
            case _, "guest_expiration" | "start_date":
                day = random.randrange(1, 28)
                return datetime.datetime(2031, 3, day, tzinfo=datetime.timezone.utc)
        return None

    def webex(self, context, model, name):
        """What Webex alone wants."""
        match model.lower().rstrip("s"), name:
            case "entitlement" | "role", "value":
                return self.granted(context, model.lower()).id
            case "addresse", "country":
                return random.choice(["DE", "FR", "NO"])
            case "photo", "type":
                return "photo"
        return None

    def workplace(self, context, model, name):
        """What Workplace alone wants."""
        match model.lower().rstrip("s"), name:
            # Its own words.
            case _, "auth_method":
                return random.choice(["password", "sso"])
            case _, "privacy":
                return random.choice(["OPEN", "CLOSED", "SECRET"])
            case _, "purpose":
                return random.choice(["WORK_FEEDBACK", "WORK_TEAMWORK", "WORK_SOCIAL"])
            case _, "join_setting":
                return random.choice(["NONE", "ANYONE", "ADMIN_ONLY"])
            case _, "post_permissions":
                return random.choice(["NONE", "ADMIN_ONLY"])
            case "photo", "type":
                return "photo"
            # Somebody who exists.
            case "admin", "value":
                return self.somebody(context).id
            # An archived group takes no more changes.
            case _, "archived":
                return False
            # A new address beside the one that is the user name.
            case "email", "primary":
                return True
            # Nobody can be made to have taken an account.
            case _, "claimed":
                return False
            # Days.
            case _, "start_date" | "term_date":
                return datetime.datetime(2031, 3, random.randrange(1, 28), tzinfo=datetime.timezone.utc)
        return None

    def complete(self, client, resource):
        """Adds to a Workplace user one of the two forms of a name, and to a people set its first member."""
        if self.connector != "workplace":
            return
        kind = type(resource).__name__.split("[")[0]
        if kind == "User" and resource.name is None:
            resource.name = self.part(resource, "name")(formatted="Ada Quill")
        if kind == "PeopleSet" and not resource.members:
            resource.members = [self.part(resource, "members")(value=self.seeded(client).id)]

    def seeded(self, client):
        """A user that was there before."""
        if "User" not in self.catalog:
            self.catalog["User"] = client.query(client.get_resource_model("User")).resources
        return self.catalog["User"][0]

    @staticmethod
    def part(resource, name):
        """The class of a complex attribute."""
        return type(resource).get_field_root_type(name)

    # What Webex grants, the kind it calls it, and the name of one that everybody may have.
    CATALOG = {
        "entitlements": ("License", "webex-license", "Webex Meetings Suite (acme-demo.webex.com)"),
        "roles": ("Role", "webex-role", "Support Administrator"),
    }

    def granted(self, context, name):
        """A licence or role of the organisation's own."""
        resource, _, called = self.CATALOG[name]
        if resource not in self.catalog:
            self.catalog[resource] = context.client.query(context.client.get_resource_model(resource)).resources
        return next(one for one in self.catalog[resource] if one.display_name == called)

    def somebody(self, context):
        """A user that exists."""
        user = context.client.get_resource_model("User")
        return context.resource_manager.create_and_register(user)

    def group(self, context):
        """A group that was there before and stays: one with users cannot be deleted everywhere."""
        if self.home is None:
            groups = context.client.query(context.client.get_resource_model("Group"))
            self.home = groups.resources[1]
        return self.home

    def manager(self, context, model):
        """A manager as clients repeat it from what they read, too."""
        user = self.somebody(context)
        display = user.display_name or user.name.formatted
        whole = {"value": user.id, "display_name": display, "ref": user.meta.location}
        return model(**{name: value for name, value in whole.items() if name in model.model_fields})

    def member(self, context, model):
        """A member as clients repeat it from what they read: the tester compares whole elements."""
        user = self.somebody(context)
        match self.connector:
            case "workplace":
                display = user.name.formatted
            case "webex":
                display = user.display_name
            case _:
                display = user.name.given_name
        whole = {"value": user.id, "display": display, "ref": user.meta.location, "type": "User"}
        return model(**{name: value for name, value in whole.items() if name in model.model_fields})


class Client(SyncSCIMClient):
    """Searches without paging, and creates with what the target refuses to create without and no schema can say."""

    def create(self, resource, *others, **more):
        if self.realistic is not None:
            self.realistic.complete(self, resource)
        return super().create(resource, *others, **more)

    def replace(self, resource, *others, **more):
        if self.realistic is not None:
            self.realistic.complete(self, resource)
        return super().replace(resource, *others, **more)

    def __init__(self, http, realistic):
        super().__init__(http)
        self.realistic = realistic

    def search(self, search_request=None, **others):
        """All pages as one: a search over all types is not sorted."""
        def page(start):
            return search_request.model_copy(update={"count": PAGE, "start_index": start})

        found = super().search(page(1), **others)
        while found.resources and len(found.resources) < found.total_results:
            more = super().search(page(len(found.resources) + 1), **others)
            if not more.resources:
                break
            found.resources.extend(more.resources)
        return found


def whole(connector):
    """Makes a request for a list one for as much of it as a page may hold; Webex's people are more, so the newest come first."""
    more = {"sortBy": "meta.created", "sortOrder": "descending"} if connector == "webex" else {}

    def hook(request):
        if request.method == "GET" and request.url.path.rsplit("/", 1)[-1] in ("Users", "Groups"):
            request.url = request.url.copy_merge_params({"count": str(PAGE), **more})

    return hook


def use(generator):
    """Puts the generator in the place of the tester's own, wherever that was imported to."""
    for module in (filling, patch_add, patch_replace):
        module.generate_random_value = generator


def cleanup(manager, original=ResourceManager.cleanup):
    """Removes what a check made, once. The tester's own cleanup goes through everything of all checks before, too."""
    original(manager)
    manager.resources.clear()


def row(result):
    """What is kept of a result. The attribute is part of its name where one check looks at many."""
    data = result.data if isinstance(result.data, dict) else {}
    parts = [result.resource_type, result.title, data.get("urn")]
    return {
        "check": " ".join(str(part) for part in parts if part),
        "status": result.status.name,
        "reason": " ".join((result.reason or "").split()),
        "section": section(result),
    }


def section(result):
    """The section of the RFC that the check quotes."""
    for line in inspect.cleandoc(result.description or "").splitlines():
        if "pull-quote:: :rfc:" in line:
            return line.split("`")[1].split("<")[0].strip()
    return None


def main(url, token, connector, target, *flags):
    raw = "--raw" in flags
    realistic = None if raw else Realistic(filling.generate_random_value, connector)
    if realistic:
        use(realistic)
    ResourceManager.cleanup = cleanup
    hooks = {"request": [] if raw else [whole(connector)]}
    headers = {"Authorization": f"Bearer {token}"}
    with httpx2.Client(base_url=url, headers=headers, event_hooks=hooks, timeout=30) as http:
        results = [row(result) for result in check_server(SyncSCIMClient(http) if raw else Client(http, realistic))]
    counts = {}
    for result in results:
        counts[result["status"]] = counts.get(result["status"], 0) + 1
        print(f"{result['status']:<10} {result['check']}")
        if result["status"] in [status.name for status in FAILED]:
            print(f"           {result['reason'][:300]}")
    with open(target, "w", encoding="utf-8") as file:
        json.dump({"counts": counts, "results": results}, file, indent=1)
    print(f"{len(results)} checks: " + ", ".join(f"{count} {status}" for status, count in sorted(counts.items())))


if __name__ == "__main__":
    main(*sys.argv[1:])
