// Confirms a rating that was tapped in the mail once the page has really been in sight, and tells the server what it saw. The
// server waits for what link scanners do next before it counts it. If anything here fails, the form still works by its button.
const ENOUGH_MS = 1500;
const form = document.querySelector('form[data-saved]');
const tapped = form && new FormData(form).get('score');
const signals = ['pointermove', 'pointerdown', 'touchstart', 'keydown', 'wheel'];
let shownMs = 0;
let shownSince = null;
let touched = false;
let done = false;
let timer;

function shown() {
  return shownMs + (shownSince === null ? 0 : performance.now() - shownSince);
}

// Frames are painted only for a page in sight.
function onSight() {
  if (document.visibilityState !== 'visible' || document.prerendering || shownSince !== null) return;
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      if (document.visibilityState !== 'visible' || shownSince !== null) return;
      shownSince = performance.now();
      timer = setTimeout(confirm, ENOUGH_MS - shownMs);
      if (touched) confirm();
    }),
  );
}

function onHidden() {
  clearTimeout(timer);
  shownMs = shown();
  shownSince = null;
  // A timer may sleep where time does not.
  if (shownMs >= ENOUGH_MS) confirm();
}

function onSignal(event) {
  if (!event.isTrusted) return;
  touched = true;
  // Whoever presses inside the form may be choosing another score.
  const isChoosing = !['pointermove', 'wheel'].includes(event.type) && form.contains(event.target);
  if (shownSince !== null && !isChoosing) confirm();
}

function confirm() {
  const answer = new URLSearchParams(new FormData(form));
  if (done || answer.get('score') !== tapped) return;
  stop();
  const [navigation] = performance.getEntriesByType('navigation');
  answer.set('auto', '1');
  answer.set('shown', String(Math.round(shown())));
  if (touched) answer.set('touched', '1');
  if (navigator.webdriver) answer.set('driven', '1');
  if (navigation?.activationStart > 0) answer.set('activated', '1');
  send(answer).catch((error) => console.warn('The rating was not saved yet; the button saves it.', error));
}

async function send(answer) {
  const response = await fetch(location.pathname, { method: 'POST', body: answer, keepalive: true });
  const receipt = response.ok ? await response.json() : {};
  if (receipt.saved) form.querySelector('.saved').textContent = form.dataset.saved;
  if (receipt.held) ask();
}

// One key is enough then, unless somebody is typing already.
function ask() {
  form.querySelector('.held').textContent = form.dataset.held;
  if (document.activeElement === document.body) form.querySelector('button').focus();
}

function stop() {
  done = true;
  clearTimeout(timer);
  for (const signal of signals) removeEventListener(signal, onSignal, true);
}

if (form) {
  for (const signal of signals) addEventListener(signal, onSignal, { capture: true, passive: true });
  document.addEventListener('prerenderingchange', onSight);
  document.addEventListener('visibilitychange', () =>
    document.visibilityState === 'visible' ? onSight() : onHidden(),
  );
  addEventListener('pagehide', onHidden);
  form.addEventListener('submit', stop);
  onSight();
}
