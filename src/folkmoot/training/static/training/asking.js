// Hides the fields of a form for requests that are asked only when another one is answered in a certain way.
// Without this script all of them are there, and say when they are meant.
"use strict";
document.querySelectorAll(".asking-form").forEach((form) => {
  const values = (name) =>
    [...form.querySelectorAll("input, select, textarea")] // a preview is no form
      .filter((one) => one.name === name && (!["radio", "checkbox"].includes(one.type) || one.checked))
      .map((one) => one.value);
  const settle = () => {
    form.querySelectorAll("[data-when]").forEach((input) => {
      const box = input.closest(".field");
      const on = input.dataset.value === "yes" ? ["yes", "on"] : [input.dataset.value];
      if (box) box.hidden = !values(input.dataset.when).some((one) => on.includes(one));
    });
  };
  form.addEventListener("change", settle);
  settle();
});
