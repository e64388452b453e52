// Passkeys: asks the browser and sends what it answers. Options come in a JSON block, or from the server at sign-in.
"use strict";

(() => {
  const options = () => JSON.parse(document.getElementById("passkey-options").textContent);

  const ask = {
    async login(form) {
      const answer = await fetch(form.action, { headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" } });
      if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
      return window.webauthnJSON.get((await answer.json()).request_options);
    },
    get: async () => window.webauthnJSON.get(options().request_options),
    async create(form) {
      const wanted = options().creation_options;
      const alone = form.elements.passwordless?.checked ?? false;
      wanted.publicKey.authenticatorSelection = {
        ...wanted.publicKey.authenticatorSelection,
        residentKey: alone ? "required" : "discouraged",
        requireResidentKey: alone,
        userVerification: alone ? "required" : "preferred",
      };
      return window.webauthnJSON.create(wanted);
    },
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const kind = form.dataset?.passkey;
    if (!kind || form.dataset.answered) return;
    event.preventDefault();
    const problem = form.querySelector("[data-passkey-problem]");
    if (problem) problem.hidden = true;
    try {
      const credential = await ask[kind](form);
      const field = form.querySelector("[data-passkey-credential]") ?? form.elements.credential;
      field.value = JSON.stringify(credential);
      form.dataset.answered = "yes";
      form.submit();
    } catch (error) {
      if (problem) problem.hidden = false;
    }
  });
})();
