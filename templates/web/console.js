// Foghorn's console, live: when something was committed, the page is fetched again and the parts that changed are
// replaced, but never one in which a text is being edited. The focus stays where it is. Everything works without it.
"use strict";
const live = document.querySelector("[data-live]");
let source, retry, fetching = false, again = false;

// What of a part counts as a change: not the form keys, not what foghorn.js keeps fresh.
function shape(part) {
  const copy = part.cloneNode(true);
  copy.classList.remove("fresh");
  all("input[name=key]", copy).forEach(e => e.removeAttribute("value"));
  all("[data-ago], [data-until], [data-big], [data-word], [data-say]", copy).forEach(e => { e.textContent = ""; });
  all("[data-promise]", copy).forEach(e => { e.removeAttribute("data-state"); all("use", e).forEach(u => u.removeAttribute("href")); });
  all("details", copy).forEach(e => e.removeAttribute("open"));
  return copy.innerHTML.replace(/\s+/g, " ");
}
const written = part => all("textarea, input[type=text]", part).some(e => e.value !== e.defaultValue)
  || all("input[type=checkbox]", part).some(e => e.checked !== e.defaultChecked)
  || all("select", part).some(e => e.selectedIndex !== Math.max(0, [...e.options].findIndex(o => o.defaultSelected)));
const writing = "input, textarea, select", can = "a, button, summary, [tabindex]";
// The element in the new part that corresponds to the focused one: the same id, or the same text.
function counterpart(focused, next) {
  return focused.id ? next.querySelector(`#${CSS.escape(focused.id)}`)
    : all(can, next).find(e => e.tagName === focused.tagName && e.textContent === focused.textContent);
}

// Each part as the server sent it, because other scripts may have changed it since.
const sent = new WeakMap(), parts = root => all("[data-part]", root).filter(part => !part.parentElement.closest("[data-part]"));
parts(document).forEach(part => sent.set(part, shape(part)));

function renew(page) {
  let kept = false, focus;
  parts(document).forEach(part => {
    const next = part.id && page.getElementById(part.id), now = next && shape(next);
    if (!next || sent.get(part) === now) return;
    const focused = part.contains(document.activeElement) && document.activeElement;
    const again = focused && !focused.matches(writing) && counterpart(focused, next);
    if (written(part) || (focused && !again)) { kept = true; return; }
    focus ||= again;
    sent.set(next, now);
    all("details[id]", part).forEach(d => { const same = next.querySelector(`#${CSS.escape(d.id)}`); if (same) same.open = d.open; });
    part.replaceWith(next);
    next.classList.add("fresh");
  });
  title = page.title;
  updateTitle();
  document.dispatchEvent(new Event("renewed"));
  if (focus) focus.focus({ preventScroll: true });
  started = Date.now();
  from = Date.parse(page.documentElement.dataset.now) || started;
  changed = kept;
  show();
}

async function refresh() {
  if (!live.dataset.page) return; // an answer that only belongs to what was sent
  if (fetching) { again = true; return; }
  fetching = true;
  try {
    do {
      again = false;
      const answer = await fetch(live.dataset.page, { headers: { Accept: "text/html", "X-Foghorn-Live": "1" } });
      if (answer.ok) renew(new DOMParser().parseFromString(await answer.text(), "text/html"));
      else if (answer.status === 401) end("You are signed out. What you wrote is kept in this browser");
    } while (again);
  } catch { /* the stream says when it is back */ }
  fetching = false;
}

// The tab shows how long until the nearest update is due.
let title = document.title, late = "";
function updateTitle() {
  const [due] = all(".count[data-promise]").sort((a, b) => Date.parse(a.dataset.promise) - Date.parse(b.dataset.promise));
  if (due && live && now() - Date.parse(due.dataset.promise) > 60e3 && late !== due.dataset.promise) { late = due.dataset.promise; refresh(); } // what depends on it has changed
  document.title = due ? `${due.querySelector("[data-big]").textContent} · ${title}` : title;
}
updateTitle();
setInterval(updateTitle, 1000);

// The page says "Live" only for an open stream that was recently heard from, and shows a broken connection at once.
let connected = false, changed = false, ended = "", heard = 0, brokenAt = 0;
const SILENT_MS = 40000, TOLERATED_MS = 30000, RETRY_MS = 5000;
function show() {
  const lost = !connected && brokenAt && Date.now() - brokenAt >= TOLERATED_MS;
  const words = ended || (connected ? changed ? "This page has changed. Reload it to see the changes" : "Live"
    : lost ? "Live updates stopped. Reload before you publish" : "Connecting …");
  live.hidden = false;
  if (live.textContent !== words) live.textContent = words;
  live.dataset.state = ended || lost ? "lost" : connected ? "" : "waiting";
}
function end(words) { stop(); ended = words; show(); }
function stop() { source?.close(); source = undefined; connected = false; clearTimeout(retry); }
function broken() {
  connected = false;
  brokenAt ||= Date.now();
  show();
}
function start() {
  if (source || ended) return;
  brokenAt ||= Date.now();
  source = new EventSource(live.dataset.live);
  const hear = () => { heard = Date.now(); if (!connected) { connected = true; brokenAt = 0; show(); } };
  source.addEventListener("hello", () => { hear(); document.dispatchEvent(new Event("connected")); refresh(); });
  source.addEventListener("beat", hear);
  source.addEventListener("people", e => { hear(); document.dispatchEvent(new CustomEvent("people", { detail: JSON.parse(e.data) })); });
  source.addEventListener("changed", () => { hear(); refresh(); });
  source.addEventListener("full", () => end("Live updates stopped: too many pages are open. Reload this one"));
  source.addEventListener("error", () => {
    broken();
    if (source?.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    stop();
    refresh(); // shows it if the session has ended
    retry = setTimeout(start, RETRY_MS);
  });
  show();
}
if (live) {
  const { page } = live.dataset; // the room above which an answer stands: reloading must not send again
  if (page && page !== location.pathname + location.search) history.replaceState(null, "", page + location.hash);
  document.addEventListener("visibilitychange", () => document.hidden ? stop() : start());
  addEventListener("pagehide", stop);
  addEventListener("pageshow", e => { if (e.persisted) start(); });
  addEventListener("offline", broken);
  setInterval(() => {
    if (connected && Date.now() - heard > SILENT_MS) { stop(); broken(); start(); }
    else if (!connected && source) show();
  }, 1000);
  if (!document.hidden) start();
}
