// Keeps Foghorn's public pages current. Without this script, they show the same as of when they were loaded.
"use strict";
const EVERY = 30e3;
let checked = started, tag = "", asking = false, lost = false;

// Count for at most two intervals: a tab that wakes up or is offline must not call an update late that was published.
counts = () => !lost && Date.now() - checked < 2 * EVERY;

// The reader's own time next to the organization's and UTC, where it differs from both.
const { locale: LOCALE, zone: ZONE } = document.documentElement.dataset;
function localize(root) {
  all("#main time", root).forEach(e => {
    const at = new Date(e.dateTime), beside = e.nextElementSibling, utc = /^[(\uff08]/.test(beside?.textContent);
    const clock = timeZone => at.toLocaleString("en", { timeZone });
    if (!utc && (ZONE !== "UTC" || e.closest(".steps, .kept")) || [ZONE, "UTC"].some(zone => clock(zone) === clock())) return;
    const day = timeZone => at.toLocaleDateString("en", { timeZone });
    const date = day(ZONE) === day() ? {} : { month: "long", day: "numeric" };
    const yours = YOURS.replace("{}", at.toLocaleString(LOCALE, { ...date, hour: "numeric", minute: "2-digit" }));
    if (!utc) return e.append(` (${yours})`);
    beside.classList.remove("nowrap");
    beside.textContent = beside.textContent.replace(/[)\uff09]/, mark => `, ${yours}${mark}`);
  });
}

// The days of a component: one control on which the arrow keys, the pointer, or a finger choose a day.
function chart(root) {
  all("[data-strip]", root).forEach(box => {
    const range = root.createElement("input"), day = root.createElement("p"), svg = box.querySelector("svg");
    const last = (svg.viewBox.baseVal.width + 1) / 4 - 1, name = box.closest("li").querySelector(".name").textContent;
    const given = { type: "range", class: "strip-range", min: 0, max: last, value: last,
      "aria-label": `${name}: ${box.dataset.label}`, "aria-valuetext": said(box, last).map(e => e.textContent).join("") };
    for (const [key, value] of Object.entries(given)) range.setAttribute(key, value);
    day.className = "strip-day small";
    svg.after(range, day);
  });
}
function said(box, day) {
  const at = new Date(Date.parse(box.dataset.strip) + day * 864e5), 
    cells = all("[data-day]", box).find(({ dataset: { day: first, to = first } }) => first <= +day && +day <= to)?.cells;
  const date = new Text(`${at.toLocaleDateString(LOCALE, { dateStyle: "full", timeZone: "UTC" })}: `);
  if (!cells) return [date, new Text(box.dataset.quiet)];
  return [date, ...[cells[1], cells[2]].flatMap(cell => [...cell.cloneNode(true).childNodes, new Text(" ")])];
}
function describe(range) {
  const day = range.parentElement.querySelector(".strip-day");
  day.replaceChildren(...said(range.parentElement, range.value));
  range.setAttribute("aria-valuetext", day.textContent.trim());
  used.add(range);
}
const used = new Set();
addEventListener("input", e => { if (e.target.matches(".strip-range")) describe(e.target); });
addEventListener("focusin", e => { if (e.target.matches(".strip-range")) describe(e.target); });
addEventListener("pointermove", e => {
  if (!e.target.matches?.(".strip-range") || e.pointerType === "touch") return;
  const { left, width } = e.target.getBoundingClientRect();
  e.target.value = Math.floor((e.clientX - left) / width * (+e.target.max + 1));
  describe(e.target);
});

// Turns one tree into another, touching only what differs, so that focus, scrolling, and open details stay.
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
  localize(page);
  chart(page);
  patch(document.body, page.body);
  used.forEach(range => range.isConnected ? describe(range) : used.delete(range));
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
addEventListener("online", check);
localize(document);
chart(document);
