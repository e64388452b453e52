// The mail's link carries the code after "#", which browsers do not send: it is put into the field and the form is sent.
"use strict";

function takeCode() {
  const code = decodeURIComponent(window.location.hash.slice(1));
  const form = document.querySelector("form[data-mailed-code]");
  if (!form || !/^[\w-]{4,20}$/.test(code) || document.querySelector("[data-error-list]")) return;
  window.history.replaceState(null, "", window.location.pathname + window.location.search);
  form.elements.code.value = code;
  form.requestSubmit();
}

document.addEventListener("DOMContentLoaded", takeCode);
// The link opened in the very tab that waits for the code only changes what stands after "#".
window.addEventListener("hashchange", takeCode);
