// The mail's link carries the code after "#", which browsers do not send: it is put into the field and the form is sent.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const code = decodeURIComponent(window.location.hash.slice(1));
  const form = document.querySelector("form[data-mailed-code]");
  if (!form || !/^[\w-]{4,20}$/.test(code) || document.querySelector("[data-error-list]")) return;
  window.history.replaceState(null, "", window.location.pathname + window.location.search);
  form.elements.code.value = code;
  form.requestSubmit();
});
