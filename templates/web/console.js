// Foghorn's console, live: when something was committed, the page is fetched again and the parts that changed are
// replaced. Never one that holds the focus or a text being written. Everything works without it.
"use strict";
const live = document.querySelector("[data-live]");
let source, lost, fetching = false, again = false;

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
  || all("select, input[type=checkbox]", part).some(e => e.tagName === "SELECT" ? all("option", e).some(o => o.selected !== o.defaultSelected) : e.checked !== e.defaultChecked);
const held = part => part.contains(document.activeElement) || written(part);

function renew(page) {
  let kept = false;
  all("[data-part]").filter(part => !part.parentElement.closest("[data-part]")).forEach(part => {
    const next = part.id && page.getElementById(part.id);
    if (!next || shape(part) === shape(next)) return;
    if (held(part)) { kept = true; return; }
    part.replaceWith(next);
    next.classList.add("fresh");
  });
  document.title = page.title;
  started = Date.now();
  from = Date.parse(page.documentElement.dataset.now) || started;
  say(kept ? "This page has changed. Reload it to see the changes" : "Live");
}

async function refresh() {
  if (!live.dataset.page) return; // an answer that only belongs to what was sent
  if (fetching) { again = true; return; }
  fetching = true;
  try {
    do {
      again = false;
      const answer = await fetch(live.dataset.page, { headers: { Accept: "text/html" } });
      if (answer.ok) renew(new DOMParser().parseFromString(await answer.text(), "text/html"));
      else if (answer.status === 401) { say("You are signed out. Copy what you wrote, then sign in again", "lost"); stop(); }
    } while (again);
  } catch { /* the stream says when it is back */ }
  fetching = false;
}

function say(words, state = "") {
  if (live.textContent !== words) live.textContent = words;
  live.dataset.state = state;
}
function stop() { source?.close(); source = undefined; clearTimeout(lost); lost = undefined; }
function start() {
  if (source) return;
  source = new EventSource(live.dataset.live);
  source.addEventListener("hello", () => { clearTimeout(lost); lost = undefined; live.hidden = false; say("Live"); refresh(); });
  source.addEventListener("changed", refresh);
  source.addEventListener("full", () => { stop(); say("Live updates stopped: too many pages are open. Reload this one", "lost"); });
  source.addEventListener("error", () => {
    lost ??= setTimeout(() => { live.hidden = false; say("Live updates stopped. Reload before you publish", "lost"); }, 30000);
  });
}
if (live) {
  const { page } = live.dataset; // the room above which an answer stands: reloading must not send again
  if (page && page !== location.pathname + location.search) history.replaceState(null, "", page + location.hash);
  document.addEventListener("visibilitychange", () => document.hidden ? stop() : start());
  addEventListener("pagehide", stop);
  if (!document.hidden) start();
}
