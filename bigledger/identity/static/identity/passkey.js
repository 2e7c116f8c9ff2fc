// Passkeys: the browser makes or uses one, the form brings its answer. Without support the page stays as it is.
(function () {
  "use strict";
  if (!window.PublicKeyCredential) return;

  function bytes(text) {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (one) => one.charCodeAt(0)).buffer;
  }
  function text(buffer) {
    const plain = String.fromCharCode(...new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }
  function withBytes(list) {
    return (list || []).map((one) => ({...one, id: bytes(one.id)}));
  }
  function answer(credential) {
    const given = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) given[name] = text(credential.response[name]);
    }
    return JSON.stringify({
      id: credential.id, rawId: text(credential.rawId), type: credential.type, response: given,
      clientExtensionResults: credential.getClientExtensionResults(),
    });
  }
  function said(form, words) {
    const place = form.querySelector("[data-said]");
    place.textContent = words;
    place.hidden = !words;
  }

  for (const form of document.querySelectorAll("form[data-passkey=create]")) {
    form.addEventListener("submit", async (event) => {
      if (form.elements.credential.value) return;
      event.preventDefault();
      said(form, "");
      const asked = JSON.parse(form.dataset.options).publicKey;
      asked.challenge = bytes(asked.challenge);
      asked.user.id = bytes(asked.user.id);
      asked.excludeCredentials = withBytes(asked.excludeCredentials);
      try {
        form.elements.credential.value = answer(await navigator.credentials.create({publicKey: asked}));
        form.submit();
      } catch (fault) {
        said(form, fault.name === "InvalidStateError" ? "This device has a passkey already." : "The device did not make a passkey. Try again.");
      }
    });
  }
  for (const form of document.querySelectorAll("form[data-passkey=get]")) {
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      said(form, "");
      try {
        const found = await (await fetch(form.action, {headers: {Accept: "application/json"}})).json();
        const asked = found.options.publicKey;
        asked.challenge = bytes(asked.challenge);
        asked.allowCredentials = withBytes(asked.allowCredentials);
        form.elements.credential.value = answer(await navigator.credentials.get({publicKey: asked}));
        form.elements.state.value = found.state;
        form.submit();
      } catch (fault) {
        said(form, "No passkey was used. Try again, or sign in with your password.");
      }
    });
  }
})();
