// Foghorn's public pages, kept current. They say the same without this script, as of the moment they were loaded.
"use strict";
const EVERY = 30e3;
let checked = started, tag = "", asking = false, lost = false;

// Between two checks at most: a tab that wakes up, or has no connection, must not call an update late that has come.
counts = () => !lost && Date.now() - checked < 2 * EVERY;

// Changes a tree into another one and touches only what differs, so that focus, scrolling, and open details stay.
function patch(old, next) {
  if (old.isEqualNode(next)) return;
  for (const { name } of [...old.attributes]) if (!next.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  for (const { name, value } of next.attributes) old.setAttribute(name, value);
  let at = old.firstChild;
  for (const child of [...next.childNodes]) {
    const same = child.id ? [...old.children].find(e => e.id === child.id) : at && !at.id && at.nodeName === child.nodeName && at;
    if (!same) { old.insertBefore(child, at); if (child.id) child.classList.add("fresh"); continue; }
    while (at !== same) { const gone = at; at = at.nextSibling; gone.remove(); }
    if (same.attributes) patch(same, child); else if (same.data !== child.data) same.data = child.data;
    at = at.nextSibling;
  }
  while (at) { const gone = at; at = at.nextSibling; gone.remove(); }
}

function show(page) {
  const news = all(".updates > li", page).find(e => !document.getElementById(e.id)), before = document.title;
  patch(document.body, page.body);
  document.title = page.title;
  document.documentElement.dataset.now = page.documentElement.dataset.now;
  if (news || before !== page.title) document.getElementById("news").textContent = [page.title, news?.querySelector("h3, h4").textContent].filter(Boolean).join(". ");
}

async function check() {
  if (asking || document.hidden) return;
  asking = true;
  try {
    const headers = tag ? { "If-None-Match": tag } : {};
    const answer = await fetch(location.pathname + location.search, { headers, cache: "no-store", signal: AbortSignal.timeout(15e3) });
    if (answer.status !== 304) {
      if (!answer.ok) throw new Error(answer.status);
      tag = answer.headers.get("ETag") || "";
      show(new DOMParser().parseFromString(await answer.text(), "text/html"));
      started = Date.now();
      from = Date.parse(document.documentElement.dataset.now) || started;
    }
    checked = Date.now();
    lost = false;
  } catch { lost = true; }
  asking = false;
  const stale = document.getElementById("stale");
  stale.hidden = !lost && stale.dataset.stale === undefined;
  all("[data-checked]").forEach(e => { e.hidden = false; e.querySelector("[data-ago]").dataset.ago = new Date(now() - Date.now() + checked).toISOString(); });
  tick();
}
setInterval(check, EVERY);
document.addEventListener("visibilitychange", check);
