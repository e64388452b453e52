// While a session is in hand, each place of the grid says how many clashes it would have there: on the page for who
// sees it, and in the place's name for who hears it. Moving itself is boards.js.
"use strict";

(() => {
  const names = new WeakMap();

  function tell(card) {
    const board = card.closest("[data-clash-words]");
    if (!board) return;
    const numbers = (card.dataset.clashes || "").split(" ");
    for (const place of board.querySelectorAll("[data-drop][data-round]")) {
      const said = board.dataset.clashWords.replace("{n}", numbers[Number(place.dataset.round)] ?? "0");
      if (!names.has(place)) names.set(place, place.dataset.dropLabel);
      place.dataset.dropLabel = `${names.get(place)}: ${said}`;
      place.querySelector(".plan-clash").textContent = said;
    }
  }

  function forget() {
    for (const place of document.querySelectorAll("[data-drop][data-round]")) {
      if (names.has(place)) place.dataset.dropLabel = names.get(place);
      place.querySelector(".plan-clash").textContent = "";
    }
  }

  // Before boards.js hears of it, so that what it announces has the numbers.
  document.addEventListener(
    "keydown",
    (event) => {
      const handle = event.target.closest?.(".move-handle");
      if (!handle || (event.key !== "Enter" && event.key !== " ")) return;
      if (handle.getAttribute("aria-pressed") === "true") setTimeout(forget);
      else tell(handle.closest("[data-card]"));
    },
    true,
  );
  document.addEventListener("keyup", (event) => {
    if (event.key === "Escape") forget();
  });
  document.addEventListener("focusout", () => setTimeout(() => document.querySelector(".is-picked") || forget()));
  document.addEventListener("dragstart", (event) => {
    const card = event.target.closest?.("[data-card][data-clashes]");
    if (card) tell(card);
  });
  document.addEventListener("dragend", forget);
})();
