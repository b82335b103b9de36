"""Claims to avoid: guesses, early causes, blame, security terms without their approver, liability, and jargon."""

import re
from collections.abc import Iterator

from bot.domain.lifecycle import Stage
from bot.domain.lint.context import CheckedText, Hit, LintContext, Span, any_word, either
from bot.domain.lint.findings import Weight
from bot.domain.lint.patterns import Phrases
from bot.domain.lint.word_lists import JARGON

_RELATED = (
    r"(?:due to|caused by|causing|related to|linked to|tied to|because of|connected (?:to|with)|the (?:result|cause"
    r"|reason|culprit|source)"
    r"|a result of|triggered by|coming from|rooted in|down to|responsible)"
)
_SUBJECT = (
    r"(?:it|this|that|which|the (?:root )?(?:cause|problem|issue|culprit|reason|source|fault|bug|failure|outage))"
)
_MAYBE = r"(?:might|may|could|must)(?: well| also| just| simply)?"
_THING = r"(?:the|an?|our|another|some|one of|something|related|due|caused|linked|DNS|network\w*|database|hardware)\b"
_GUESS = Phrases(
    r"\b(?:we|i|our engineers|our team|the team|engineers) (?:currently |still |now |strongly |also )?(?:think"
    r"|suspect|assume|guess|reckon|figure|fear|speculate|bet|theori[sz]e)s?\b"
    r"(?! (?:of|about|you|everyone))",
    r"\b(?:we|our engineers|our team|the team) (?:currently |still |now |strongly )?believes?\b(?! (?:to be )?(?:the"
    r" (?:cause|source|reason)))"
    r"(?! (?:that )?(?:we|our|to have|the (?:issue|problem|incident|service|fix|impact)\w* (?:is|are|has|have"
    r"|was)(?: now| been| fully)* (?:resolved|fixed|mitigated|over|restored|recovered)))",
    rf"\b(?:which|that|an? \w+|the \w+) we (?:believe|think|suspect) (?:to be |is |may be |might be |has |have |was"
    rf" )?(?:the |a )?(?:cause|source|reason|culprit|root|related|{_RELATED}|contribut\w+|caused)",
    r"\b(?:probably|presumably|supposedly|apparently|conceivably|seemingly|in all (?:likelihood|probability)|most"
    r" likely|very likely|quite likely)\b",
    r"\b(?:possibly|perhaps|maybe|potentially|likely|probably|suspected)(?: to be)? (?:an?|the|our|some|because|due"
    r"|caused|related|linked|triggered|by)\b(?! (?:few|bit|little|small|number|subset))",
    rf"\b{_MAYBE} (?:have been|be|stem|come|result|relate|originate)(?: \w+)?(?: from| to be)? ?{_RELATED}\b",
    rf"\b{_SUBJECT} {_MAYBE} (?:have been|be|stem from|come from|originate|lie|have to do) ?(?:{_THING})",
    rf"\b{_SUBJECT} (?:is|was) (?:likely|probably|suspected|believed|thought|assumed|presumed|rumou?red)\b",
    rf"\b(?:appear|seem|look)s?(?: to be| to have been| as if it is| like it is)? (?:\w+ )?{_RELATED}\b",
    r"\b(?:it|this|that) (?:all )?(?:appears|seems|looks|sounds|feels|smells) (?:to be |to have been |as (?:if"
    r"|though) |like )(?!it did|they did|expected|before|usual|normal|this|that|\w+ing\b)",
    r"\b(?:is|are|was|were) (?:believed|suspected|assumed|presumed|rumou?red|likely|(?<!were )thought) to (?:be|have"
    r"|stem|come|originate|result|involve)\b(?! (?:able|complete|resolved|restored|back))",
    r"\blikely (?:due to|caused by|related to|the (?:result|cause)|(?:culprit|cause|reason|candidate|suspect)(?: is|"
    r" was| seems|:))\b",
    r"\b(?:our|the|my) (?:\w+ )?(?:best |current |working |leading |main |initial |first )?(?:guess|hunch|theory"
    r"|suspicion|hypothesis|assumption|bet|gut feeling|suspect)\b",
    r"\bwe(?:'re| are) (?:guessing|assuming|thinking|suspecting|betting|leaning|fairly|pretty)\b|\breasons? to"
    r" (?:believe|suspect|think|assume)\b",
    r"\b(?:we have|there is|have) (?:a|some|one|two|several) (?:\w+ )?(?:theory|theories|hunch|idea what|suspicion"
    r"|suspects?|hypothes[ie]s)\b",
    r"\b(?:educated|wild) guess|\bchances are\b|\bmy money is on\b|\bpoint(?:s|ing)? (?:to|towards?|at) (?:an?|the"
    r"|our) (?!right|new|correct|same|old|wrong|latest)|\ball signs\b|\bodds are\b|\b(?:i|we)(?: would|'d) (?:guess"
    r"|say|think|bet|assume)\b|\bthere (?:might|may|could) be (?:an?|some) (?:\w+ )?(?:issue|problem|bug|fault"
    r"|error)\b"
    r"|\bsomething to do with\b|\bmust have been (?:the|an?|our)\b|\bhas to be the\b|\bnot (?:100 ?%|entirely"
    r"|completely|fully|quite|yet) (?:sure|certain),? (?:but|what caused)"
    r"|\b(?:pretty|fairly|almost|quite|reasonably) (?:sure|certain|confident)\b(?! that (?:all|the (?:fix|issue"
    r"|problem|incident)))|\bi'?d say\b|\bprime suspect\b",
)
_CAUSE = Phrases(r"\b(?:due to|caused by|because of|as a result of|resulting from|triggered by|root cause)\b")
_CAUSE_SOUGHT = either(
    r"\b(?:investigat\w+|look(?:ing)? (?:for|into)|search\w*|determin\w+|unknown|understand\w*|find|analys\w+|not)\b",
    r"\b(?:publish|share)\b",
)
_STAFF = (
    r"(?:engineer|DBA|sysadmin|SRE|contractor|intern|trainee|apprentice|technician|colleague|co-?worker|teammate"
    r"|staff member"
    r"|new hire|new joiner|consultant|freelancer|on-call(?: engineer| person)?|database administrator|release manager)"
)
_ANYBODY = (
    r"(?:developer|dev|admin|administrator|operator|employee|team member|manager|tester|analyst|architect|member of"
    r" (?:our|the) (?:team|staff)|people|guys?)"
)
_BLUNDER = (
    r"(?:let (?:this|it|that|us|a|the)|forgot|missed|broke|failed to|pushed|made (?:a|the|an) (?:mistake|error|typo)"
    r"|mess(?:ed)? (?:up|this)|screwed|botched"
    r"|did(?: not|n't) (?:test|check|notice|catch|read|follow|review)|should have|dropped|overlooked|ignored"
    r"|neglected|caused this|caused the|ran the wrong"
    r"|typed|mistyped|misconfigured|unplugged|tripped|pressed|clicked|fat-fingered|deleted|slipped|deployed on"
    r"|approved|skipped|is to blame|are to blame"
    r"|was careless|were careless|got it wrong|rushed|hit the wrong|wiped|cut the)"
)
_TEAMS = (
    r"(?:QA|Ops|SRE|DevOps|NetOps|SecOps|our IT|Engineering|Infra|InfoSec|Marketing|Finance|Sales|Legal|management"
    r"|leadership)"
)
_BLAME = Phrases(
    r"\b(?:human|operator|manual|pilot) error\b|\buser error\b(?! (?:messages?|codes?|pages?|rates?|reports?"
    r"|responses?|logs?|screens?))",
    r"\bfat[- ]finger\w*|\bPEBKAC\b|\bcareless(?:ness|ly)?\b|\b(?:botched|hasty|reckless) (?:deploy|release|change"
    r"|rollout|upgrade|migration)\w*|\bincompeten\w+|\bsloppy\b|\bsloppiness\b",
    r"\b(?:fault|mistake|error|oversight|blunder|negligence) (?:of|by|made by|on the part of) (?:an?|our|the|one of"
    r"|some(?:body|one))\b(?! (?:bug|change|system|script|process|update|tool|job))",
    rf"\b(?:by )?(?:an?|our|the|some|another|this|that) (?:[a-z-]{{2,12}} ){{0,2}}{_STAFF}"
    r"\b(?!s|-| (?:team|rotation|schedule|group|staff)s?\b)",
    rf"\b(?:by )?(?:one|some|two|a few|several|members?) of (?:our|the) (?:[a-z-]{{3,12}} )?(?:{_STAFF}"
    rf"|{_ANYBODY})s?\b",
    rf"\bby (?:an?|our|one of our) (?:[a-z-]{{3,12}} )?{_ANYBODY}s?\b",
    rf"\b(?:our|an?) (?:junior|new|former|inexperienced|tired|careless|rogue|senior|young) {_ANYBODY}s?\b",
    rf"\bour (?:[a-z-]{{3,12}} )?{_ANYBODY}s? (?:has |had |have )?{_BLUNDER}",
    rf"\b(?:an?|one) {_ANYBODY} (?:accidentally |mistakenly |has |had )?{_BLUNDER}",
    r"\b(?:support|product|it|ops) (?:team )?(?:made (?:a|an) (?:mistake|error)|dropped the ball|(?:messed|screwed)"
    r" (?:this )?up|got it wrong)",
    r"\bcontractors?\b|\bone of us\b|\bsome(?:body|one) (?:in|from|at) (?!the (?:us|eu|uk)\b)[\w-]{2,20} (?:\w+ed"
    r"|ran|made|broke|forgot|did)\b|\bthe (?:on-call )?person (?:on|who|in)\b"
    r"|\bthe new (?:guys?|girl|hire|joiner|engineer|developer|colleague|admin)\b|\b(?:our|the) (?:CTO|CEO|CIO|COO"
    r"|CISO|VP|head of \w+|boss|managing director)\b"
    r"|\b(?:some(?:body|one)|a person|people|guy|person) (?:on|in|from|at|of) (?:our"
    r"|the) (?:\w+ )?(?:team|side|end|staff|company|office|department|group)\b",
    rf"\b(?:some(?:body|one)|whoever|a person) (?:here |else |accidentally |mistakenly )?(?:has |had )?(?:{_BLUNDER}"
    rf"|ran |made |did |changed |removed )",
    rf"\b{_TEAMS} (?:has |had |have |people |team )?{_BLUNDER}",
    rf"\b(?:the|our|an?) (?:[\w-]{{2,20}} ){{0,2}}(?:team|folks|guys|department|crew|people|shift)(?:'s)? (?:has "
    rf"|had |have |mistakenly |accidentally |again )?{_BLUNDER}",
    r"\b(?:the|our) (?:[\w-]{2,20} ){1,2}(?:team|department)(?:'s)? (?:fault|mistake|error|oversight|blunder)\b"
    r"|\b\w{2,20}'s (?:own )?(?:typo|mistake|fault|blunder|carelessness)\b|\bwhoever \w+ed\b",
    r"\bblam(?:e|es|ed|ing) (?:on )?(?:the|our|an?|him|her|them|us)\b|\b(?:fired|disciplined|reprimanded|let go)\b"
    r" (?:the|him|her|them|an? )|\bperson responsible\b|\bguilty\b",
)
_PRIVATE_DATA = (
    r"(?:data|files?|records?|invoices?|messages?|e-?mails?|passwords?|names?|addresses|(?:credit )?cards?|card"
    r" numbers?|documents?|photos?|chats?"
    r"|conversations?|orders?|accounts?|profiles?|tokens?|keys?|credentials|backups?|details|information|histor(?:y"
    r"|ies)|contacts|tickets?|reports?|projects?|balances?|statements?)"
)
_OTHERS = r"(?:other|another|different|foreign|someone else'?s?|somebody else'?s?|the wrong|each other'?s?)"
_SECURITY = Phrases(
    r"\b(?:breach(?:es|ed)?|hack(?:s|ed|ers?|ing)?|exploit(?:s|ed|ing)?|attack(?:s|ed|ers?|ing)?|stolen"
    r"|unauthori[sz]ed|intrud\w+|intrusion)\b",
    r"\b(?:vulnerabilit(?:y|ies)|vulnerable|ddos|denial[- ]of[- ]service|malware|ransom\w*|malicious\w*|phish\w*"
    r"|spyware|trojan|backdoor|botnets?)\b",
    r"\b(?:zero|0)[- ]days?\b|\bCVE-\d{4}|\b(?:sql|code|command) injection\b|\bXSS\b|\bcredential stuffing\b"
    r"|\bbrute[- ]force\b|\bhijack\w*|\bspoof\w*|\bextort\w*",
    r"\b(?:data loss|los(?:t|ing) (?:\w+ )?data|corrupt(?:s|ed|ion|ing)?|compromis(?:e|ed|es|ing)|tamper\w*"
    r"|exfiltrat\w*|suspicious|fraud\w*|abus(?:e|ed|ive) traffic)\b",
    r"\bsecurity (?:incident|issue|flaw|hole|problem|event|bug|concern|gap)\b|\bprivacy (?:incident|issue|problem"
    r"|breach|violation)\b|\bcross-tenant\b",
    r"(?<!memory )\bleak(?:s|ed|age|ing)?\b",
    r"\b(?:gain(?:ed|s|ing)?|had|got|obtained) (?:\w+ ){0,2}access to\b|\baccess(?:ed)? (?:by|without) (?:a third"
    r"|third|an? (?:unknown|outside)|permission|authori[sz]ation|people who)",
    rf"\b{_PRIVATE_DATA} (?:of [\w ]{{1,30}} )?(?:(?:was|were|is|are|got|became|(?:has|have|had|may|might|could)(?:"
    rf" have)?(?: been| be)?) )(?:\w+ ){{0,2}}"
    r"(?:lost|stolen|exposed|deleted|disclosed|visible|readable|public|viewable|dumped|published|shared with"
    r" (?:other|the wrong|third)|sent to (?:the wrong|other|another)|seen by|accessible to|shown to|revealed)\b",
    rf"\b(?:s[ae]w|seen?|seeing|view(?:ed)?|read|open(?:ed)?|access(?:ed)?|download(?:ed)?|received?|get|got|shown"
    rf"|showed|display\w*) (?:the |\w+ ){{0,2}}"
    rf"(?:{_OTHERS} (?:\w+'?s?'? ){{0,2}}{_PRIVATE_DATA}|{_PRIVATE_DATA} (?:of|from|belonging to|meant for)"
    rf" {_OTHERS}|{_PRIVATE_DATA} that (?:is|are|was|were) not theirs|(?:\w+ ){{0,2}}not theirs)\b",
    rf"\b(?:visible|shown|sent|disclosed|exposed|available|accessible|delivered|readable|revealed) to (?:the"
    rf" )?{_OTHERS}\b(?! (?:region|data|server|cluster|address|queue|provider|site))|\bvisible to others\b",
    r"\b(?:sign|log)g?ed in(?:to)? (?:as|to) (?:someone|somebody|another|the wrong|other)\b|\bin the wrong"
    r" (?:account|hands|inbox|mailbox)\b|\b(?:someone|somebody) else'?s? (?:account|data|session|inbox|invoice"
    r"|profile)",
    rf"\b(?:{_OTHERS}|one) (?:\w+'?s?'? ){{1,2}}{_PRIVATE_DATA} (?:was|were|is|are|got|appear\w*|show\w*|may|might"
    rf"|could)\b",
    rf"\b(?:another|each other|one another|others?|people|strangers?|someone|somebody)'s? (?:\w+ )?{_PRIVATE_DATA}\b"
    rf"|\b(?:others|strangers)' {_PRIVATE_DATA}\b",
    r"\bpublicly (?:accessible|available|visible|readable|exposed|listed)\b|\bin a public (?:repo\w*|bucket|place"
    r"|channel|folder)\b|\bon the (?:public|open) internet\b"
    r"|\b(?:to|of|by) strangers\b|\btaken over\b|\bopen to the (?:internet|public|world)\b|\b(?:someone|somebody|a"
    r" third party|outsiders?|criminals?|strangers?)"
    r" (?:has |had |have )?(?:downloaded|copied|read|accessed|took|stole|deleted|changed|got|used)\b|\bwrong"
    r" (?:recipients?|customers?|users?|persons?|people|inbox\w*|accounts?|tenants?)\b",
    r"\b(?:personal|sensitive|confidential|customer|private) (?:data|information|details|records) (?:may|might|could"
    r"|was|were|has|have|is|are|got)\b",
)
_CLAUSE_START = either(r"[;:]", r"\b(?:but|however|although|though)\b")
_DENIED = either(r"\b(?:no|not(?! (?:theirs|yours|meant))|never|without|nor|neither|none|nothing|nobody)\b", r"n't\b")
_DENIED_AFTER = either(r"\W{0,3}(?:has|have|had|was|were|is|are|did|does)(?: not\b|n't\b)")
_UNSURE = either(r"\b(?:know|known|whether|rule|rul(?:ed|ing)|sure|certain|yet|only|if)\b")
_LEGAL = Phrases(
    r"\bbreach(?:ed|es)? (?:of )?(?:our|the|your|any) (?:sla|contract|agreement|terms|obligations?|duty|warranty"
    r"|service level)\w*|\bSLA (?:breach|violation|miss)\w*",
    r"\b(?:negligen(?:t|ce|tly)|liable|liabilit(?:y|ies)|culpab\w+|indemnif\w+|lawsuits?|litigation|attorneys?"
    r"|lawyers?|solicitors?|subpoena|regulators?|ombudsman|settlement)\b",
    r"\b(?:GDPR|HIPAA|CCPA|DSGVO|LGPD|PCI[- ]DSS|SOX|NIS ?2|DORA)\b|\bdata protection (?:authorit\w+|act|officer"
    r"|law)|\bsupervisory authorit\w+",
    r"\b(?:credit|refund|compensat|reimburs|repay|indemnif|pay for)\w* (?:you|customers?|everyone|everybody|all"
    r"|every|each|those|users|affected|any|your|the)\b(?! card)",
    r"\b(?:will|shall|would|can|may|must|should|are going to|we'll|to|automatic(?:ally)?|be|been) (?:be"
    r" )?(?:refund(?:ed)?|compensat(?:e|ed)|reimburse[d]?|credit(?:ed)? (?:you|your|to|for|all))\b",
    r"\b(?:service|SLA|account|bill(?:ing)?|goodwill|usage|partial|full|\d+ ?%|percent) (?:credits?|refunds?)\b(?!"
    r" card)|\b(?:receive|get|given|offer|issue|apply|grant|eligible for|entitled to|request|claim) (?:\w+ ){0,5}"
    r"(?:credits?|refunds?|compensation|damages|reimbursement|discounts?|free month)\b(?! cards?)|\bcompensation\b"
    r"|\b(?:free|extra) months?\b|\bmoney back\b|\bwaive(?:d)? (?:the |your |all )?fees\b",
    r"\b(?:right to|claim|sue for|pay) damages\b|\bsu(?:e|ed|ing) (?:us|you)\b|\b(?:be|get|been) sued\b|\bowed?"
    r" (?:you|a|the|them|our)\b|\bguarantee (?:this|that|it|you|to)\b|\buptime guarantee\b|\bmonths? (?:for )?free\b"
    r"|\bpay for (?:the|your|any|all)\b"
    r"|\blegal (?:team|counsel|department|obligations?|action|advice|claims?|responsib\w+|liabilit\w+|rights?"
    r"|consequences|duty)\b|\bin court\b|\bclass action\b",
    r"\b(?:full |sole |all )?responsib(?:le|ility) for (?:this|the|your|any|all|every|what)\b|\b(?:take|accept|bear"
    r"|assume|admit) (?:the |full |all |complete |our )?(?:responsibility|blame|fault|liability|guilt)\b",
    r"\b(?:it|this|that|which) (?:was|is) (?:entirely |completely |all |clearly |totally )?our (?:own )?(?:fault"
    r"|mistake|failure)\b|\bwe (?:were|are|have been|had been) (?:grossly |legally |at )?(?:fault|careless|reckless"
    r"|to blame|in the wrong|in breach|in violation)\b",
    r"\b(?:we |did not |didn't |failed to |fail to |not )(?:meet|met|honou?r|fulfil\w*|keep|kept|comply|complied"
    r"|violat\w+|miss\w*|breach\w*) (?:\w+ ){0,3}(?:sla|slas|contract\w*|obligations?|commitments?|guarantees?"
    r"|agreements?|law|regulations?|service levels?|uptime)\b",
    r"\bviolat\w+ (?:of )?(?:our|the|your) (?:sla|contract|terms|agreement|law|privacy|policy|rights)"
    r"|\b(?:contractual|statutory|regulatory) (?:\w+ )?(?:obligation|duty|penalt|right|requirement)\w*|\bentitled"
    r" to\b|\bguarantee(?:d|s)? (?:that|uptime|your)\b|\bour fault\b|\bunlawful\b|\billegal\b",
    r"\bwe (?:admit|concede|confess)\b|\bgross (?:negligence|misconduct)\b|\bforce majeure\b|\bcontract(?:ual)?"
    r" penalt\w+",
)


