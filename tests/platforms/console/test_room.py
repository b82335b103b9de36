"""Working on an incident in the browser, without a script."""

from datetime import timedelta

from sqlmodel import select

from bot.domain.deliveries import Delivery
from bot.domain.incident import ComponentImpact
from tests.platforms.console.browse import BASE, Browse, FormSeen
from tests.platforms.console.world import World

DECLARE = "declare Alerts on workspace sev:3 on:business=degraded"


def small(ana: Browse) -> Browse:
    """A published SEV3."""
    ana.run(DECLARE)
    ana.press("Publish")
    return ana


def major(ana: Browse) -> Browse:
    """A SEV1 with a draft that needs a second person."""
    small(ana)
    ana.run("severity 1")
    ana.run('update investigating on:api=major sees:"requests return errors" since:05:14')
    return ana


def test_declaring_leads_to_the_room(ana: Browse) -> None:
    ana.run(DECLARE)
    assert ana.url == f"{BASE}/console/incidents/INC-1"
    assert "Nothing is public yet" in ana.text()
    assert "first update by 5:20 AM ET (09:20 UTC)" in ana.text()


def test_a_title_alone_declares_from_the_empty_console(ana: Browse) -> None:
    ana.open("/console")
    ana.submit("Declare", title="API down")
    assert "SEV2" in ana.text()
    assert ana.url == f"{BASE}/console/incidents/INC-1"


def test_without_a_title_the_form_asks_for_it(ana: Browse) -> None:
    ana.open("/console")
    assert "What is happening is required. Everything you typed is still here." in ana.submit("Declare")


def test_the_room_shows_every_text_of_the_draft(ana: Browse) -> None:
    words = ana.run(DECLARE)
    for audience in ("Customers", "Developers", "Enterprise", "Support", "Social", "Internal"):
        assert f"{audience} en ·" in words


def test_the_update_form_starts_from_what_is_known(ana: Browse) -> None:
    ana.run(DECLARE)
    ana.press("Update")
    form = next(form for form in ana.page.forms if form.buttons == ["Draft it"])
    assert [each for each in form.fields["impacts"] if each] == ["business=degraded"]
    assert form.fields["stage"] == ["investigating"]


def test_a_drafted_update_leads_back_to_the_room(ana: Browse) -> None:
    ana.run(DECLARE)
    ana.press("Update")
    words = ana.submit("Draft it", sees="has not worked as expected", since="05:12")
    assert ana.url == f"{BASE}/console/incidents/INC-1"
    assert "User impact: has not worked as expected" in words


def test_publishing_says_what_happened_and_keeps_the_room(world: World, ana: Browse) -> None:
    small(ana)
    assert ana.status == 200
    assert "Published: update 1. The status page shows it." in ana.text()
    assert "0 of 3 sent" in ana.text()
    world.harness.deliver()
    assert "3 of 3 sent" in ana.open("/console/incidents/INC-1")


def test_what_was_typed_stands_in_the_form_beside_its_problem(ana: Browse) -> None:
    ana.run(DECLARE)
    ana.press("Update")
    words = ana.submit("Draft it", message="Signing in works.", next_at="yesterday-ish")
    form = next(form for form in ana.page.forms if form.buttons == ["Draft it"])
    assert "“yesterday-ish” is not a time." in words
    assert form.fields["message"] == ["Signing in works."]
    assert form.fields["next_at"] == ["yesterday-ish"]
    assert "update-next_at-e" in ana.page.ids


def test_a_refused_line_stays_in_the_command_bar(ana: Browse) -> None:
    ana.run(DECLARE)
    words = ana.run("updat identified We know more")
    assert ana.status == 422
    assert "“updat” is not a command. Nothing was changed. Did you mean update?" in words
    bar = next(form for form in ana.page.forms if form.buttons == ["Run"])
    assert bar.fields["line"] == ["updat identified We know more"]


def test_a_refused_note_stays_in_its_field(ana: Browse) -> None:
    ana.run(DECLARE)
    typed = "the key is AKIAIOSFODNN7EXAMPLE"
    words = ana.submit("Add note", text=typed)
    form = next(form for form in ana.page.forms if form.buttons == ["Add note"])
    assert "This looks like a secret" in words
    assert form.fields["text"] == [typed]


