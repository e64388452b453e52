// What the frame and the components do beyond HTML. Loaded before Alpine; nothing here needs eval.
"use strict";

const one = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// Menus are <details>: the browser opens them; here they close again, and the arrow keys walk through them.
document.addEventListener("click", (event) => {
  for (const menu of all("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("toggle", (event) => {
  if (!event.target.matches?.("details[data-menu]") || !event.target.open) return;
  for (const menu of all("details[data-menu][open]")) {
    if (menu !== event.target && !menu.contains(event.target)) menu.open = false;
  }
  keepInside(one(".menu-panel", event.target));
}, true);

// A panel that would leave the window moves back into it: sideways, and above its button where there is more room.
function keepInside(panel) {
  if (!panel) return;
  const margin = 8;
  panel.style.transform = "";
  const menu = panel.closest(".menu");
  const bar = one(".bottombar")?.offsetHeight ?? 0;
  const button = one("summary", menu).getBoundingClientRect();
  let box = panel.getBoundingClientRect();
  const below = window.innerHeight - bar - button.bottom;
  if (!menu.closest(".bottombar")) menu.classList.toggle("menu-above", box.height > below && button.top > below + 80);
  box = panel.getBoundingClientRect();
  const right = box.right - (document.documentElement.clientWidth - margin);
  const move = right > 0 ? -right : Math.max(0, margin - box.left);
  if (move) panel.style.transform = `translateX(${Math.round(move)}px)`;
}
document.addEventListener("focusout", (event) => {
  const menu = event.target.closest?.("details[data-menu][open]");
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details[data-menu]");
  if (!menu) return;
  if (event.key === "Escape" && menu.open) {
    menu.open = false;
    one("summary", menu).focus();
    event.preventDefault();
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !event.target.matches("input, select, textarea")) {
    const stops = all("a[href], button, input", menu).filter((stop) => stop.offsetParent !== null);
    menu.open = true;
    const step = event.key === "ArrowDown" ? 1 : -1;
    const place = stops.indexOf(event.target);
    const next = place < 0 ? (step > 0 ? 0 : stops.length - 1) : (place + step + stops.length) % stops.length;
    (stops[next] ?? one("a[href], button, input", menu))?.focus();
    event.preventDefault();
  }
});

// Keys of one letter. They rest while somebody types, and wherever they were switched off (on the page of help).
const QUIET_KEYS = "folkmoot:quiet-keys";
const isTyping = (target) =>
  target instanceof HTMLElement &&
  !target.closest("dialog:not([open])") && // the palette's own field keeps the focus for a moment after it was closed
  (target.isContentEditable ||
    target.closest("textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=button]):not([type=submit])") !== null);
const isPlainKey = (event) =>
  !event.ctrlKey && !event.metaKey && !event.altKey && !event.defaultPrevented && !event.isComposing &&
  !isTyping(event.target) && !one("dialog[open], details[data-menu][open]") && localStorage.getItem(QUIET_KEYS) === null;

// j and k walk through the rows of a list or of Today, x selects one, o opens it; Enter does so anyway, since its link has the focus.
document.addEventListener("keydown", (event) => {
  if (!["j", "k", "x", "o", "?"].includes(event.key) || !isPlainKey(event)) return;
  if (event.key === "?") {
    const help = one(".topbar-help");
    if (help) event.preventDefault();
    help?.click();
    return;
  }
  const rows = all("main .table-list > tbody > tr, main .today-row");
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  const stopOf = (row) => one("th a[href], .today-do a[href]", row) ?? one("a[href], button, input", row);
  if (event.key === "j" || event.key === "k") {
    const next = here < 0 ? (event.key === "j" ? 0 : rows.length - 1) : here + (event.key === "j" ? 1 : -1);
    if (!rows[next]) return;
    stopOf(rows[next])?.focus();
  } else if (here < 0) {
    return;
  } else if (event.key === "x") {
    one("input[name=selected]", rows[here])?.click();
  } else {
    one("th a[href], .today-do a[href]", rows[here])?.click();
  }
  event.preventDefault();
});

// A list's search field asks while one types; its change on leaving would fetch the same rows again and drop what is selected.
document.addEventListener("change", (event) => {
  if (event.target.matches?.(".filters-search")) event.stopPropagation();
}, true);

// A button or form with data-confirm names its consequence first. The form is sent again once the person agrees.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const asked = event.submitter?.dataset.confirm ? event.submitter : form.dataset.confirm ? form : null;
  const dialog = one("#confirm");
  if (!asked || !dialog || form.dataset.agreed) {
    delete form.dataset.agreed;
    return;
  }
  event.preventDefault();
  const words = asked.dataset;
  const button = one("[data-confirm-yes]", dialog);
  const label = words.confirmLabel || event.submitter?.textContent.trim() || "";
  button.textContent = label;
  one("[data-confirm-title]", dialog).textContent = words.confirmTitle || label;
  one("[data-confirm-text]", dialog).textContent = words.confirm;
  dialog.returnValue = "cancel";
  dialog.addEventListener("close", () => {
    if (dialog.returnValue !== "yes") return;
    form.dataset.agreed = "yes";
    form.requestSubmit(event.submitter ?? undefined);
  }, { once: true });
  dialog.showModal();
}, true);