def speculation(context: LintContext) -> Iterator[Hit]:
    """L20: a guess, which is read as a fact."""
    reason = "“{words}” is a guess that readers take as a fact."
    return context.hits(_GUESS, reason, "Write “We are investigating the cause.”", unless=_is_quoted)


def cause_too_early(context: LintContext) -> Iterator[Hit]:
    """L21: a cause at investigating, or one that the record does not confirm."""
    if context.subject.facts.cause and context.subject.stage is not Stage.INVESTIGATING:
        return
    for text, found in context.find(_CAUSE):
        start, end = text.sentence(found.start())
        if not _CAUSE_SOUGHT.search(text.plain, start, end):
            reason = "“{words}” is a cause that nobody has confirmed."
            yield text.hit(
                found.span(),
                reason,
                "Say what users see. Name the cause when it is confirmed, with “cause:”.",
                Weight.WARNING,
            )


def blame_person(context: LintContext) -> Iterator[Hit]:
    """L22: blame; whoever it was, the company is responsible."""
    reason = "“{words}” blames people. To customers, the company is responsible."
    return context.hits(_BLAME, reason, "Write “a change we made” if that is confirmed.")


def security_word(context: LintContext) -> Iterator[Hit]:
    """L30: security terms need the security approver unless the sentence denies them."""
    for text, found in context.find(_SECURITY):
        if not _is_denied(text, found.span()):
            yield text.hit(
                found.span(),
                "“{words}” needs the security approver.",
                "Ask them to approve, or remove the words.",
                Weight.WARNING,
                approver="security",
            )


