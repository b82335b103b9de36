// An incident's page: tabs for the texts, editing one in place with its findings, and the filter of the timeline.
// Without it, all texts are shown and Edit opens a form.
"use strict";
{
  const room = document.querySelector("[data-room]");
  let chosen = "", side = localStorage.getItem("texts") === "side" || (!localStorage.getItem("texts") && innerWidth >= 1900);
  const tabs = () => all("[role=tab]", room);

  function show(tab, focus) {
    if (tab) chosen = tab.id;
    const texts = room.querySelector(".draft-texts"), now = tabs();
    if (!texts || !now.length) return;
    if (!now.some(t => t.id === chosen)) chosen = (now.find(t => t.querySelector(".is-maj")) || now[0]).id;
    texts.dataset.view = side ? "side" : "one";
    now.forEach(t => {
      const on = t.id === chosen, panel = document.getElementById(t.getAttribute("aria-controls"));
      t.setAttribute("aria-selected", on);
      t.tabIndex = on ? 0 : -1;
      panel.setAttribute("role", "tabpanel");
      panel.hidden = !side && !on;
      if (on && focus) t.focus();
    });
    all(".pick button", room).forEach(b => b.setAttribute("aria-pressed", (b.value === "side") === side));
  }
  function reveal(id) { // a finding may be in a text that is not shown
    const panel = id && document.getElementById(id)?.closest(".draft-text");
    if (panel?.hidden) show(tabs().find(t => t.getAttribute("aria-controls") === panel.id));
  }

  // ---- editing one text in place

  let wait, asked = 0;
  async function check(form) {
    const text = form.querySelector("textarea"), shown = form.querySelector(".checked"), mine = ++asked;
    const body = new URLSearchParams({ incident: form.elements.incident.value, field: text.name, words: text.value });
    try {
      const answer = await fetch(form.dataset.check, { method: "POST", body });
      const html = answer.ok ? await answer.text() : "";
      if (mine !== asked) return;
      if (html) shown.innerHTML = html;
      else shown.textContent = "This text cannot be checked right now. It will be checked when you save it.";
    } catch { shown.textContent = "Not connected, so this text cannot be checked right now."; }
  }
  function edit(button, open) {
    const form = document.getElementById(button.getAttribute("aria-controls"));
    form.hidden = !open;
    form.previousElementSibling.hidden = open;
    button.setAttribute("aria-expanded", open);
    if (open) { form.querySelector("textarea").focus(); check(form); } else button.focus();
    write();
  }
  // ---- who else is here

  const here = document.getElementById("here");
  document.addEventListener("people", e => {
    const words = e.detail.map(({ name, editing }) => `${name} is ${!editing ? "here" : editing === "draft" ? "editing the draft" : `editing the text for ${editing.replace("corrected_", "")}`}`).join(" · ");
    if (here.textContent !== words) here.textContent = words;
    all("form.in-place", room).forEach(form => {
      const others = e.detail.filter(({ editing }) => ["draft", form.querySelector("textarea").name].includes(editing)).map(({ name }) => name);
      form.querySelector(".others").textContent = others.length ? `${others.join(" and ")} ${others.length > 1 ? "are" : "is"} also editing this text.` : "";
    });
  });
  function write() {
    const form = all("form.in-place", room).find(each => !each.hidden);
    const body = new URLSearchParams({ room: room.dataset.room, text: form ? form.querySelector("textarea").name : "" });
    fetch(here.dataset.writing, { method: "POST", body }).catch(() => {});
  }

  room.addEventListener("submit", e => { // the page may be out of date, so the first press only says so
    if (live.dataset.state !== "lost" || e.target.dataset.asked || !/^(publish|approve)\b/.test(e.target.elements.line?.value)) return;
    e.preventDefault();
    e.target.dataset.asked = "yes";
    here.textContent = "This page is not connected, so it may be out of date. Reload it before you publish, or press the button again.";
  });
  document.addEventListener("connected", () => { if (all("form.in-place", room).some(form => !form.hidden)) write(); });

  room.addEventListener("input", e => {
    const form = e.target.closest("form.in-place");
    if (form) { clearTimeout(wait); wait = setTimeout(check, 400, form); }
    const settings = e.target.closest("form[data-changes]");
    if (settings) settings.classList.toggle("same", !written(settings));
    if (e.target.type === "search") search();
  });

  // ---- the timeline

  function search() {
    const words = room.querySelector("[type=search]").value.trim().toLowerCase();
    all("#log li").forEach(li => li.classList.toggle("miss", Boolean(words) && !li.textContent.toLowerCase().includes(words)));
  }
  document.getElementById("filter").addEventListener("submit", e => e.preventDefault());

  room.addEventListener("click", e => {
    const tab = e.target.closest("[role=tab]"), view = e.target.closest(".pick button");
    const pen = e.target.closest(".edit-text"), close = e.target.closest("[data-close]"), link = e.target.closest("a[href^='#']");
    if (tab) {
      show(tab);
      if (side) document.getElementById(tab.getAttribute("aria-controls")).scrollIntoView({ block: "nearest" });
    }
    if (view) { side = view.value === "side"; localStorage.setItem("texts", view.value); show(); }
    if (pen) edit(pen, pen.getAttribute("aria-expanded") !== "true");
    if (close) edit(room.querySelector(`[aria-controls="${close.form.id}"].edit-text`), false);
    if (link) reveal(link.hash.slice(1));
  });
  room.addEventListener("keydown", e => {
    if (!e.target.matches("[role=tab]")) return;
    const now = tabs(), i = now.indexOf(e.target);
    const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: now.length - 1 }[e.key];
    if (to !== undefined) { e.preventDefault(); show(now[(to + now.length) % now.length], true); }
  });

  function prepare() {
    show();
    all("form[data-changes]", room).forEach(form => form.classList.toggle("same", !written(form)));
    search();
  }
  document.addEventListener("renewed", prepare);
  prepare();
  all("form.in-place", room).filter(form => form.querySelector("textarea").value !== form.querySelector("textarea").defaultValue).forEach(form => {
    show(document.getElementById(`tab-${form.id.slice(1)}`)); // it contains what was typed before
    edit(document.getElementById(`b${form.id.slice(1)}`), true);
  });
  reveal(location.hash.slice(1));
}
