// Passkeys need a script; everything else on these pages works without one.
// A form with data-passkey="sign-in" or "register" asks the device before it is sent, and carries what it answered.

const decode = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (character) => character.charCodeAt(0));

const encode = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

const withBytes = (list) => (list || []).map((one) => ({ ...one, id: decode(one.id) }));

async function optionsFor(form) {
  const body = new URLSearchParams(new FormData(form));
  body.delete('credential');
  const answer = await fetch(`${form.getAttribute('action')}/options`, { method: 'POST', body });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function register(options) {
  const made = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: decode(options.challenge),
      user: { ...options.user, id: decode(options.user.id) },
      excludeCredentials: withBytes(options.excludeCredentials),
    },
  });
  return {
    id: made.id,
    rawId: encode(made.rawId),
    type: made.type,
    response: {
      clientDataJSON: encode(made.response.clientDataJSON),
      attestationObject: encode(made.response.attestationObject),
      transports: made.response.getTransports ? made.response.getTransports() : [],
    },
  };
}

async function signIn(options) {
  const found = await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: decode(options.challenge),
      allowCredentials: withBytes(options.allowCredentials),
    },
  });
  return {
    id: found.id,
    rawId: encode(found.rawId),
    type: found.type,
    response: {
      clientDataJSON: encode(found.response.clientDataJSON),
      authenticatorData: encode(found.response.authenticatorData),
      signature: encode(found.response.signature),
      userHandle: found.response.userHandle ? encode(found.response.userHandle) : null,
    },
  };
}

const ways = { 'sign-in': signIn, register };

// Web Authentication knows no addresses: on http://127.0.0.1 the form stays hidden, on http://localhost it works.
const possible = Boolean(window.PublicKeyCredential) && !/^[\d.]+$|^\[/.test(window.location.hostname);

for (const element of document.querySelectorAll('.needs-passkeys')) element.hidden = !possible;

for (const form of document.querySelectorAll('form[data-passkey]')) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const failed = form.querySelector('[data-failed]');
    failed.hidden = true;
    try {
      const credential = await ways[form.dataset.passkey](await optionsFor(form));
      form.elements.credential.value = JSON.stringify(credential);
      form.submit();
    } catch {
      failed.hidden = false;
    }
  });
}
