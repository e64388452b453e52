// The point of a picture that must stay visible: pressed on the picture, or typed as two numbers; both say the same.
"use strict";

(() => {
  const picker = document.querySelector("[data-focus-picker]");
  const across = document.querySelector("[data-focus=x]");
  const up = document.querySelector("[data-focus=y]");
  const mark = document.querySelector("[data-focus-mark]");
  if (!picker || !across || !up || !mark) return;

  const between = (value) => Math.min(1, Math.max(-1, Number.isFinite(value) ? value : 0));

  function show() {
    mark.hidden = false;
    mark.style.setProperty("--focus-x", String(between(across.valueAsNumber)));
    mark.style.setProperty("--focus-y", String(between(up.valueAsNumber)));
  }

  picker.addEventListener("click", (event) => {
    const box = picker.querySelector("img").getBoundingClientRect();
    across.value = between(((event.clientX - box.left) / box.width) * 2 - 1).toFixed(2);
    up.value = between(1 - ((event.clientY - box.top) / box.height) * 2).toFixed(2);
    across.dispatchEvent(new Event("input", { bubbles: true }));
    show();
  });
  for (const field of [across, up]) field.addEventListener("input", show);
  show();
})();
