"""Texts as tired people type them, by kind: the words that matter, the sentence around them, what must come of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.domain.lifecycle import Stage

BLOCK, WARN, PASS = "block", "warn", "pass"


@dataclass(frozen=True)
class Case:
    """`block`: stopped; `warn`: at least found; `pass`: not stopped."""

    kind: str
    text: str
    stage: Stage
    expected: str


_LEAKS: dict[str, tuple[str, str, Stage, str]] = {
    "machine": (BLOCK, "Saving fails because {} is full.", Stage.INVESTIGATING, """
        web-03 | db-primary-2 | prod-web-7 | cache01.iad | redis-prod-a1 | mongo-shard-4 | kafka-broker-11 | es-data-2
        use1-api-04 | api-eu-west-1b-3 | i-0abcd1234ef567890 | vol-049df61146c4d7901 | vpc-1a2b3c4d
        ip-172-16-4-9.ec2.internal
        ec2-54-12-9-1.compute-1.amazonaws.com | orders.abc123.us-east-1.rds.amazonaws.com
        arn:aws:lambda:eu-west-1:1234:function:pay
        db01.prod.acme.net | vault.service.consul | grafana.corp | build-worker-9 | lb2 | PROD-DB-01
        web\u2011prod\u20113 | db\u2010prod\u20107
        edge\u200b-prod-12 | jump-host-1 | esxi04 | redis_master_0 | mysql-replica | payments.svc | nomad-client-22
        srv042
        localhost | k8s-master-1 | fra2-rtr01 | ns1.dc4 | postgres-standby | auth-service-prod | gke-pool-1
        projects/acme-prod/zones/europe-west1-b"""),
    "pod": (BLOCK, "Sign-in fails; {} restarts all the time.", Stage.INVESTIGATING, """
        checkout-5d4f7c8b9d-x7k2m | web-6f7c9d8b54-4kzvn | kafka-0 | postgres-1 | worker-cronjob-28451230-x9k2p
        coredns-5dd5756b68-vk2zl
        redis-replicas-2 | api-deployment-7b9kf | session-cache-0 | payments-api-84d9f7c6b5-qz8tl"""),
    "address": (BLOCK, "Requests through {} time out.", Stage.INVESTIGATING, """
        10.0.0.1 | 172.16.254.3 | 192.0.2.44:8443 | 10.4.x.x | 10.9.8.* | 10.20.0.0/16 | fe80::1ff:fe23:4567:890a
        fd12:3456:789a::1
        10[.]1[.]2[.]3 | 127.0.0.1 | 100.64.3.2 | ::1 | 00:1A:2B:3C:4D:5E | \uff11\uff10.2.0.4 | 198.51.100.7"""),
    "e-mail": (BLOCK, "Exports are late. Write to {} if yours is missing.", Stage.INVESTIGATING, """
        ben.osei@foghorn.example | oncall@ops.acme.net | j_doe@sub.globex.example | dba@db01 | a.b+c@x.co.uk
        Ben@Foghorn.Example
        ben (at) foghorn.example | o'brien@acme.com | tina@acme.io"""),
    "phone": (BLOCK, "Exports are late. Call the desk, {}, if it is urgent.", Stage.INVESTIGATING, """
        +49 171 5550123 | +1 (415) 555-0198 | 1-800-555-0199 | 415-555-0142 | 0171/5550123 | +44 20 7946 0958
        extension 4417
        ext 212 | 020 7946 0958 | +33 1 70 18 99 00 | (0)30 901820 | 555-0142 | x4417 """),
    "customer": (BLOCK, "Exports fail for {} and two others.", Stage.INVESTIGATING, """
        Globex | INITECH | initech's users | the Globex workspace | Globex-EU | “Initech” | Glo\u200bbex"""),
    "company": (WARN, "Exports fail for {} and two other companies.", Stage.INVESTIGATING, """
        Contoso | Wayne Industries | Hooli Inc | First National Bank | the University of Utopia | Stark Holdings
        Tyrell Corporation
        Nordwind AG | St. Mary Hospital | Aperture Ltd | our customer Vandelay | the Ministry of Silly Walks"""),
    "program": (BLOCK, "Checkout fails for some users: {}", Stage.INVESTIGATING, """
        KeyError: 'total' | ValueError: invalid literal | SQLSTATE[HY000] | panic: runtime error
        java.net.SocketTimeoutException: Read
        at processTicks (node:internal/task_queues:95:5) | Traceback (most recent call last) | OOMKilled
        ImagePullBackOff | ETIMEDOUT
        EPIPE | Segmentation fault (core dumped) | dial tcp: i/o timeout | x509: unknown authority
        ERROR: deadlock detected
        upstream connect error or disconnect | TypeError: x is not a function | nil pointer dereference | SIGKILL
        exit code 137
        rpc error: code = Unavailable | org.hibernate.LazyInitializationException | main.go:214 | level=error msg=x
        ORA-00600
        NullReferenceException | System.IO.IOException | 0x7ffee4a2c9d8 | too many open files
        lock wait timeout exceeded"""),
    "query": (BLOCK, "Reports are slow; we run {} to help.", Stage.INVESTIGATING, """
        SELECT id FROM users WHERE id = 7 | delete from carts where age > 30 | INSERT INTO orders VALUES (1)
        TRUNCATE sessions
        drop index idx_orders | CREATE INDEX CONCURRENTLY ix ON t (a) | db.orders.aggregate([]) | FLUSHALL
        EXPLAIN ANALYZE
        kubectl rollout restart | update users set active = 1 | GRANT ALL PRIVILEGES ON db.* | redis-cli | REINDEX
        systemctl restart api
        select count(*) from events where day = 1 | pg_terminate_backend(42) | ALTER TABLE t DROP COLUMN c | VACUUM"""),
    "ticket": (WARN, "Exports are late; this is tracked as {}.", Stage.INVESTIGATING, """
        OPS-991 | #88123 | JIRA ENG-4 | ticket 4711 | CHG0031245 | PR #482 | commit a1b2c3d | PRB0004711
        issue #77 | case 00812345
        pull request #991 | MR !42 | SRE-20 | bug 55102"""),
    "chat": (BLOCK, "Exports are late; {} works on it.", Stage.INVESTIGATING, """
        <@U0123ABCD> | <!channel> | #incident-2231 | #ops | @channel | <#C0AAA|ops> | C02ABCDEF12 | #eng_oncall
        114159265358979323
        <@&987654321> | #war-room | @oncall | <!here> | G01QWERTY22"""),
    "code name": (WARN, "Exports are late because {} is rebuilding its index.", Stage.INVESTIGATING, """
        Project Nightingale | the Kraken cluster | our Zeus backend | mercury-v3 | Operation Thunder | the Athena worker
        the Gandalf scheduler | codename Bluebird"""),
    "link": (BLOCK, "Exports are late. Details: {}", Stage.INVESTIGATING, """
        https://acme.atlassian.net/browse/OPS-1 | https://grafana.acme.example/d/1
        https://gitlab.acme.example/x/-/issues/4
        https://app.datadoghq.com/dashboard/1 | https://meet.google.com/abc-defg | https://us02web.zoom.us/j/1
        https://notion.so/acme/x
        https://github.com/acme/api/issues/12 | https://github.com/acme/api/commit/abc
        https://jenkins.acme.example/job/1
        https://localhost:3000/x | https://10.2.3.4/ | https://db01.acme.internal/
        https://acme.zendesk.com/agent/tickets/1
        https://portal.azure.com/#x | https://console.cloud.google.com/gke | https://trello.com/b/x
        https://jira.acme.example/browse/OPS-4
        https://discord.com/channels/1/2 | https://acme.sharepoint.com/x | https://admin.acme.example/
        https://vault.acme.example/ui"""),
    "blame": (BLOCK, "Exports failed for an hour; {}.", Stage.IDENTIFIED, """
        a junior developer pushed the wrong flag | the network team broke the routing | our intern deleted it
        someone forgot to renew it
        an engineer mistyped a command | the platform team did not test it | operator error
        one of our engineers deployed it
        a member of our team pressed the wrong button | Ops missed the alert | this was Maria's mistake
        our new hire ran it
        the on-call engineer ignored the alert | the infra guys messed up | a sysadmin unplugged it
        blame the release team
        Maria Lopez pushed the wrong branch | Tom from platform deployed it | our colleague made a typo
        whoever deployed this broke it
        the release manager approved it | it was the fault of our vendor team | a consultant changed it
        SRE dropped the ball
        the person responsible was told | a developer on our team rushed it | our admin wiped it
        Jan from the database team dropped it"""),
    "vendor": (WARN, "Messages are late; {}.", Stage.IDENTIFIED, """
        AWS is down | Stripe broke it | due to a Fastly outage | Google Cloud let us down | this is on Microsoft
        Okta is failing
        because of an incident at Twilio | it is Cloudflare's fault | we are waiting on Azure
        PagerDuty did not respond, an error of theirs"""),
    "guess": (BLOCK, "Sign-in fails for some users; {}.", Stage.INVESTIGATING, """
        it could be DNS | we suspect the cache | this may be due to a deploy | it is probably the database
        we believe it is the network
        maybe the last deploy broke it | it seems to be the load balancer | our theory is the cache
        chances are it is a bad disk
        all signs point to the proxy | the likely cause is a memory leak | it must be the new release
        we assume a bad certificate
        it was likely caused by the upgrade | possibly related to the migration | it appears to be caused by a deploy
        we're fairly sure it is the queue | this looks like a network issue | perhaps the migration
        our working hypothesis is DNS
        it has something to do with caching | in all likelihood a bad deploy | this is thought to be a hardware fault
        we have a hunch about the cache | it might have been the config | the culprit could be the proxy
        engineers suspect DNS
        potentially caused by a certificate | it is suspected to be the firewall"""),
    "repair time": (BLOCK, "Sign-in fails for some users. {}.", Stage.INVESTIGATING, """
        It will be back in 20 minutes | We expect to be done by 15:00 UTC | Should be up again within the hour
        ETA: 3 PM
        We are targeting 3 PM | Recovery is expected by tomorrow | It will be fixed shortly
        Expect a fix within the hour
        We hope to have this resolved today | It should be working again soon | The fix goes live at 17:00 UTC
        Back by noon
        Restoring the data takes about three hours | This will take another hour | We will be back online tonight
        The estimated time to recovery is two hours | Everything should be back to normal in 30 minutes
        Resolved by end of day
        We anticipate a fix by 6 PM ET | Full service returns at 14:00 UTC | It won't take long
        We plan to restore access by Monday
        You can sign in again within 15 minutes | The migration finishes in an hour | We need about 45 more minutes
        The problem will be solved this afternoon | A fix is expected shortly
        We should have it fixed in the next 2 hours
        The queue will drain by 18:00 UTC | We aim to recover within 30 min
        It is going to be resolved tomorrow morning
        We are confident it will be resolved within an hour | Give us 20 minutes
        The deployment will complete in ten minutes
        Fixed in ten | We are almost there"""),
    "vague": (WARN, "Sign-in fails for some users. {}.", Stage.INVESTIGATING, """
        More soon | We will post again soon | Updates to follow | We will share more when we know it
        More information will follow
        We'll keep everyone informed | Check back later | We will provide updates as they become available
        Bear with us
        Further updates in due course | We will let you know as soon as we know more | Another update shortly
        Watch this space
        We will update this page when we have news"""),
    "liability": (WARN, "Exports failed for an hour. {}.", Stage.IDENTIFIED, """
        We will refund everyone | You will get a credit on your next invoice | We are liable for the damage
        We breached our contract
        Affected customers are entitled to compensation | This violates our SLA | We take full responsibility
        Our legal team is involved
        We will reimburse your losses | It was our fault | We missed our SLA | You can claim damages
        We apply a 25 % service credit
        We failed to meet our contractual commitments | Regulators have been informed | This was gross negligence
        We will compensate all customers | A free month will be added | We admit that we were careless"""),
    "security": (WARN, "{}. We are investigating.", Stage.INVESTIGATING, """
        Customer data was exposed | Users saw other customers' orders | Someone gained access to our systems
        We were hacked
        Some users are logged in as someone else | Invoices were sent to the wrong customers
        There is a vulnerability in our app
        An attacker read messages | Tokens were leaked | We see a DDoS | Private messages were visible to other users
        Some accounts were hijacked | Data of one customer was shown to another | We found malware on a server
        CVE-2026-1234 affects us
        Phishing mails are sent in our name | Passwords were readable in logs | Files were public for an hour
        Users can read each other's chats
        Suspicious activity was seen | Backups were stolen | We saw unauthorised logins
        Card numbers may have been exposed"""),
    "placeholder": (BLOCK, "Since 11:44 ET, {} does not load.", Stage.INVESTIGATING, """
        {{component}} | [component] | <SERVICE> | TBD | TODO | ${service} | {service} | [insert service] | %(name)s
        undefined | XXXX
        ____ | [your product here] | {% if x %} | [link to page] | [name of service] | {0} | ????
        [what users see here]"""),
}  # fmt: skip
_PASS: dict[Stage, str] = {
    Stage.INVESTIGATING: """
        About 1 in 10 requests from Germany and Austria time out after 30 seconds.
        Customers in us-west-2 and ap-southeast-1 see errors; eu-west-1 is not affected.
        Version 10.4.2.1 of the desktop app closes when it starts.
        Searches for names with an apostrophe, such as O'Brien, return nothing.
        Users who sign in with Okta or Google see a blank page; a password works.
        Windows Server 2022 and Ubuntu 22.04 runners do not start.
        Answers of gpt-4o and claude-3-5-sonnet are slow.
        HTTP 502 and 503 are returned for about 3 % of requests to /v2/orders.
        Uploads larger than 100 MB fail with “Something went wrong, error E-2041”.
        Ask a workspace owner or an administrator to invite you again.
        An administrator can export the list in the settings.
        Clients that use TLS 1.0 are refused.
        Between 14:00 and 14:20 UTC, about 200 orders were entered twice.
        Since 9 AM Pacific, the mobile app shows old balances.
        On Friday at 16:10 UTC and again on Monday at 09:00 UTC, pages were slow.
        We do not know yet when this will be fixed.
        We do not have an ETA and will not guess one.
        Retry failed payments after 10 minutes; they will not be charged twice.
        The first page takes up to a minute to load.
        Messages may arrive up to two hours late.
        The user error message “Invalid input” is shown for valid input.
        Team leads and team members cannot open the shared board.
        May is missing in reports, and so is the first week of June.
        A supplier of ours reports a problem with SMS to Brazil.
        Calls to numbers in France fail; calls within France work.
        Credit card payments fail; payments by invoice work.
        Refunds can be started, but their status is not shown.
        The security page of the settings does not load.
        Passwords cannot be reset at the moment; signing in works.
        Your data is safe, and nothing was lost.
        No customer data was exposed or accessed.
        Please do not restart your devices.
        Nodes of the diagram overlap in exported pictures.
        The Exception report of the finance module is empty.
        Select a region from the list, then update your settings and set the language again.
        You can insert into the page anything but tables.
        Order 100 or more items by phone or in the shop; the cart is limited to 20.
        The API answers with a 429 more often than usual.
        iOS 17.2.1 and Android 14 are affected.
        The build of 2026-04-20 is affected; older ones are not.
        Customers of the Basic plan see a message that their quota is used up.
        Nothing needs to be done on your side.
        Exports with more than 1,000,000 rows stop at row 65,536.
        Zoom in on the map, and it is drawn again.
        Color #ff0000 is shown as #00ff00 in previews.
        Codes sent by text message arrive after they have expired.
        Files in the folder node_modules are not shown.
        The time zone of new events is set to UTC instead of your own.
        The two-step sign-in page asks for the code twice.
        Use the web version until the app is updated in the store.""",
    Stage.IDENTIFIED: """
        We rolled back the change in two regions and continue with the others.
        A certificate expired, and we are replacing it.
        The problem will be considered resolved when all regions are healthy.
        Part of the problem has been solved; searches still fail.
        A disk is full. We are adding room and moving data.
        Orders that failed are processed again, oldest first.
        The fix is being tested. It has not been rolled out.
        We are adding servers, and error rates are falling.
        Once the fix is in place, the queue is worked off.""",
    Stage.FIX_IMPLEMENTED: """
        We have deployed a fix, and most requests succeed. Some users may need to reload the page.
        The fix has been in place since 14:05 UTC. Reports are being computed again.""",
    Stage.MONITORING: """
        Error rates are back at their usual level, and we keep watching.
        Requests have succeeded since 12:51 ET (16:51 UTC).
        Late messages are still being delivered. We will close this incident when all have arrived.""",
    Stage.RESOLVED: """
        From 14:03 to 15:10 UTC, 4 % of payments failed. No data was lost, and nobody was charged twice.
        We began investigating at 10:02 UTC and found the cause at 10:20 UTC. All services worked again at 10:45 UTC.
        On 3 March 2026 from 23:40 UTC to 4 March 2026, 00:15 UTC, sign-in failed. We are checking why alerts were late.
        For 50 minutes, reports showed figures of the day before. The cause was a clock that was wrong on one server.
        While investigating we found that exports had been slow since 08:00 UTC; both are fixed.""",
}  # fmt: skip


def cases() -> Iterator[Case]:
    """All of them."""
    for kind, (expected, sentence, stage, words) in _LEAKS.items():
        for line in words.strip().splitlines():
            for word in filter(None, map(str.strip, line.split(" | "))):
                yield Case(kind, sentence.replace("{}", word), stage, expected)
    for stage, texts in _PASS.items():
        for text in texts.strip().splitlines():
            yield Case(f"ordinary, {stage.value}", text.strip(), stage, PASS)
    for line in (Path(__file__).parent / "sentences.txt").read_text(encoding="utf-8").splitlines()[1:]:
        expected, of_stage, text = line.split(" | ", 2)
        yield Case("whole sentences", text, Stage(of_stage), expected)