// The list of errors is what a person should hear first.
document.addEventListener("DOMContentLoaded", () => one("[data-error-list]")?.focus());

document.addEventListener("alpine:init", () => {
  const { Alpine } = window;

  // Toasts go by themselves after a while, but not those that can be undone or tell of a failure.
  Alpine.data("toasts", () => ({
    init() {
      for (const line of all("[data-toast]", this.$el)) {
        one("[data-toast-close]", line).addEventListener("click", () => line.remove());
        if (!one("form", line) && !line.classList.contains("toast-error")) setTimeout(() => line.remove(), 8000);
      }
    },
  }));

  // Whether keys of one letter work in this browser.
  Alpine.data("letterKeys", () => ({
    on: localStorage.getItem(QUIET_KEYS) === null,
    keep(event) {
      this.on = event.target.checked;
      if (this.on) localStorage.removeItem(QUIET_KEYS);
      else localStorage.setItem(QUIET_KEYS, "yes");
    },
  }));

  // Selected rows of a list.
  Alpine.data("rows", () => ({
    count: 0,
    get any() {
      return this.count > 0;
    },
    boxes() {
      return all("input[name=selected]", this.$root);
    },
    toggle(event) {
      for (const box of this.boxes()) box.checked = event.target.checked;
      this.update();
    },
    update() {
      const boxes = this.boxes();
      this.count = boxes.filter((box) => box.checked).length;
      for (const box of boxes) box.closest("tr").classList.toggle("is-selected", box.checked);
      const head = this.$refs.all;
      if (head) {
        head.checked = this.count > 0 && this.count === boxes.length;
        head.indeterminate = this.count > 0 && this.count < boxes.length;
      }
    },
  }));

  // A long form is kept in this browser while somebody types, until it is sent.
  Alpine.data("draft", () => ({
    init() {
      const form = this.$root;
      const key = `draft:${form.dataset.draft}`;
      const fields = () => all("input:not([type=hidden]):not([type=password]):not([type=file]), select, textarea", form);
      const kept = JSON.parse(localStorage.getItem(key) ?? "null");
      if (kept && !one(".has-errors", form)) {
        for (const field of fields()) {
          if (!(field.name in kept)) continue;
          if (field.type === "checkbox" || field.type === "radio") field.checked = kept[field.name].includes(field.value);
          else field.value = kept[field.name][0] ?? "";
        }
      }
      let waiting;
      form.addEventListener("input", () => {
        clearTimeout(waiting);
        waiting = setTimeout(() => {
          const values = {};
          for (const field of fields()) {
            if (!field.name) continue;
            values[field.name] ??= [];
            if ((field.type !== "checkbox" && field.type !== "radio") || field.checked) values[field.name].push(field.value);
          }
          localStorage.setItem(key, JSON.stringify(values));
        }, 400);
      });
      form.addEventListener("submit", () => {
        clearTimeout(waiting);
        localStorage.removeItem(key);
      });
    },
  }));
});
