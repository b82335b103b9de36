// The command bar of the console: the server completes what is typed and says what Enter would do. The bar works
// without it.
"use strict";
all("[data-cmd]").forEach(form => {
  const input = form.querySelector("[role=combobox]"), list = form.querySelector("[role=listbox]");
  const box = list.parentElement, preview = box.querySelector("[role=status]");
  let at = -1, found = [], asked = 0, wait;

  function close() {
    clearTimeout(wait);
    asked++;
    box.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }
  function choose(to) {
    at = to;
    [...list.children].forEach((o, i) => o.setAttribute("aria-selected", i === at));
    if (at < 0) { input.removeAttribute("aria-activedescendant"); return; }
    input.setAttribute("aria-activedescendant", list.children[at].id);
    list.children[at].scrollIntoView({ block: "nearest" });
  }
  function draw() {
    list.replaceChildren(...found.map(([line, about], i) => {
      const option = document.createElement("div"), code = document.createElement("code"), words = document.createElement("span");
      Object.assign(option, { id: `o${i}`, role: "option" });
      code.textContent = line;
      words.textContent = about;
      option.append(code, words);
      return option;
    }));
    box.hidden = !found.length && !preview.textContent;
    input.setAttribute("aria-expanded", !box.hidden && found.length > 0);
    choose(-1);
  }
  async function ask(withPreview) {
    const mine = ++asked, body = new URLSearchParams(new FormData(form));
    body.delete("key");
    if (withPreview) body.set("preview", "yes");
    try {
      const answer = await fetch(form.dataset.cmd, { method: "POST", body });
      if (!answer.ok || mine !== asked) return;
      const { options, preview: effect } = await answer.json();
      if (mine !== asked) return;
      if (withPreview) {
        preview.textContent = effect ? `If you press Enter: ${effect[0]}` : "";
        preview.classList.toggle("tint", Boolean(effect?.[1]));
        box.hidden = !found.length && !preview.textContent;
      } else { found = options; preview.textContent = ""; draw(); }
    } catch { /* without a connection, nothing is completed; Run says what is wrong */ }
  }
  function type() {
    ask(false);
    clearTimeout(wait);
    if (input.value.trim().includes(" ") || found.some(([line]) => line === input.value.trim())) wait = setTimeout(ask, 400, true);
  }
  function take(option) {
    const line = option[0];
    input.value = line.endsWith(":") ? line : `${line} `;
    input.setSelectionRange(input.value.length, input.value.length);
    type();
  }
  input.addEventListener("input", type);
  input.addEventListener("focus", () => { if (!input.value) ask(false); });
  input.addEventListener("blur", () => setTimeout(close, 150));
  input.addEventListener("keydown", e => {
    if (e.key === "Escape") { close(); return; }
    if (box.hidden || !found.length) return;
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      e.preventDefault();
      const to = at + (e.key === "ArrowDown" ? 1 : -1);
      choose(to >= found.length ? 0 : to < 0 ? found.length - 1 : to);
    } else if (e.key === "Tab" && !e.shiftKey && (at >= 0 || /\S$/.test(input.value))) {
      e.preventDefault();
      take(found[Math.max(at, 0)]);
    } else if (e.key === "Enter" && at >= 0) {
      e.preventDefault();
      take(found[at]);
    }
  });
  list.addEventListener("mousedown", e => {
    const option = e.target.closest("[role=option]");
    if (option) { e.preventDefault(); take(found[[...list.children].indexOf(option)]); input.focus(); }
  });
  form.addEventListener("submit", close);
});
