// Every page of the console: keeps what is typed until it is accepted, warns before the session ends, and handles keys.
// Everything works without it.
"use strict";
const session = document.getElementById("session");
const prefix = `foghorn:${session?.dataset.who}:`, KEEP_MS = 24 * 3600e3;
const reading = { headers: { "X-Foghorn-Live": "1" } }; // does not count as use

// ---- what is typed, kept in this browser
const store = { // a browser may refuse to keep anything
  get: name => { try { return JSON.parse(localStorage.getItem(name)); } catch { return null; } },
  set: (name, value) => { try { localStorage.setItem(name, JSON.stringify(value)); } catch { /* not kept */ } },
  drop: name => { try { localStorage.removeItem(name); } catch { /* nothing was kept */ } },
  names: () => { try { return Object.keys(localStorage).filter(n => n.startsWith(prefix)); } catch { return []; } },
};
const kept = form => form.method === "post" && form.querySelector("textarea, input[type=text]");
const storageKey = form => prefix + new URL(form.action).pathname + " " + (form.elements.incident?.value || form.elements.room?.value || "") + (form.dataset.keep || "");
const fields = form => [...form.elements].filter(e => e.name && e.name !== "room");
const value = e => e.type === "checkbox" || e.type === "radio" ? e.checked : e.value;
// Until a conflict is decided, the text counts as based on the revision that was read first.
const read = form => fields(form).map(e => [e.name, e.name === "revision" && form.elements.read ? form.elements.read.value : value(e)]);
function write(form, values) {
  const left = [...values];
  fields(form).forEach(e => {
    const at = left.findIndex(([name]) => name === e.name);
    if (at < 0) return;
    const [[, was]] = left.splice(at, 1);
    if (typeof was === "boolean") e.checked = was; else e.value = was;
  });
}
const typed = form => JSON.stringify(fields(form).filter(e => e.type !== "hidden").map(value));
const first = new WeakMap(); // form -> its values as the server sent them

function restore(form) {
  if (form.dataset.returned) { // it was refused, and the server sent back what was typed, with what others wrote
    store.names().filter(name => store.get(name).key === form.dataset.returned).forEach(store.drop);
    first.set(form, null);
    store.set(storageKey(form), { at: Date.now(), key: form.elements.key?.value, values: read(form) });
    return;
  }
  const found = store.get(storageKey(form)), before = read(form), empty = typed(form);
  first.set(form, empty);
  if (!found) return;
  write(form, found.values);
  if (typed(form) === empty) { write(form, before); return; }
  if (form.matches("[data-cmd]")) return;
  const note = document.createElement("div");
  note.className = "notice is-mnt";
  note.setAttribute("role", "status");
  note.innerHTML = '<p class="grow"></p><button class="btn sm" type="button">Discard it</button>';
  const ms = Date.now() - found.at;
  note.firstChild.textContent = `You typed this ${ms < 60e3 ? "just now" : `${length(ms)} ago`}. It has not been sent.`;
  note.lastChild.addEventListener("click", () => { write(form, before); store.drop(storageKey(form)); note.remove(); });
  form.prepend(note);
}
function keep(e) {
  const form = e.target.form;
  if (!form || !kept(form)) return;
  if (!first.has(form)) first.set(form, null); // the form was added when the page changed
  if (typed(form) === first.get(form)) store.drop(storageKey(form));
  else store.set(storageKey(form), { at: Date.now(), key: form.elements.key?.value, values: read(form) });
}
if (session) {
  const accepted = document.cookie.match(/(?:^|; )foghorn_accepted=([\w-]+)/)?.[1];
  store.names().forEach(name => { const was = store.get(name); if (!was || was.key === accepted || Date.now() - was.at > KEEP_MS) store.drop(name); });
  all("form").filter(kept).forEach(restore);
  addEventListener("input", keep);
  addEventListener("change", keep);
  addEventListener("submit", ({ target: form }) => {
    const { pathname } = new URL(form.action);
    if (pathname.endsWith("/sign-out")) store.names().filter(name => name.startsWith(prefix + pathname.replace("sign-out", ""))).forEach(store.drop);
    else if (kept(form) && store.get(storageKey(form))) store.set(storageKey(form), { at: Date.now(), key: form.elements.key?.value, values: read(form) });
  });
}

// ---- the session
const WARN_MS = 600e3, AGAIN_MS = 300e3;
let used = Date.now();
async function ask(how) {
  const answer = await fetch(session.dataset.at, how).catch(() => null);
  if (answer?.status === 401) session.dataset.ends = new Date(0).toISOString();
  if (answer?.ok) { const { ends, last } = await answer.json(); session.dataset.ends = ends; session.dataset.last = last; }
}
const left = () => Date.parse(session.dataset.ends) - now();
async function warn() {
  if (left() < WARN_MS) await ask(reading); // another tab may have been used
  const ms = left(), last = session.dataset.last === "true";
  session.hidden = ms >= WARN_MS;
  session.querySelector("button").hidden = last || ms <= 0;
  session.querySelector("p").textContent = ms <= 0 ? "You are signed out. What you typed is kept in this browser until you sign in again."
    : `You will be signed out in ${length(Math.max(ms, 60e3))}${last ? ", 12 hours after you signed in" : ""}. What you type is kept in this browser.`;
}
if (session) {
  session.querySelector("button").addEventListener("click", async () => { await ask(); warn(); });
  ["keydown", "pointerdown"].forEach(kind => addEventListener(kind, () => {
    if (Date.now() - used < AGAIN_MS) return;
    used = Date.now();
    ask().then(warn);
  }));
  setInterval(warn, 20000);
}

// ---- keys
const keys = document.getElementById("keys"), switched = keys?.querySelector("[data-keys]");
let gone = -Infinity;
addEventListener("keydown", e => {
  if (!keys || !switched.checked || e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented) return;
  if (keys.open || e.target.closest("input, textarea, select, [contenteditable]")) return;
  const go = e.timeStamp - gone < 3000 && keys.querySelector(`[data-go="${CSS.escape(e.key)}"]`);
  gone = e.key === "g" ? e.timeStamp : -Infinity;
  if (go) location.href = go.dataset.to;
  else if (e.key === "?") keys.showModal();
  else if (e.key === "/") { const bar = document.getElementById("cmd"); if (bar) { e.preventDefault(); bar.focus(); } }
});
if (keys) {
  switched.checked = store.get("foghorn:keys") !== false;
  switched.addEventListener("change", () => store.set("foghorn:keys", switched.checked));
  all("[data-show-keys]").forEach(b => b.addEventListener("click", () => keys.showModal()));
}
