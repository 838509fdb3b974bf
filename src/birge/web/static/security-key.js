// A security key: the page carries the question, the key answers, the answer goes back by the page's form.
"use strict";
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const known = (list) => (list || []).map((key) => ({ ...key, id: bytes(key.id) }));

async function made(options) {
  const key = await navigator.credentials.create({ publicKey: {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: known(options.excludeCredentials),
  } });
  return { key, response: { attestationObject: text(key.response.attestationObject) } };
}

async function asked(options) {
  const key = await navigator.credentials.get({ publicKey: {
    ...options, challenge: bytes(options.challenge), allowCredentials: known(options.allowCredentials),
  } });
  const { authenticatorData, signature, userHandle } = key.response;
  const response = { authenticatorData: text(authenticatorData), signature: text(signature) };
  if (userHandle) response.userHandle = text(userHandle);
  return { key, response };
}

for (const form of document.querySelectorAll("form[data-key]")) {
  const button = form.querySelector("button");
  const told = form.querySelector("output");
  if (!window.PublicKeyCredential) { told.textContent = form.dataset.absent; continue; }
  button.disabled = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      const { key, response } = await (form.dataset.key === "make" ? made : asked)(JSON.parse(form.dataset.options));
      response.clientDataJSON = text(key.response.clientDataJSON);
      form.elements.answer.value = JSON.stringify({
        id: key.id, rawId: text(key.rawId), type: key.type, response, clientExtensionResults: key.getClientExtensionResults(),
      });
      form.submit();
    } catch (error) {
      told.textContent = form.dataset.failed;
      button.disabled = false;
    }
  });
}
