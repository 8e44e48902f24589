// Saves a rating that was tapped in the mail, once a person is seen to be here: link scanners open pages and run scripts,
// and scroll them, but they do not move a pointer or press a key. If anything here fails, the form still works by its button.
const form = document.querySelector('form[data-saved]');
const status = form?.querySelector('[role="status"]');
const signals = ['pointermove', 'pointerdown', 'touchstart', 'keydown', 'wheel'];

async function save() {
  const answer = new URLSearchParams(new FormData(form));
  answer.set('auto', '1');
  const response = await fetch(location.pathname, { method: 'POST', body: answer, keepalive: true });
  const receipt = response.ok ? await response.json() : null;
  if (receipt?.saved) status.textContent = form.dataset.saved;
}

function onSignal(event) {
  if (!event.isTrusted) return;
  stopListening();
  save().catch((error) => console.warn('The rating was not saved yet; the button saves it.', error));
}

function stopListening() {
  for (const signal of signals) removeEventListener(signal, onSignal, true);
}

if (form) {
  for (const signal of signals) addEventListener(signal, onSignal, { capture: true, passive: true });
  form.addEventListener('submit', stopListening);
}