def test_a_note_stands_in_the_timeline(ana: Browse) -> None:
    ana.run(DECLARE)
    assert "Note: Sign-in fails for 1 in 5" in ana.submit("Add note", text="Sign-in fails for 1 in 5")


def test_the_same_form_sent_twice_is_carried_out_once(world: World, ana: Browse) -> None:
    ana.run(DECLARE)
    form = next(form for form in ana.page.forms if form.buttons == ["Add note"])
    ana.send(form, text="once")
    assert "This was already done. Nothing was done twice." in ana.send(form, text="once")
    assert world.harness.record("note") == ["once"]


def test_a_form_sent_again_with_other_words_is_another_command(world: World, ana: Browse) -> None:
    ana.run(DECLARE)
    form = next(form for form in ana.page.forms if form.buttons == ["Add note"])
    ana.send(form, text="first")
    ana.send(form, text="second, after going back")
    assert world.harness.record("note") == ["first", "second, after going back"]


def test_the_author_asks_and_another_person_approves(ana: Browse, ben: Browse) -> None:
    major(ana)
    assert "Needs one more approver" in ana.text()
    ana.press("Ask an approver")
    assert "Waiting for Ben Osei, asked at" in ana.submit("Ask", person="@ben")
    assert "Ana Silva asks you to approve this update (investigating" in ben.open("/console")
    ben.press("Read all")
    assert "Published: update 2. The status page shows it." in ben.press("Approve")


def test_who_approves_an_older_revision_reads_who_changed_it(world: World, ana: Browse, ben: Browse) -> None:
    major(ana)
    ben.open("/console/incidents/INC-1")
    ana.run("update investigating We know more.")
    words = ben.press("Approve")
    assert ben.status == 422
    assert "Ana Silva saved revision" in words
    assert len(world.harness.published()) == 1


def test_the_second_publisher_learns_who_was_first(ana: Browse, ben: Browse) -> None:
    ana.run(DECLARE)
    ben.open("/console/incidents/INC-1")
    ana.press("Publish")
    words = ben.press("Publish")
    assert (
        "Ana Silva already published update 1, investigating, at 5:15 AM ET (09:15 UTC). Nothing was sent twice"
        in words
    )


def test_a_blocked_draft_marks_the_words_and_offers_the_edit(ana: Browse) -> None:
    major(ana)
    ana.press("Edit")
    words = ana.submit("Save", customers="The fix is on edge-prod-12.internal now.")
    assert "1 blocker" in words
    assert "Go to the blocker" in ana.buttons()
    mark = next(link for link in ana.page.links if link.to.startswith("#t-customers-en-"))
    assert mark.to.removeprefix("#") in ana.page.ids


def test_words_that_somebody_overtook_are_kept_in_the_form(ana: Browse, ben: Browse) -> None:
    major(ana)
    ben.open("/console/incidents/INC-1")
    ben.press("Edit")
    ana.run("update investigating We know more.")
    words = ben.submit("Save", customers="Our careful words.")
    assert "Ana Silva saved revision" in words
    form = next(form for form in ben.page.forms if form.buttons == ["Save"])
    assert form.fields["customers"] == ["Our careful words."]
    assert "Our careful words." in ben.send(form, **{"choose.2.customers": "mine"})
    assert ben.url == f"{BASE}/console/incidents/INC-1"


def test_publishing_alone_asks_for_the_reason(world: World, ana: Browse) -> None:
    major(ana)
    assert "Publishing alone needs a reason. It is recorded" in ana.press("Publish alone")
    words = ana.submit("Publish alone", alone="Nobody else is awake.")
    assert "Published: update 2." in words
    assert world.harness.published()[-1].alone_because == "Nobody else is awake."


def test_changing_the_impact_says_that_customers_were_not_told(ana: Browse) -> None:
    small(ana)
    words = ana.submit("Save impact", impacts="business=major")
    assert "Impact of INC-1: ChatGPT Business: major outage. Customers have not been told yet." in words
    assert "customers were told: degraded performance" in words


