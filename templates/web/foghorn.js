// Foghorn: the little script of the console. Public pages work without it; there it only keeps relative times fresh.
// Its clock is the server's, from <html data-now>.
"use strict";
let started = Date.now(); // console.js and public.js reset both when they fetch the page again
let from = Date.parse(document.documentElement.dataset.now) || started;
const now = () => from + (Date.now() - started);
const all = (what, root = document) => [...root.querySelectorAll(what)];

// The page's own phrases: "just now", "{} ago", "in {}", "now", "{} overdue", the units, and "{} your time".
const [JUST_NOW, AGO, IN, NOW, OVERDUE, MINUTE, HOUR, DAY, YOURS] = document.documentElement.dataset.words.split("|");
function length(ms) {
  const m = Math.round(Math.abs(ms) / 60000);
  if (m < 60) return `${m} ${MINUTE}`;
  if (m < 1440) return m % 60 ? `${Math.floor(m / 60)} ${HOUR} ${m % 60} ${MINUTE}` : `${m / 60} ${HOUR}`;
  const hours = Math.floor((m % 1440) / 60);
  return `${Math.floor(m / 1440)} ${DAY}` + (hours ? ` ${hours} ${HOUR}` : "");
}

// A promise is calm, due soon (10 min), due (within the stated minute), late (after it).
function state(left) { return left > 600e3 ? "calm" : left > 0 ? "soon" : left > -60e3 ? "due" : "late"; }
const words = { calm: "On time", soon: "Due soon", due: "Due now", late: "Overdue" };

let counts = () => true; // public.js stops counting when the page cannot be refreshed
function tick() {
  all(counts() ? "[data-ago]" : "[data-checked] [data-ago]").forEach(e => { const since = now() - Date.parse(e.dataset.ago); e.textContent = since < 30e3 ? JUST_NOW : AGO.replace("{}", length(since)); });
  if (!counts()) return;
  all("[data-until]").forEach(e => {
    const left = Date.parse(e.dataset.until) - now();
    e.textContent = left > 0 ? IN.replace("{}", length(left)) : left > -60e3 ? NOW : OVERDUE.replace("{}", length(left));
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
  const label = b.querySelector("span") || b, before = label.textContent, source = document.getElementById(b.dataset.copy), text = source.textContent.trim();
  try {
    if (b.dataset.as) await navigator.clipboard.write([new ClipboardItem({ [b.dataset.as]: new Blob([text], { type: b.dataset.as }), "text/plain": new Blob([text], { type: "text/plain" }) })]);
    else await navigator.clipboard.writeText(text);
    label.textContent = "Copied";
  } catch { source.hidden = false; getSelection().selectAllChildren(source); label.textContent = "Selected. Press Ctrl+C"; }
  b.parentElement.querySelectorAll("[role=status]").forEach(s => { s.textContent = label.textContent; });
  setTimeout(() => { label.textContent = before; }, 2500);
});

all("[data-print]").forEach(a => a.addEventListener("click", e => { e.preventDefault(); print(); }));

// On paper nothing stays folded.
addEventListener("beforeprint", () => all("details").forEach(d => { d.open = true; }));