def liability(context: LintContext) -> Iterator[Hit]:
    """L31: what only the legal department should promise or admit."""
    reason = "“{words}” promises or admits something that your legal team should decide."
    return context.hits(_LEGAL, reason, "Leave it out, or ask your legal team.", Weight.WARNING)


def jargon(context: LintContext) -> Iterator[Hit]:
    """L32: words that readers do not use."""
    plain_words = {**JARGON, **{word.casefold(): plain for word, plain in context.organisation.lint.jargon.items()}}
    for text, found in context.find(any_word(tuple(plain_words))):
        instead = plain_words.get(" ".join(found[0].casefold().split()), "")
        suggestion = f"Leave it out, or write “{instead}”." if instead else "Say what users see instead."
        yield text.hit(found.span(), "“{words}” is not a word customers use.", suggestion, Weight.NOTE)


def _is_quoted(text: CheckedText, found: re.Match[str]) -> bool:
    """Whether it is between curly quotation marks: the text of a button or a message."""
    at = found.start()
    start, _ = text.sentence(at)
    return text.plain.rfind("“", start, at) > text.plain.rfind("”", start, at)


def _is_denied(text: CheckedText, span: Span) -> bool:
    """Denials such as “No data was lost, exposed or corrupted”, but not “we cannot rule out a breach”."""
    start, end = text.sentence(span[0])
    start = max([start, *(cut.end() for cut in _CLAUSE_START.finditer(text.plain, start, span[0]))])
    if _UNSURE.search(text.plain, start, span[1]):
        return False
    return bool(_DENIED.search(text.plain, start, span[1]) or _DENIED_AFTER.match(text.plain, span[1], end))
