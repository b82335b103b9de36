"""Two people are two named people: who wrote the words of a revision does not approve it."""

import pytest

from bot.actions import people as people_actions
from bot.commands.invocation import Account, Invocation, Place
from bot.domain.people import Identity
from bot.domain.updates import Approval
from bot.views import Answer, DeliveryReport, DraftReview, Form
from tests.harness import MORE_PEOPLE, Harness, Speaker, buttons, organisation, run_line, say

NEWS = "A database fails over again and again."


def published(answer: Answer) -> bool:
    return isinstance(answer, DeliveryReport)


def told(harness: Harness, severity: int = 1) -> Harness:
    harness.ana(f"declare API errors sev:{severity} on:api=partial")
    assert published(harness.ana("publish"))
    return harness


@pytest.fixture
def written(crowd: Harness) -> Harness:
    """Ana's draft about a SEV1; Ben and Chi approve too, Dia responds."""
    told(crowd)
    crowd.ana(f"update identified {NEWS}")
    return crowd


@pytest.fixture
def uma(written: Harness) -> Speaker:
    """An account that foghorn.toml does not name, whoever's it is."""
    return written.stranger("U1", "Uma")


def refused_as_author(harness: Harness, handle: str) -> bool:
    return "You wrote this draft" in say(harness.as_person(handle)(f"approve rev:{harness.draft().revision}"))


# ---- what writes no words


@pytest.mark.parametrize(
    "line",
    [
        f'edit customers:"{NEWS}."',
        "update who:worldwide",
        "update monitoring",
        "update fix",
        "update next:20m",
        "resolve end:05:15",
    ],
)
def test_after_an_unlinked_accounts_change_the_author_cannot_approve(written: Harness, uma: Speaker, line: str) -> None:
    assert isinstance(uma(line), DraftReview)

    assert refused_as_author(written, "ana")
    assert published(written.chi("approve"))


def test_an_unlinked_account_that_blanks_the_words_makes_their_author_no_reader(written: Harness) -> None:
    account = Account("slack", "U1", "Uma")
    form = written.desk.form("update", {}, account, Place("slack"))
    assert isinstance(form, Form)
    typed = {field.name: field.typed for field in form.fields} | {"message": "", "impacts": "api=partial"}
    written.desk.run(Invocation("update", typed, account, Place("slack")))

    assert written.draft().facts.message == ""
    assert refused_as_author(written, "ana")


@pytest.mark.parametrize("line", ["impact api=major", "severity 2 reason:small", "update on:api=major"])
@pytest.mark.parametrize("who", ["ben", "dia"])
def test_after_somebody_elses_impact_or_severity_the_author_cannot_approve(
    written: Harness, who: str, line: str
) -> None:
    written.as_person(who)(line)

    assert refused_as_author(written, "ana")
    assert published(written.ben(f"approve rev:{written.draft().revision}"))


def test_a_form_sent_back_as_it_was_writes_no_words(written: Harness) -> None:
    form = written.ben("update")
    assert isinstance(form, Form)
    written.submit("ben", "update", {"incident": form.incident} | {f.name: f.typed for f in form.fields if f.typed})

    assert refused_as_author(written, "ana")
    assert published(written.ben("approve"))


def test_a_revision_keeps_its_authors_on_either_database(either: Harness) -> None:
    told(either)
    either.ana(f"update identified {NEWS}")
    either.stranger("U1", "Uma")(f'edit customers:"{NEWS}."')
    either.ben("impact api=major")

    assert refused_as_author(either, "ana")
    assert published(either.ben("approve"))


# ---- whose words a revision holds


@pytest.mark.parametrize(
    "line", ['edit customers:"We know where the failure is."', "update who:worldwide", "resolve end:05:15"]
)
def test_all_who_wrote_some_of_the_words_are_authors(written: Harness, line: str) -> None:
    written.ben(line)

    assert refused_as_author(written, "ana")
    assert refused_as_author(written, "ben")
    assert published(written.chi("approve"))


def test_who_wrote_nothing_that_is_left_may_approve(crowd: Harness) -> None:
    told(crowd)
    crowd.ana("update identified")
    crowd.ana('edit customers:"We know where the failure is."')

    crowd.ben("update monitoring")  # words edited by hand for another stage are given up

    assert refused_as_author(crowd, "ben")
    assert published(crowd.ana("approve"))


def test_who_typed_a_fact_that_is_emptied_may_approve(written: Harness) -> None:
    written.ben("update monitoring")
    assert refused_as_author(written, "ana")

    written.submit("ben", "update", {"stage": "monitoring", "message": ""})

    assert published(written.ana("approve"))


def test_what_was_published_before_is_nobodys_words_now(written: Harness) -> None:
    assert published(written.chi("approve"))

    written.ben("update monitoring")

    assert published(written.ana("approve"))


