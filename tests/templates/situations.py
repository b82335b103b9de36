"""An organization that speaks six languages, and moments of its incidents, with every fact typed in each of them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.domain.components import Impact
from bot.domain.facts import Facts, UpdateKind
from bot.domain.lifecycle import Stage
from bot.domain.organisation import Component, Organisation, PersonConfig
from bot.domain.severity import Severity
from bot.domain.update_context import UpdateContext

LANGUAGES = ("en", "de", "fr", "es", "pt-BR", "ja")
NOW = datetime(2026, 3, 9, 13, 4, tzinfo=UTC)  # 9:04 in New York, where the clocks went forward the day before
LINK = "https://status.example.com/incidents/INC-42"


def _component(key: str, *names: str, **more: str) -> Component:
    return Component(key=key, name=names[0], names=dict(zip(LANGUAGES[1:], names[1:], strict=False)), **more)


ORGANISATION = Organisation(
    name="Example AI",
    time_zone="America/New_York",
    zone_label="ET",
    languages=LANGUAGES,
    people=(PersonConfig(name="Ana Silva", handle="ana"),),
    components=(
        _component("chatgpt", "ChatGPT"),
        _component("api", "API", in_text="the API"),
        _component("checkout", "Checkout", "Kasse", "Paiement", "Pago", "Pagamento", "決済", in_text="checkout"),
        _component("search", "Search", "Suche", "Recherche", "Búsqueda", "Busca", "検索", in_text="search"),
        _component("app", "Mobile app", "Mobile App", "Application mobile", "Aplicación móvil", "Aplicativo", "アプリ"),
        *(
            _component(
                f"r{n}", f"Region {n}", f"Region {n}", f"Région {n}", f"Región {n}", f"Região {n}", f"リージョン{n}",
                group="Regions",
            )
            for n in range(1, 8)
        ),
    ),
)  # fmt: skip

TYPED = {
    "message": (
        "We are adding capacity, and errors are decreasing.",
        "Wir stellen zusätzliche Kapazität bereit, und die Fehler nehmen ab.",
        "Nous ajoutons de la capacité et les erreurs diminuent.",
        "Estamos añadiendo capacidad y los errores disminuyen.",
        "Estamos adicionando capacidade e os erros estão diminuindo.",
        "サーバーを増強しており、エラーは減少しています。",
    ),
    "sees": (
        "card payments fail with error 503",
        "Kartenzahlungen scheitern mit Fehler 503",
        "les paiements par carte échouent avec l’erreur 503",
        "los pagos con tarjeta fallan con el error 503",
        "pagamentos com cartão falham com o erro 503",
        "カード決済がエラー503で失敗する",
    ),
    "who": (
        "about 1,200 accounts", "etwa 1.200 Konten", "environ 1\u202f200 comptes", "unas 1.200 cuentas",
        "cerca de 1.200 contas", "約1,200アカウント",
    ),
    "ok": (
        "payment by invoice", "Zahlung auf Rechnung", "paiement sur facture", "pago con factura",
        "pagamento por fatura", "請求書払い",
    ),
    "workaround": (
        "pay by invoice", "auf Rechnung bezahlen", "payer sur facture", "pagar con factura", "pagar por fatura",
        "請求書払いをご利用ください",
    ),
    "cause": (
        "a configuration change", "eine Konfigurationsänderung", "une modification de configuration",
        "un cambio de configuración", "uma alteração de configuração", "設定変更",
    ),
    "do": (
        "If you still see an error, reload the page.",
        "Wenn Sie weiterhin einen Fehler sehen, laden Sie die Seite neu.",
        "Si une erreur persiste, rechargez la page.",
        "Si sigue viendo un error, recargue la página.",
        "Se ainda houver um erro, recarregue a página.",
        "エラーが表示される場合は、ページを再読み込みしてください。",
    ),
    "data": (
        "No data was lost.", "Es sind keine Daten verloren gegangen.", "Aucune donnée n’a été perdue.",
        "No se ha perdido ningún dato.", "Nenhum dado foi perdido.", "データの損失はありません。",
    ),
    "wrong": (
        "Gift cards work.", "Geschenkkarten funktionieren.", "Les cartes cadeaux fonctionnent.",
        "Las tarjetas regalo funcionan.", "Os vales-presente funcionam.", "ギフトカードは利用できます。",
    ),
    "right": (
        "Gift cards fail as well.", "Auch Geschenkkarten funktionieren nicht.",
        "Les cartes cadeaux ne fonctionnent pas non plus.", "Las tarjetas regalo tampoco funcionan.",
        "Os vales-presente também não funcionam.", "ギフトカードもご利用いただけません。",
    ),
    "avoid": (
        "Please do not enter a gift card twice.", "Bitte geben Sie eine Geschenkkarte nicht zweimal ein.",
        "Veuillez ne pas saisir deux fois une carte cadeau.", "No introduzca una tarjeta regalo otra vez.",
        "Não insira um vale-presente duas vezes.", "ギフトカードを二度入力しないでください。",
    ),
}  # fmt: skip
"""The words of each fact, in the order of LANGUAGES."""


def typed(*names: str, **more: Any) -> Facts:
    """Facts of these names in every language."""
    others = {
        language: {name: TYPED[name][place] for name in names} for place, language in enumerate(LANGUAGES) if place
    }
    return Facts(**{name: TYPED[name][0] for name in names}, translated=others, **more)


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


MAJOR, PARTIAL, DEGRADED = Impact.MAJOR, Impact.PARTIAL, Impact.DEGRADED
ONE = {"checkout": PARTIAL}
TWO = {"chatgpt": MAJOR, "api": PARTIAL}
FIVE = {"chatgpt": MAJOR, "api": PARTIAL, "checkout": PARTIAL, "search": DEGRADED, "app": DEGRADED}
GROUP = {f"r{n}": MAJOR for n in range(1, 8)}
MIXED = {"checkout": MAJOR, **{f"r{n}": PARTIAL for n in range(2, 8)}}
MAINTAINED = {"checkout": Impact.MAINTENANCE}
EVERYTHING = ("message", "sees", "who", "ok", "workaround", "do")
_PUBLISHED = {"first_at": ago(hours=1), "last_at": ago(minutes=30)}


def well(impacts: dict[str, Impact]) -> dict[str, Impact]:
    return dict.fromkeys(impacts, Impact.OPERATIONAL)


def _first(stage: Stage, facts: Facts, impacts: dict[str, Impact]) -> UpdateContext:
    return UpdateContext(UpdateKind.STAGE, stage, NOW, facts, impacts, severity=Severity.SEV2, link=LINK)


def _then(
    stage: Stage,
    facts: Facts,
    impacts: dict[str, Impact],
    told: dict[str, Impact],
    kind: UpdateKind = UpdateKind.STAGE,
    **more: Any,
) -> UpdateContext:
    """After an update about `told` at the stage `before`."""
    before = more.pop("before", stage)
    values = {"worst": told, "stage_before": before, "severity": Severity.SEV2, "link": LINK, **_PUBLISHED, **more}
    return UpdateContext(kind, stage, NOW, facts, impacts, told, **values)


_INVESTIGATING, _IDENTIFIED, _FIX = Stage.INVESTIGATING, Stage.IDENTIFIED, Stage.FIX_IMPLEMENTED
_MONITORING, _RESOLVED = Stage.MONITORING, Stage.RESOLVED
_OLD = {"first_at": ago(hours=15), "last_at": ago(hours=14)}
_WAS_WELL = {"worst": TWO, "before": _MONITORING}
_CLOSED = {"worst": ONE, "before": _RESOLVED}
_STILL = {"chatgpt": Impact.OPERATIONAL, "api": PARTIAL}
_YES = {"confirmed": True}

SITUATIONS = {
    "investigating, no component": _first(_INVESTIGATING, Facts(), {}),
    "investigating, nothing typed": _first(_INVESTIGATING, Facts(), ONE),
    "investigating, one": _first(
        _INVESTIGATING, typed(*EVERYTHING, since=ago(minutes=12), unaffected=("search",)), ONE
    ),
    "investigating, two": _first(_INVESTIGATING, typed(*EVERYTHING, since=ago(minutes=12)), TWO),
    "investigating, five": _first(_INVESTIGATING, typed(*EVERYTHING, since=ago(hours=14)), FIVE),
    "investigating, a group": _first(_INVESTIGATING, typed("sees"), GROUP),
    "investigating, many": _first(_INVESTIGATING, typed("message"), MIXED),
    "investigating again": _then(_INVESTIGATING, typed("message"), ONE, ONE),
    "investigating, one more": _then(_INVESTIGATING, Facts(), {**ONE, "search": DEGRADED}, ONE),
    "investigating, worse": _then(_INVESTIGATING, typed("sees"), {"checkout": MAJOR}, {"checkout": DEGRADED}),
    "investigating, relapse": _then(_INVESTIGATING, Facts(fixed=ago(minutes=40)), TWO, well(TWO), **_WAS_WELL),
    "investigating, reopened": _then(_INVESTIGATING, Facts(), ONE, well(ONE), closed_at=ago(minutes=35), **_CLOSED),
    "investigating, began in maintenance": _then(_INVESTIGATING, typed("sees"), {"checkout": MAJOR}, MAINTAINED),
    "investigating beside maintenance": _first(_INVESTIGATING, Facts(), {**MAINTAINED, "search": MAJOR}),
    "identified": _then(
        _IDENTIFIED, typed("sees", "cause", "workaround", since=ago(minutes=40)), TWO, TWO, before=_INVESTIGATING
    ),
    "identified again": _then(_IDENTIFIED, typed("message", "sees"), TWO, TWO),
    "identified, back": _then(_IDENTIFIED, Facts(), TWO, TWO, before=_FIX),
    "identified, relapse": _then(_IDENTIFIED, Facts(fixed=ago(hours=14)), TWO, well(TWO), **_WAS_WELL),
    "identified, reopened": _then(_IDENTIFIED, Facts(), ONE, well(ONE), closed_at=ago(hours=15), **_CLOSED),
    "identified, better": _then(
        _IDENTIFIED, Facts(), {"chatgpt": DEGRADED, "api": Impact.OPERATIONAL}, TWO, before=_INVESTIGATING
    ),
    "identified, one again": _then(
        _IDENTIFIED, Facts(), {"app": MAJOR, "search": DEGRADED}, {"app": MAJOR, "search": Impact.OPERATIONAL},
        worst={"app": MAJOR, "search": PARTIAL},
    ),
    "fix": _then(_FIX, typed("do", fixed=ago(minutes=5)), TWO, TWO, before=_IDENTIFIED),
    "fix again": _then(_FIX, typed("message"), TWO, TWO),
    "fix, operational, confirmed": _then(_FIX, Facts(), well(TWO), TWO, before=_IDENTIFIED, **_YES),
    "fix, operational, unconfirmed": _then(_FIX, Facts(), well(TWO), TWO, before=_IDENTIFIED),
    "fix, no component": _then(_FIX, Facts(), {}, {}, before=_INVESTIGATING),
    "monitoring, one": _then(_MONITORING, Facts(), well(ONE), ONE, before=_FIX, **_YES),
    "monitoring, a group": _then(_MONITORING, typed("do"), well(GROUP), GROUP, before=_FIX, **_YES),
    "monitoring, unconfirmed": _then(_MONITORING, typed("message"), well(TWO), TWO, before=_FIX),
    "monitoring again, unconfirmed": _then(_MONITORING, typed("message"), well(TWO), well(TWO), worst=TWO),
    "monitoring, one still": _then(_MONITORING, Facts(), _STILL, TWO, before=_FIX, **_YES),
    "monitoring, one still, unconfirmed": _then(_MONITORING, typed("message"), _STILL, TWO, before=_FIX),
    "resolved, everything known": _then(
        _RESOLVED,
        typed("sees", "who", "cause", "data", since=ago(hours=2), end=ago(minutes=30), review=date(2026, 3, 16)),
        well(TWO), well(TWO), **_WAS_WELL,
    ),
    "resolved, half an hour": _then(
        _RESOLVED, typed("do", since=ago(minutes=58), end=ago(minutes=30)), well(ONE), well(ONE), worst=ONE,
    ),
    "resolved across midnight": _then(
        _RESOLVED, typed("do", since=ago(hours=17), end=ago(hours=8)), well(ONE), well(ONE), worst=ONE,
    ),
    "resolved across the change of clocks": _then(
        _RESOLVED, typed("message", since=ago(days=2, hours=6), end=ago(minutes=10)), well(ONE), well(ONE),
        worst={"checkout": DEGRADED},
    ),
    "resolved, no end": _then(
        _RESOLVED, Facts(since=ago(hours=3)), well(ONE), well(ONE), worst=ONE, recovered_at=ago(minutes=20), **_YES
    ),
    "resolved, no start": _then(_RESOLVED, Facts(end=ago(minutes=9)), well(ONE), well(ONE), worst=ONE),
    "resolved, nothing typed": _then(
        _RESOLVED, Facts(), well(ONE), well(ONE), worst=ONE, recovered_at=ago(minutes=20), **_YES
    ),
    "resolved, unconfirmed": _then(_RESOLVED, Facts(), well(ONE), well(ONE), worst=ONE),
    "no change, investigating": _then(_INVESTIGATING, typed("sees"), ONE, ONE, UpdateKind.NO_CHANGE, **_OLD),
    "no change, identified": _then(_IDENTIFIED, typed("message"), TWO, TWO, UpdateKind.NO_CHANGE),
    "no change, fix": _then(_FIX, Facts(), TWO, TWO, UpdateKind.NO_CHANGE),
    "no change, fix, operational": _then(_FIX, Facts(), well(TWO), well(TWO), UpdateKind.NO_CHANGE, worst=TWO),
    "no change, monitoring": _then(_MONITORING, Facts(), well(TWO), well(TWO), UpdateKind.NO_CHANGE, worst=TWO),
    "no change, monitoring, one still": _then(_MONITORING, Facts(), _STILL, _STILL, UpdateKind.NO_CHANGE, worst=TWO),
    "correction, investigating": _then(
        _INVESTIGATING, typed("wrong", "right", "avoid"), ONE, ONE, UpdateKind.CORRECTION, corrected_at=ago(minutes=9)
    ),
    "correction, identified": _then(
        _IDENTIFIED, typed("wrong", "right"), TWO, TWO, UpdateKind.CORRECTION, corrected_at=ago(hours=14)
    ),
    "correction, monitoring": _then(
        _MONITORING, typed("right", wrong=TYPED["wrong"][0]), well(ONE), well(ONE), UpdateKind.CORRECTION, worst=ONE,
        corrected_at=ago(minutes=9),
    ),
    "correction, maintenance": _then(
        _INVESTIGATING, typed("right", wrong=TYPED["wrong"][0]), MAINTAINED, MAINTAINED, UpdateKind.CORRECTION,
        corrected_at=ago(minutes=9),
    ),
    "false alarm": _then(_RESOLVED, typed("message"), well(ONE), ONE, UpdateKind.CANCELLATION, before=_INVESTIGATING),
    "false alarm, no component": _then(_RESOLVED, Facts(), {}, {}, UpdateKind.CANCELLATION, before=_INVESTIGATING),
    "maintenance": _first(_INVESTIGATING, typed("sees", "ok", since=ago(minutes=4)), MAINTAINED),
    "maintenance again": _then(_INVESTIGATING, typed("message"), MAINTAINED, MAINTAINED),
    "maintenance, no change": _then(_INVESTIGATING, Facts(), MAINTAINED, MAINTAINED, UpdateKind.NO_CHANGE),
    "maintenance, monitoring": _then(
        _MONITORING, Facts(), well(MAINTAINED), MAINTAINED, before=_INVESTIGATING, **_YES
    ),
    "maintenance, resolved": _then(
        _RESOLVED, typed("data", since=ago(hours=2), end=ago(minutes=5)), well(MAINTAINED), MAINTAINED,
        before=_INVESTIGATING, **_YES,
    ),
}  # fmt: skip
