// A banner for any page: <script src="https://status.example.com/banner.js" async></script>
// It shows the open incidents at the top of the page, and nothing otherwise. It sets no cookie.
"use strict";
(() => {
  const { src } = document.currentScript, { search, searchParams } = new URL(src);
  const host = document.createElement("div"), root = host.attachShadow({ mode: "open" }), style = new CSSStyleSheet();
  host.setAttribute("role", "status");
  style.replaceSync(`
    :host { all: initial; display: block; }
    a { display: block; padding: .625rem 1rem; color: #fff; background: #7d5800; font: 550 1rem/1.4 system-ui, sans-serif; text-align: center; overflow-wrap: anywhere; }
    a:focus-visible { outline: 3px solid #fff; outline-offset: -5px; }
    .major { background: #a5440a; }
    .critical { background: #a81c2d; }`);
  root.adoptedStyleSheets = [style];

  function show({ page, incidents }) {
    root.replaceChildren(...incidents.slice(0, 3).map(incident => {
      const link = document.createElement("a");
      link.href = incident.shortlink;
      link.className = incident.impact;
      link.lang = searchParams.get("lang") || "";
      const name = document.createElement("bdi"); // its text direction must not affect the rest
      name.textContent = incident.name;
      link.append(`${page.name}: `, name);
      return link;
    }));
    host.hidden = !incidents.length;
    if (incidents.length && !host.isConnected) document.body.prepend(host);
  }

  async function check() {
    if (document.hidden || !document.body) return;
    try {
      const answer = await fetch(new URL(`api/v2/summary.json${search}`, src), { credentials: "omit" });
      if (answer.ok) show(await answer.json());
    } catch { /* the page works without it */ }
  }
  check();
  addEventListener("DOMContentLoaded", check);
  document.addEventListener("visibilitychange", check);
  setInterval(check, 60e3);
})();
