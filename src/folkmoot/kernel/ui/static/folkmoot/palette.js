// The palette: Ctrl-K or / opens it, arrows choose, Enter opens, Esc closes. Results come by htmx as one types.
(() => {
  const dialog = document.getElementById("palette");
  if (!dialog || typeof dialog.showModal !== "function") return;
  const input = document.getElementById("palette-input");
  const results = document.getElementById("palette-results");
  const status = document.getElementById("palette-status");
  let chosen = -1;

  const options = () => [...results.querySelectorAll("a[role=option]")];

  const choose = (index) => {
    const all = options();
    chosen = all.length ? (index + all.length) % all.length : -1;
    all.forEach((option, n) => option.setAttribute("aria-selected", String(n === chosen)));
    if (chosen < 0) {
      input.removeAttribute("aria-activedescendant");
    } else {
      input.setAttribute("aria-activedescendant", all[chosen].id);
      all[chosen].scrollIntoView({ block: "nearest" });
    }
  };

  const open = () => {
    if (dialog.open) return;
    dialog.showModal();
    input.focus();
    input.select();
    input.dispatchEvent(new CustomEvent("palette-opened"));
  };

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      dialog.open ? dialog.close() : open();
    } else if (event.key === "/" && isPlainKey(event)) {
      event.preventDefault();
      open();
    }
  });

  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    if (event.target.closest("[data-palette-open]") && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      open();
    } else if (event.target.closest("[data-palette-close]") || event.target === dialog) {
      dialog.close();
    }
  });

  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen < 0 ? -1 : chosen - 1);
    else if (event.key === "Enter" && chosen >= 0) options()[chosen].click();
    else if (event.key === "Escape") dialog.close(); // a search field would only empty itself
    else return;
    event.preventDefault();
  });

  results.addEventListener("htmx:afterSwap", () => {
    const told = results.querySelector("[data-palette-status]");
    status.textContent = told ? told.dataset.paletteStatus : "";
    choose(input.value.trim() ? 0 : -1);
  });
})();
