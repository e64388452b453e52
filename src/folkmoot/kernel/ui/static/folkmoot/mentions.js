// Who is meant by an @: while somebody types one into a field with data-mentions, people are offered below it.
"use strict";

(() => {
  const MENTION = /(^|[^\w@./+-])@([\p{L}\p{N}_.+-]{0,60})$/u;
  let waiting = 0;
  let asked = 0;

  const listOf = (field) => document.getElementById(field.getAttribute("aria-controls") ?? "");
  const options = (list) => [...list.querySelectorAll("[role=option]")];
  const chosen = (list) => list.querySelector("[aria-selected=true]");
  const written = (field) => field.value.slice(0, field.selectionStart).match(MENTION);

  function close(field) {
    const list = listOf(field);
    clearTimeout(waiting);
    asked += 1;
    list.hidden = true;
    list.replaceChildren();
    field.removeAttribute("aria-activedescendant");
    say(field, "");
  }

  function say(field, words) {
    const place = field.closest(".mention-field").querySelector("[aria-live]");
    if (place.textContent !== words) place.textContent = words;
  }

  function choose(field, option) {
    for (const each of options(listOf(field))) each.setAttribute("aria-selected", String(each === option));
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  function take(field, option) {
    const found = written(field);
    if (found) {
      const start = field.selectionStart - found[2].length;
      field.setRangeText(`${option.dataset.handle} `, start, field.selectionStart, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    close(field);
    field.focus();
  }

  async function offer(field) {
    const found = written(field);
    if (!found) return close(field);
    const mine = (asked += 1);
    const answer = await fetch(`${field.dataset.mentions}?q=${encodeURIComponent(found[2])}`, {
      headers: { "X-Requested-With": "fetch" },
    }).catch(() => null);
    if (mine !== asked || !answer?.ok || answer.redirected) return undefined;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine !== asked) return undefined;
    const list = listOf(field);
    list.replaceChildren(...page.querySelectorAll("[role=option]"));
    const all = options(list);
    list.hidden = all.length === 0;
    if (all.length === 0) return close(field);
    choose(field, all[0]);
    return say(field, all.length === 1 ? list.dataset.one : `${all.length} ${list.getAttribute("aria-label")}`);
  }

  const fieldOf = (event) => (event.target.matches?.("[data-mentions]") ? event.target : null);

  document.addEventListener("input", (event) => {
    const field = fieldOf(event);
    if (!field) return;
    clearTimeout(waiting);
    if (!written(field)) close(field);
    else waiting = setTimeout(() => offer(field), 150);
  });

  document.addEventListener("keydown", (event) => {
    const field = fieldOf(event);
    if (!field || listOf(field).hidden) return;
    const all = options(listOf(field));
    const place = all.indexOf(chosen(listOf(field)));
    if (event.key === "ArrowDown") choose(field, all[(place + 1) % all.length]);
    else if (event.key === "ArrowUp") choose(field, all[(place - 1 + all.length) % all.length]);
    else if (event.key === "Enter" || event.key === "Tab") take(field, all[Math.max(place, 0)]);
    else if (event.key === "Escape") close(field);
    else return;
    event.preventDefault();
  });

  // A press on an option must not take the focus from the field before it is taken.
  document.addEventListener("mousedown", (event) => {
    const option = event.target.closest?.(".mention-list [role=option]");
    if (!option) return;
    event.preventDefault();
    take(option.closest(".mention-field").querySelector("[data-mentions]"), option);
  });

  document.addEventListener("focusout", (event) => {
    const field = fieldOf(event);
    if (field) close(field);
  });
})();
