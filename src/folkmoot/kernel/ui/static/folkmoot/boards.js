// Moving cards on boards and calendars: dragged with the mouse, or picked up, moved and dropped with the keyboard.
// Either way one form is sent to the card's own address; what it means, and its undo, is the server's.
"use strict";

(() => {
  const KEPT = "folkmoot:moved";
  const status = () => document.querySelector("[data-move-status]");
  const placeOf = (card) => card.closest("[data-drop]");
  const label = (place) => place?.dataset.dropLabel ?? "";
  let picked = null;

  function say(words, card, place, more = {}) {
    const line = status();
    if (!line) return;
    const values = { title: card.dataset.title, place: label(place), ...more };
    line.textContent = line.dataset[words].replace(/\{(\w+)\}/g, (_all, name) => values[name] ?? "");
  }

  function allowed(card, place, home) {
    if (!place) return false;
    const drops = card.dataset.drops;
    return place === home || drops === undefined || drops.split(" ").includes(place.dataset.drop);
  }

  function send(card, place) {
    const form = document.querySelector("[data-move-form]");
    form.action = card.dataset.move;
    form.elements.to.value = place.dataset.drop;
    sessionStorage.setItem(KEPT, card.dataset.card);
    form.requestSubmit();
  }

  const listOf = (place) => (place.matches("ul") ? place : place.querySelector("ul"));
  const handleOf = (card) => card.querySelector(".move-handle");

  // ------------------------------------------------------------ the keyboard
  function pick(card) {
    picked = { card, home: placeOf(card), next: card.nextElementSibling };
    card.classList.add("is-picked");
    handleOf(card).setAttribute("aria-pressed", "true");
    say("picked", card, picked.home);
  }

  function putDown() {
    const { card } = picked;
    card.classList.remove("is-picked");
    handleOf(card).setAttribute("aria-pressed", "false");
    picked = null;
    return card;
  }

  // A card that stands elsewhere in the page loses the focus: it is given back.
  function stand(card, place, before = null) {
    listOf(place).insertBefore(card, before);
    handleOf(card).focus();
  }

  function putBack() {
    const { home, next } = picked;
    const card = putDown();
    stand(card, home, next);
    say("back", card, home);
  }

  function drop() {
    const { home } = picked;
    const card = putDown();
    const place = placeOf(card);
    say(place === home ? "same" : "dropped", card, place);
    if (place !== home) send(card, place);
  }

  // How far an arrow key goes: one lane or day, or a row of the grid (a week where it does not say how many columns it
  // has). Right to left, the sides change places.
  function stepOf(key, { board: kind, columns = "7" }) {
    const forward = document.documentElement.dir === "rtl" ? -1 : 1;
    if (kind === "row") return { ArrowRight: forward, ArrowLeft: -forward }[key];
    if (kind === "days") return { ArrowDown: 1, ArrowUp: -1 }[key];
    return { ArrowRight: forward, ArrowLeft: -forward, ArrowDown: Number(columns), ArrowUp: -Number(columns) }[key];
  }

  function move(step) {
    const { card, home } = picked;
    const board = card.closest("[data-board]");
    const places = [...board.querySelectorAll("[data-drop]")].filter((place) => allowed(card, place, home));
    const there = places.indexOf(placeOf(card)) + step;
    if (!places[there]) return say("edge", card, placeOf(card));
    stand(card, places[there]);
    return say("over", card, places[there], { n: there + 1, all: places.length });
  }

  document.addEventListener("keydown", (event) => {
    const handle = event.target.closest?.(".move-handle");
    if (!handle) return;
    const card = handle.closest("[data-card]");
    const mine = picked?.card === card;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (event.repeat) return;
      if (mine) drop();
      else pick(card);
    } else if (mine && event.key === "Escape") {
      event.preventDefault();
      putBack();
    } else if (mine) {
      const step = stepOf(event.key, card.closest("[data-board]").dataset);
      if (step) {
        event.preventDefault();
        move(step);
      }
    }
  });

  // Who goes elsewhere with a card in hand has put it back.
  document.addEventListener("focusout", (event) => {
    if (!picked || !picked.card.contains(event.target)) return;
    setTimeout(() => {
      if (!picked || picked.card.contains(document.activeElement)) return;
      const { home, next } = picked;
      const card = putDown();
      listOf(home).insertBefore(card, next);
      say("back", card, home);
    });
  });

  // --------------------------------------------------------------- the mouse
  let dragged = null;
  const over = (place) => {
    for (const each of document.querySelectorAll("[data-drop].is-over")) if (each !== place) each.classList.remove("is-over");
    place?.classList.add("is-over");
  };

  function makeDraggable(within) {
    for (const card of within.querySelectorAll("[data-card][data-move]")) {
      card.draggable = true;
      for (const link of card.querySelectorAll("a")) link.draggable = false;
    }
  }
  document.addEventListener("dragstart", (event) => {
    const card = event.target.closest?.("[data-card][data-move]");
    if (!card) return;
    dragged = { card, home: placeOf(card) };
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", card.dataset.title);
    card.classList.add("is-dragged");
  });
  document.addEventListener("dragover", (event) => {
    const place = event.target.closest?.("[data-drop]");
    if (!dragged || !allowed(dragged.card, place, dragged.home)) return over(null);
    event.preventDefault();
    return over(place);
  });
  document.addEventListener("drop", (event) => {
    const place = event.target.closest?.("[data-drop]");
    if (!dragged || !allowed(dragged.card, place, dragged.home)) return;
    event.preventDefault();
    const { card, home } = dragged;
    if (place === home) return;
    listOf(place).append(card);
    say("dropped", card, place);
    send(card, place);
  });
  document.addEventListener("dragend", () => {
    dragged?.card.classList.remove("is-dragged");
    dragged = null;
    over(null);
  });

  // After a move the page is a new one: the focus goes to the card that was moved.
  document.addEventListener("DOMContentLoaded", () => {
    makeDraggable(document);
    const kept = sessionStorage.getItem(KEPT);
    sessionStorage.removeItem(KEPT);
    const card = kept && document.querySelector(`[data-card="${CSS.escape(kept)}"]`);
    // Not before the browser has looked for what asks for the focus by itself.
    if (card) requestAnimationFrame(() => setTimeout(() => handleOf(card)?.focus()));
  });
  document.addEventListener("htmx:afterSwap", (event) => makeDraggable(event.target.parentElement ?? document));
})();