def test_a_correction_is_approved_by_who_did_not_write_it(written: Harness) -> None:
    written.ben("approve")
    written.ana('correct wrong:"database" right:"cache"')
    written.stranger("U1", "Uma")('edit customers:"Correction: it is the cache."')

    assert refused_as_author(written, "ana")
    assert published(written.ben("approve"))


# ---- where every approver wrote some


@pytest.fixture
def both(harness: Harness) -> Harness:
    """Ana and Ben, all the approvers there are, wrote some of the words."""
    told(harness)
    harness.ana(f"update identified {NEWS}")
    harness.ben("update who:worldwide")
    return harness


@pytest.mark.parametrize("order", [("ana", "ben"), ("ben", "ana")])
def test_two_who_wrote_some_of_the_words_each_approve_exactly_this_revision(
    both: Harness, order: tuple[str, str]
) -> None:
    first, second = order

    review = both.as_person(first)("approve")

    assert isinstance(review, DraftReview)
    assert "so it needs one more approval than usual" in say(review)
    assert "Approved so far by" in say(review)
    assert [str(row.destination) for row in both.sent_to(f"local:@{second}")] == [f"local:@{second}"]
    assert "You already approved revision" in say(both.as_person(first)("approve"))
    assert published(both.as_person(second)("approve"))


def test_one_yes_to_an_older_revision_does_not_count(both: Harness) -> None:
    both.ana("approve")
    both.ben("update who:everywhere")

    assert isinstance(both.ben("approve"), DraftReview)
    assert published(both.ana("approve"))


def test_each_of_them_is_offered_to_approve(both: Harness) -> None:
    assert "Approve" in buttons(both.ana("show draft:yes"))
    assert "Approve" in buttons(both.ben("show draft:yes"))


def test_who_is_no_approver_does_not_become_one_by_that(crowd: Harness) -> None:
    told(crowd)
    for who, words in (("ana", "Reading"), ("ben", "Writing"), ("chi", "Signing in"), ("dia", "Searching")):
        crowd.as_person(who)(f'update identified {NEWS} works:"{words} works."')

    assert "Only approvers can approve" in say(crowd.dia("approve"))
    assert isinstance(crowd.chi("approve"), DraftReview)
    assert published(crowd.ana("approve"))


def test_an_only_approver_who_wrote_it_is_left_with_publishing_alone(migrated_sqlite_url: str) -> None:
    harness = told(Harness(migrated_sqlite_url, organisation(without=["ben"])))

    review = harness.ana(f"update identified {NEWS}")

    assert "but no one else can approve" in say(review)
    assert refused_as_author(harness, "ana")
    assert published(harness.ana('publish alone:"nobody else approves"'))
    harness.close()


def test_words_about_security_are_not_cleared_by_who_wrote_them(both: Harness) -> None:
    both.ana("update identified Some messages were exposed to an attacker.")
    both.ana("approve")

    assert isinstance(both.ben("approve"), DraftReview)
    assert len(both.published()) == 1


# ---- accounts that turn out to be somebody's


def test_words_that_nobody_named_wrote_need_two_approvers(crowd: Harness) -> None:
    told(crowd)
    crowd.stranger("U1", "Uma")(f"update identified {NEWS}")

    review = crowd.ana("approve")

    assert isinstance(review, DraftReview)
    assert "No one in foghorn.toml wrote this text" in say(review)
    assert published(crowd.ben("approve"))


def test_who_is_linked_to_the_account_that_wrote_is_the_author(crowd: Harness) -> None:
    told(crowd)
    account = Account("slack", "U1", "Uma")
    run_line(crowd.desk, f"update identified {NEWS}", account, Place("slack"))
    crowd.ben("approve")
    code = say(run_line(crowd.desk, "link", account, Place("slack"))).split("link ")[1].split("`")[0]
    assert "You are Ben Osei" in say(crowd.ben(f"link {code}"))

    assert refused_as_author(crowd, "ben")
    assert len(crowd.rows(Approval)) == 1  # given before, and no longer counted
    assert "Approved so far" not in say(crowd.ana("show draft:yes"))
    assert published(crowd.ana("approve"))


def test_who_is_named_for_the_account_that_wrote_is_the_author(either: Harness) -> None:
    told(either)
    either.stranger("U1", "Uma")(f"update identified {NEWS}")
    people = organisation(more=MORE_PEOPLE).model_dump()
    people["people"][1]["slack"] = "U1"
    with either.store.write() as tx:
        people_actions.follow_configuration(tx, type(either.organisation).model_validate(people))

    assert refused_as_author(either, "ben")
    assert published(either.ana("approve"))
    with either.store.read() as tx:
        assert tx.session.get(Identity, ("slack", "U1")) is not None
