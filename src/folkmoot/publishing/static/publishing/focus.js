// The point of a picture that must stay visible: pressed on the picture, moved by keyboard or typed as two numbers; all of
// them say the same, and the pictures beside show what that leaves. Works for what htmx brings in later, too.
"use strict";

(() => {
  const between = (value) => Math.min(1, Math.max(-1, Number.isFinite(value) ? value : 0));
  const panelOf = (element) => element.closest("[data-focus-panel]") ?? document;

  function show(panel) {
    const across = panel.querySelector("[data-focus=x]");
    const up = panel.querySelector("[data-focus=y]");
    const mark = panel.querySelector("[data-focus-mark]");
    if (!across || !up || !mark) return;
    const [x, y] = [between(across.valueAsNumber), between(up.valueAsNumber)];
    mark.hidden = false;
    mark.style.setProperty("--focus-x", String(x));
    mark.style.setProperty("--focus-y", String(y));
    for (const crop of panel.querySelectorAll("[data-focus-crops] svg")) {
      const [width, height] = crop.getAttribute("viewBox").split(" ").slice(2).map(Number);
      const full = crop.querySelector("image");
      const left = Math.round(((full.getAttribute("width") - width) * (x + 1)) / 2);
      const top = Math.round(((full.getAttribute("height") - height) * (1 - y)) / 2);
      crop.setAttribute("viewBox", `${left} ${top} ${width} ${height}`);
    }
  }

  document.addEventListener("click", (event) => {
    const picker = event.target.closest("[data-focus-picker]");
    if (!picker) return;
    const panel = panelOf(picker);
    const across = panel.querySelector("[data-focus=x]");
    const up = panel.querySelector("[data-focus=y]");
    if (!across || !up) return;
    const box = picker.querySelector("img").getBoundingClientRect();
    across.value = between(((event.clientX - box.left) / box.width) * 2 - 1).toFixed(2);
    up.value = between(1 - ((event.clientY - box.top) / box.height) * 2).toFixed(2);
    across.dispatchEvent(new Event("input", { bubbles: true }));
  });
  // Caught before the composer hears of it: a point is no text of the draft, and a draft kept while the point is being set
  // would be told that somebody saved meanwhile.
  document.addEventListener(
    "input",
    (event) => {
      if (!event.target.matches("[data-focus]")) return;
      event.stopPropagation();
      show(panelOf(event.target));
    },
    true,
  );
  document.addEventListener("htmx:load", (event) => {
    for (const panel of event.target.querySelectorAll("[data-focus-panel]")) show(panel);
    if (event.target.matches("[data-focus-panel]")) show(event.target);
  });
  show(document);
})();
