// A button that copies a field. Where the browser gives no clipboard, the text is selected, ready for Ctrl-C.
"use strict";

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  const field = button && document.getElementById(button.dataset.copy);
  if (!field) return;
  field.focus();
  field.select();
  if (!navigator.clipboard) return;
  try {
    await navigator.clipboard.writeText(field.value);
    button.lastChild.textContent = ` ${button.dataset.copied}`;
  } catch {
    // Selected it is; the person copies it.
  }
});
