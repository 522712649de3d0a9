// Passkeys: asks the browser for one and posts its answer with the form. Every page with such a form has another way that needs no script.
const ask = {
  create: (options) => navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }),
  get: (options) => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }),
};

// A passkey belongs to a site's name: at another address of the same portal there is none to ask for.
const usable = (form) => location.hostname === form.dataset.host && globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON;

const prepare = (form) => {
  if (!usable(form)) return;
  const problem = form.querySelector("[role=alert]");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.hidden = true;
    try {
      const credential = await ask[form.dataset.passkey](JSON.parse(form.dataset.options));
      form.elements.answer.value = JSON.stringify(credential.toJSON());
      form.submit();
    } catch {
      problem.hidden = false;
    }
  });
};

document.querySelectorAll("form[data-passkey]").forEach(prepare);
