// Foghorn: the little script of the console. Public pages work without it; there it only keeps relative times fresh.
// Its clock is the server's, from <html data-now>.
"use strict";
let started = Date.now(); // console.js sets both anew when it fetches the page again
let from = Date.parse(document.documentElement.dataset.now) || started;
const now = () => from + (Date.now() - started);
const all = (what, root = document) => [...root.querySelectorAll(what)];

function length(ms) {
  const m = Math.round(Math.abs(ms) / 60000);
  if (m < 60) return `${m} min`;
  if (m < 1440) return m % 60 ? `${Math.floor(m / 60)} h ${m % 60} min` : `${m / 60} h`;
  return `${Math.floor(m / 1440)} d ${Math.floor((m % 1440) / 60)} h`;
}

// A promise is calm, due soon (10 min), due (within the stated minute), late (after it).
function state(left) { return left > 600e3 ? "calm" : left > 0 ? "soon" : left > -60e3 ? "due" : "late"; }
const words = { calm: "On time", soon: "Due soon", due: "Due now", late: "Overdue" };

function tick() {
  all("[data-ago]").forEach(e => { const since = now() - Date.parse(e.dataset.ago); e.textContent = since < 30e3 ? "just now" : `${length(since)} ago`; });
  all("[data-until]").forEach(e => {
    const left = Date.parse(e.dataset.until) - now();
    e.textContent = left > 0 ? `in ${length(left)}` : left > -60e3 ? "now" : `${length(left)} overdue`;
  });
  all("[data-promise]:not(.fixed)").forEach(e => {
    const left = Date.parse(e.dataset.promise) - now(), was = e.dataset.state, is = state(left);
    const s = Math.max(0, Math.ceil(left / 1000));
    e.querySelector("[data-big]").textContent = is === "late" ? `${length(left)} overdue` : is === "due" ? "0 min" : s < 120 ? `${Math.floor(s / 60)} min ${s % 60} s` : length(left);
    if (is === was) return;
    e.dataset.state = is;
    e.querySelector("[data-word]").textContent = words[is];
    e.querySelector("use").setAttribute("href", is === "late" ? "#i-stop" : `#i-${is}`);
    e.querySelector("[data-say]").textContent = `${words[is]}: next update, ${length(left)} ${left > 0 ? "left" : "overdue"}`;
  });
}
tick();
setInterval(tick, 1000);

// Copy: plain text, and the button says that it worked.
addEventListener("click", async e => {
  const b = e.target.closest("[data-copy]");
  if (!b) return;
  const label = b.querySelector("span") || b, before = label.textContent;
  try { await navigator.clipboard.writeText(document.getElementById(b.dataset.copy).textContent.trim()); label.textContent = "Copied"; }
  catch { getSelection().selectAllChildren(document.getElementById(b.dataset.copy)); label.textContent = "Selected. Press Ctrl+C"; }
  b.parentElement.querySelectorAll("[role=status]").forEach(s => { s.textContent = label.textContent; });
  setTimeout(() => { label.textContent = before; }, 2500);
});

// Tabs of the audiences, and all six side by side.
const texts = document.querySelector(".draft-texts"), tabs = all("[data-tabs] [role=tab]");
function choose(tab, focus) {
  tabs.forEach(t => {
    const on = t === tab;
    t.setAttribute("aria-selected", on);
    t.tabIndex = on ? 0 : -1;
    document.getElementById(t.getAttribute("aria-controls")).hidden = !on && texts.dataset.view === "one";
  });
  if (focus) tab.focus();
}
tabs.forEach((t, i) => {
  t.addEventListener("click", () => { choose(t); if (texts.dataset.view === "side") document.getElementById(t.getAttribute("aria-controls")).scrollIntoView({ block: "nearest" }); });
  t.addEventListener("keydown", e => {
    const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: tabs.length - 1 }[e.key];
    if (to !== undefined) { e.preventDefault(); choose(tabs[(to + tabs.length) % tabs.length], true); }
  });
});
all("[data-view] button").forEach(b => b.addEventListener("click", () => {
  all("[data-view] button").forEach(o => o.setAttribute("aria-pressed", o === b));
  texts.dataset.view = b.value;
  choose(tabs.find(t => t.getAttribute("aria-selected") === "true"));
}));
if (texts) choose(tabs.find(t => t.getAttribute("aria-selected") === "true")); // without script all six are shown
if (texts && innerWidth >= 1900) document.querySelector("[data-view] [value=side]").click();

all("[data-print]").forEach(a => a.addEventListener("click", e => { e.preventDefault(); print(); }));

// The command line: the same words as everywhere, completed from the catalogue in data-catalogue, [[words, what it does], ...].
all("[data-cmd]").forEach(form => {
  const input = form.querySelector("input"), list = form.querySelector("[role=listbox]");
  const catalogue = JSON.parse(form.dataset.catalogue || "[]");
  let at = 0, found = [];
  const esc = s => s.replace(/[&<"]/g, c => ({ "&": "&amp;", "<": "&lt;", '"': "&quot;" }[c]));
  function close() { list.hidden = true; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); }
  function draw() {
    const typed = input.value.trim().toLowerCase();
    found = catalogue.filter(([c]) => c.startsWith(typed));
    if (!found.length) return close();
    at = Math.min(at, found.length - 1);
    list.innerHTML = found.map(([c, d], i) => `<div role="option" id="o${i}" aria-selected="${i === at}"><code><mark>${esc(c.slice(0, typed.length))}</mark>${esc(c.slice(typed.length))}</code><span>${esc(d)}</span></div>`).join("");
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    input.setAttribute("aria-activedescendant", `o${at}`);
    list.children[at].scrollIntoView({ block: "nearest" });
  }
  input.addEventListener("input", () => { at = 0; draw(); });
  input.addEventListener("focus", draw);
  input.addEventListener("blur", () => setTimeout(close, 150));
  input.addEventListener("keydown", e => {
    if (list.hidden) return;
    if (e.key === "ArrowDown" || e.key === "ArrowUp") { e.preventDefault(); at = (at + (e.key === "ArrowDown" ? 1 : found.length - 1)) % found.length; draw(); }
    else if (e.key === "Tab" && input.value.trim() && input.value.trim() !== found[at][0]) { e.preventDefault(); input.value = found[at][0] + " "; draw(); }
    else if (e.key === "Escape") close();
  });
  list.addEventListener("mousedown", e => { const o = e.target.closest("[role=option]"); if (o) { e.preventDefault(); input.value = found[+o.id.slice(1)][0] + " "; input.focus(); } });
  form.addEventListener("submit", close);
});
addEventListener("keydown", e => {
  if (e.key === "/" && !/^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName)) { const c = document.getElementById("cmd"); if (c) { e.preventDefault(); c.focus(); } }
});

// On paper nothing stays folded.
addEventListener("beforeprint", () => all("details").forEach(d => { d.open = true; }));
