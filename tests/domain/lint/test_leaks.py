"""What must stay inside: what each rule finds, and the closest that it leaves alone."""

import pytest

from bot.domain.lint import Weight
from tests.domain.lint.subjects import found, organisation, subject, words
from tests.reference import LINK

KEY = "AKIA" + "IOSFODNN7EXAMPLE"
LISTS = organisation(
    internal_hosts=("^never$", r"\bzeus\d+\b"),
    allowed_hosts=("help.example.com", "example.org"),
    allowed_addresses=("203.0.113.0/24", "2001:db8::/32"),
    allowed_tickets=("GPT",),
    customers=("Acme", "Big Bank"),
    staff=("Raj Patel", "Will Smith", "Codex"),
)


@pytest.mark.parametrize(
    ("rule", "body", "expected"),
    [
        ("L01", f"Use {KEY} for now.", ["AKIA…"]),
        ("L01", "The key xoxb-123 failed.", ["xoxb…"]),
        ("L01", "x\u200boxb-123-456-abcdef", ["x\u200box…"]),
        ("L02", "edge-prod-12 is down.", ["edge-prod-12"]),
        ("L02", "db-prod-03 is down.", ["db-prod-03"]),
        ("L02", "DB-Prod-03.", ["DB-Prod-03"]),
        ("L02", "prod-db-3 is slow.", ["prod-db-3"]),
        ("L02", "See cache.eu.internal.", ["cache.eu.internal"]),
        ("L02", "api.default.svc.cluster.local fails", ["api.default.svc.cluster.local"]),
        ("L02", "api-7d9f8b6c5-x2x9k restarted", ["api-7d9f8b6c5-x2x9k"]),
        ("L02", "zeus12 fails", ["zeus12"]),
        ("L02", "edge-\uff50rod-12 is down.", ["edge-\uff50rod-12"]),
        ("L03", "10.2.0.4 does not answer.", ["10.2.0.4"]),
        ("L03", "It is at 198.51.100.7.", ["198.51.100.7"]),
        ("L03", "At \u0661\u0660.\u0662.\u0660.\u0664 it fails.", ["\u0661\u0660.\u0662.\u0660.\u0664"]),
        ("L03", "At 127\u30020\u30020\u30021 it fails.", ["127\u30020\u30020\u30021"]),
        ("L03", "From 198.51.100.0/24 only.", ["198.51.100.0/24"]),
        ("L03", "fe80::1ff:fe23:4567:890a fails", ["fe80::1ff:fe23:4567:890a"]),
        ("L05", "<@U012AB3CD> is fixing it.", ["<@U012AB3CD>"]),
        ("L05", "<!here> and <!channel> and <#C1|ops> and <@&12>", ["<!here>", "<!channel>", "<#C1|ops>", "<@&12>"]),
        ("L05", "@everyone, @here: it is down.", ["@everyone", "@here"]),
        ("L05", "@ana is fixing it.", ["@ana"]),
        ("L06", "See OPS-991.", ["OPS-991"]),
        ("L06", "This is INC-42.", ["INC-42"]),
        ("L07", "See https://acme.slack.com/archives/C1.", ["https://acme.slack.com/archives/C1"]),
        ("L07", "acme.atlassian.net/browse/OPS", ["acme.atlassian.net/browse/OPS"]),
        ("L07", "https://grafana.example.org/d/1", ["https://grafana.example.org/d/1"]),
        ("L07", "https://discord.com/channels/1/2", ["https://discord.com/channels/1/2"]),
        ("L07", "Read https://elsewhere.example.net/x.", ["https://elsewhere.example.net/x"]),
        ("L08", "Traceback (most recent call last)", ["Traceback (most recent call last)"]),
        ("L08", "It fails at com.acme.Pool(Pool.java:42).", ["at com.acme.Pool(Pool.java:42)"]),
        ("L08", "SELECT name FROM users fails", ["SELECT name FROM "]),
        ("L08", "a NullPointerException", ["NullPointerException"]),
        ("L09", "Next update [TIME].", ["[TIME]"]),
        ("L09", "Since {{ since }}, {% if %}", ["{{ since }}", "{% if %}"]),
        ("L09", "Cause: None.", ["None"]),
        ("L09", "Next update by None", ["None"]),
        ("L09", "null", ["null"]),
        ("L09", "It is TBD. TODO. Lorem ipsum.", ["TBD", "TODO", "Lorem ipsum"]),
        ("L09", "[next update] [insert region here]", ["[next update]", "[insert region here]"]),
        ("L10", "Raj found it.", ["Raj"]),
        ("L10", "raj's team", ["raj"]),
        ("L10", "Ana Silva is on it, Ben too.", ["Ana Silva", "Ben"]),
        ("L10", "Will Smith is on it.", ["Will Smith"]),
        ("L11", "ACME and Big  Bank see errors.", ["ACME", "Big  Bank"]),
        ("L49", "This is a SEV1.", ["SEV1"]),
        ("L49", "For internal use only.", ["internal use only"]),
    ],
)
def test_what_must_not_leave_is_found(rule, body, expected):
    assert words(rule, body, LISTS) == expected


