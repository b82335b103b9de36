// The player at the top of every page of a drill, fetched again every second. A pressed button keeps the focus.
"use strict";
{
  const place = document.getElementById("player");
  let before = "";
  const ask = async (at, options) => {
    const answer = await fetch(at, { ...options, headers: { Accept: "text/html", "X-Foghorn-Live": "1" } });
    if (!answer.ok) return;
    const next = await answer.text();
    if (next === before) return;
    before = next;
    const act = place.contains(document.activeElement) && document.activeElement.value;
    place.innerHTML = next;
    place.hidden = false;
    if (act) (place.querySelector(`[value=${act}]`) || place.querySelector("button, a")).focus();
  };
  const follow = async () => {
    try { if (!document.hidden) await ask(place.dataset.at); } catch { /* it is over, or the connection is gone */ }
    setTimeout(follow, 1000);
  };
  place?.addEventListener("submit", event => {
    event.preventDefault();
    ask(event.target.action, { method: "POST" }).catch(() => {});
  });
  if (place && location.pathname !== new URL(place.dataset.at, location).pathname) follow();
}