def test_a_role_is_given_from_the_form(ana: Browse) -> None:
    ana.run(DECLARE)
    assert "Ben Osei is now communications lead of INC-1." in ana.submit("Assign communications lead", person="ben")
    chosen = next(form for form in ana.page.forms if form.buttons == ["Assign communications lead"])
    assert chosen.fields["person"] == ["ben"]


def test_everyone_who_can_take_a_role_is_in_the_list(world: World, ana: Browse) -> None:
    world.harness.invite("Zoe Newcomer")
    world.harness.invite("Sue Support", support=True)
    ana.run(DECLARE)
    assert ["Zoe Newcomer" in ana.text(), "Sue Support" in ana.text()] == [True, False]
    words = ana.press("Hand over")
    assert ["Zoe Newcomer" in words, "Sue Support" in words] == [True, False]
    assert "Zoe Newcomer now has your roles" in ana.submit("Hand over", person="zoe-newcomer")


def test_each_component_has_a_row_and_only_what_was_changed_is_set(world: World, ana: Browse, ben: Browse) -> None:
    ana.run("declare API errors sev:3 on:api=major,business=degraded")
    ben.open("/console/incidents/INC-1")
    ana.submit("Save impact", impacts=["api=partial", "business=degraded"])
    ben.submit("Save impact", impacts=["api=major", "business=operational", "codex=degraded"])
    set_now = {row.component: row.value.word for row in world.harness.rows(ComponentImpact)}
    assert set_now == {"api": "partial", "business": "operational", "codex": "degraded"}


def test_the_severity_is_chosen_from_a_list(ana: Browse) -> None:
    ana.run(DECLARE)
    assert "SEV1" in ana.submit("Change severity", severity="SEV1")


def test_nothing_on_the_page_of_an_incident_is_offered_twice(world: World, ana: Browse) -> None:
    steps = [
        DECLARE,
        "publish",
        "reminder",
        "severity 1",
        "update identified Full recovery by 13:30.",
        "reminder",
        "discard",
    ]
    for step in steps:
        if step == "reminder":
            world.harness.later(52 if world.harness.record("nudged") == [] else 5)
            world.harness.tick()
            world.harness.deliver()
        else:
            ana.run(step)
        ana.open("/console/incidents/INC-1")
        offered = [label for label in ana.buttons() if label != "Save this text" and not label.isdigit()]
        offered = [label for label in offered if " in the text for " not in label]
        assert [label for label in offered if offered.count(label) > 1] == [], step
    assert len(world.harness.record("nudged")) == 2


def test_the_command_bar_says_what_enter_would_do(world: World, ana: Browse) -> None:
    ana.run(DECLARE)

    def asked(line: str) -> dict[str, list[object]]:
        sent = {"line": [line], "room": ["INC-1"], "preview": ["yes"]}
        ana.send(FormSeen("/console/complete", "post", sent))
        assert ana.response is not None
        return dict(ana.response.json())

    before = world.harness.record()
    assert asked("upd")["options"] == [
        ["update", "Drafts the next customer update. Nothing is sent until you publish."]
    ]
    assert asked("publish")["preview"] == ["Published: update 1. The status page shows it.", False]
    drafts = "Drafts “monitoring” for INC-1: Declared → Monitoring, next update by 5:45 AM ET (09:45 UTC)."
    assert asked("update monitoring next:30m")["preview"] == [f"{drafts} Ready to publish.", False]
    assert asked("severity")["preview"] == ["Opens the form “Change the severity”.", False]
    assert asked("updat x")["preview"][1] is True
    assert asked("link")["preview"] is None
    assert world.harness.record() == before


def test_words_in_several_texts_are_one_finding_and_each_text_says_so(ana: Browse) -> None:
    major(ana)
    words = ana.run("update identified We expect full recovery by 13:30.")
    assert words.count("“13:30” has no time zone.") == 2  # the next step, and the text for customers
    assert "Blocker in the text for customers, also here: 13:30" in words