@pytest.mark.parametrize(
    ("rule", "body"),
    [
        ("L01", "Please replace keys that begin with xoxb- or sk- today."),
        ("L01", "your-settings-of-the-workspace-and-the-default-region-2026"),
        ("L01", "Request 01234567-89ab-cdef-0123-456789abcdef failed."),
        ("L02", "Production is well; sign-in is a non-production-only problem."),
        ("L02", "The region us-east-1 is slow. The state-of-the-art model answers."),
        ("L02", "A local problem, an internal one."),
        ("L03", "Version 10.2.0.4 is out; v10.2.0.4 too; 1.2.3 and 999.1.1.1 as well."),
        ("L03", "203.0.113.7 and 203.0.113.0/28 and 2001:db8::1 are for customers."),
        ("L03", "11:44:05 ET, std::string and 10:20"),
        ("L05", "Write to help@example.com, or use 3 @ 4."),
        ("L05", "@Codex answers."),
        ("L06", "GPT-4 at UTC-8, CVE-2026-1234, UTF-8, sign-in-2"),
        ("L07", f"See {LINK}, https://help.example.com/a and https://docs.example.org/b."),
        ("L07", "and/or, e.g. this one."),
        ("L08", "Please select a region from the list; exceptions are rare."),
        ("L09", "None of your data is affected. The answer is null and void, undefined so far."),
        ("L09", "[API] is slow (see [1])."),
        ("L10", "Codex will answer. Rajasthan is fine. Will it hold?"),
        ("L11", "Acmed banks."),
        ("L49", "It is severe."),
    ],
)
def test_what_only_resembles_it_is_left_alone(rule, body):
    assert words(rule, body, LISTS) == []


def test_the_incidents_own_link_is_always_allowed():
    link = "http://127.0.0.1:8080/incidents/INC-42"
    for rule in ("L02", "L03", "L06", "L07", "L15"):
        assert words(rule, f"It appears here first: {link}", link=link) == []


def test_a_private_host_blocks_and_an_unknown_one_warns():
    assert [f.weight for f in found("L07", "https://a.slack.com/x https://b.example/x")] == [
        Weight.BLOCKER,
        Weight.WARNING,
    ]


def test_a_mention_blocks_and_a_plain_name_warns():
    assert [f.weight for f in found("L05", "@everyone ask @nobody")] == [Weight.BLOCKER, Weight.WARNING]


def test_the_title_is_read_too():
    (finding,) = found("L02", "All is well.", title="edge-prod-12 fails")
    assert (finding.in_title, finding.start, finding.end) == (True, 0, 12)


def test_a_secret_is_not_repeated_in_its_finding():
    (finding,) = found("L01", f"Use {KEY} for now.")
    assert KEY not in f"{finding.words} {finding.reason} {finding.suggestion}"
    assert subject(f"Use {KEY} for now.").body[finding.start : finding.end] == KEY


def test_an_internal_host_is_answered_with_the_components_affected():
    (finding,) = found("L02", "edge-prod-12 is down.", impacts={"chatgpt": subject().impacts["chatgpt"]})
    assert finding.suggestion == "Name the component instead: ChatGPT."


def test_nothing_of_a_private_incident_leaves():
    (finding,) = found("L49", "ChatGPT is slow.", private=True)
    assert finding.weight is Weight.BLOCKER


@pytest.mark.parametrize(
    ("policy", "weights"), [("allow", []), ("warn", [Weight.WARNING]), ("block", [Weight.BLOCKER])]
)
def test_what_a_supplier_at_fault_weighs_is_the_organisations_policy(policy, weights):
    assert [f.weight for f in found("L23", "Cloudflare is down.", organisation(vendors=policy))] == weights


@pytest.mark.parametrize("body", ["Sign-in with Google fails; a password works.", "Uploads from AWS are not affected."])
def test_a_supplier_that_is_a_feature_or_a_place_is_left_alone(body):
    assert words("L23", body) == []


def test_a_contact_meant_for_customers_is_allowed():
    lists = organisation(allowed_contacts=("help@example.com", "+1 415 555 0198"))
    body = "Write to help@example.com or Tim@example.com, or call +1 (415) 555-0198."
    assert words("L04", body, lists) == ["Tim@example.com"]


def test_the_mailbox_of_a_department_is_a_warning():
    assert [f.weight for f in found("L04", "Write to support@example.com.")] == [Weight.WARNING]


@pytest.mark.parametrize(
    ("body", "weight"),
    [
        ("Requests through 203.0.113.77 time out.", Weight.BLOCKER),
        ("Add 203.0.113.77 to your allow-list to reach us directly.", Weight.WARNING),
        ("Add 10.0.0.7 to your allow-list to reach us directly.", Weight.BLOCKER),
    ],
)
def test_a_public_address_to_be_entered_somewhere_does_not_block(body, weight):
    assert [f.weight for f in found("L03", body)] == [weight]


def test_an_allowed_address_is_not_found_even_where_nobody_is_to_enter_it():
    lists = organisation(allowed_addresses=("203.0.113.77",))
    assert words("L03", "Requests through 203.0.113.77 time out.", lists) == []


def test_a_customer_blocks_and_what_looks_like_a_company_warns():
    lists = organisation(customers=("Globex",))
    weights = [f.weight for f in found("L11", "Exports fail for Globex and for Wayne Industries.", lists)]
    assert weights == [Weight.BLOCKER, Weight.WARNING]


def test_what_may_never_leave_is_found_anywhere_in_a_long_text():
    body = "Pages load slowly. " * 5_000
    assert words("L01", f"{body}{KEY}") == ["AKIA…"]
    assert words("L03", f"{body}10.1.2.3") == ["10.1.2.3"]
    assert "were checked" in found("L50", body)[0].reason