def test_a_text_is_checked_while_it_is_written_and_nothing_is_saved(world: World, ana: Browse) -> None:
    major(ana)
    sent = {"incident": ["INC-1"], "field": ["customers"], "words": ["We expect full recovery by 13:30. <b>"]}
    before = world.harness.draft().revision
    words = ana.send(FormSeen("/console/check", "post", sent))
    assert "Blocker. “13:30” has no time zone." in words
    assert "Next update by" in words
    assert world.harness.draft().revision == before
    ana.send(FormSeen("/console/check", "post", {**sent, "field": ["nobody"]}))
    assert ana.status == 422


def test_a_private_draft_is_not_checked_for_others(world: World, ana: Browse) -> None:
    ana.run("declare A secret sev:1 private:yes")
    eve = world.browser("eve")
    for path in ("/console/check", "/console/complete"):
        sent = {"incident": ["INC-1"], "room": ["INC-1"], "field": ["customers"], "words": ["x"], "line": ["update "]}
        assert "secret" not in eve.send(FormSeen(path, "post", sent))
        assert eve.status == 404


def test_a_delivery_says_how_often_it_was_tried_and_when_it_is_tried_next(world: World, ana: Browse) -> None:
    small(ana)
    with world.harness.store.write() as tx:
        row = tx.session.exec(select(Delivery).where(Delivery.update_id.is_not(None))).first()  # type: ignore[union-attr]
        row.attempts, row.reason, row.due_at = 3, "answered 503", tx.real() + timedelta(minutes=5)
    words = ana.open("/console/incidents/INC-1")
    assert "waiting 3 attempts answered 503 Next try:" in words


def test_resolving_closes_the_incident(ana: Browse) -> None:
    small(ana)
    ana.press("Resolve")
    ana.submit("Draft it", end="05:14", data="No data was lost.")
    words = ana.press("Publish")
    assert "Resolved at 5:15 AM ET (09:15 UTC)" in words
    assert "Retrospective" in ana.buttons()


def test_a_correction_shows_the_old_words_beside_the_new(ana: Browse) -> None:
    small(ana)
    ana.press("Correct an update")
    words = ana.submit("Draft it", wrong="degraded performance affecting", right="a partial outage affecting")
    assert "Before:" in words
    assert "Corrected text: Customers" in words


def test_a_reminder_can_be_snoozed_from_the_room(world: World, ana: Browse) -> None:
    small(ana)
    world.harness.later(52)
    world.harness.tick()
    world.harness.deliver()
    ana.open("/console/incidents/INC-1")
    assert "There is no communications lead, so this one is yours." in ana.text()
    assert "Ana Silva snoozed this until" in ana.press("Snooze 10 min")


def test_a_failed_delivery_can_be_tried_again(world: World, ana: Browse) -> None:
    small(ana)
    world.harness.deliver(dead=["local:#status"])
    assert "#status (console): the channel was deleted" in ana.open("/console")
    ana.press("Review and retry")
    assert "Retrying 1." in ana.press("Retry")


def test_the_record_can_be_kept_as_a_file(ana: Browse) -> None:
    small(ana)
    ana.press("Export the record")
    ana.submit("Export", form="csv")
    ana.press("Download")
    assert ana.response is not None
    assert 'filename="INC-1.csv"' in ana.response.headers["content-disposition"]
    assert ana.response.text.startswith("number,at,who")


def test_html_in_what_people_type_stays_text(ana: Browse) -> None:
    ana.run('declare "<img src=x onerror=alert(1)> {0} & more" sev:3')
    assert ana.response is not None
    assert "<img" not in ana.response.text
    assert "<img src=x onerror=alert(1)> {0} & more" in ana.text()


def test_the_picture_in_the_room_shows_severity_and_impact_that_is_not_published(ana: Browse) -> None:
    ana.run("declare Alerts")
    assert "The incident in one picture" not in ana.text()
    assert "picture" in ana.page.ids  # where it appears by itself
    ana.run("cancel INC-1")
    major(ana)
    words = ana.open("/console/incidents/INC-2")
    shown = words[words.index("The incident in one picture") :]
    for each in ("Declared", "SEV3", "SEV1", "API: Major outage, since 5:15 AM ET (09:15 UTC) (not published)"):
        assert each in shown, each
