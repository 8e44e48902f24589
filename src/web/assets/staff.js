/** Keeps a page at what holds now: fetches it again while somebody looks, and swaps what changed. The page does not need it. */
const EVERY_MS = 20_000;

const main = document.querySelector('main[data-live]');
const news = document.querySelector('#news');

/** Nothing moves under somebody who types, chooses, selects or has something open that is closed by default. */
function isBusy() {
  const active = document.activeElement;
  if (active?.closest('form') && main.contains(active)) return true;
  if (main.querySelector('details[open]') || [...main.querySelectorAll('input, select')].some(isTouched))
    return true;
  const selection = document.getSelection();
  return selection !== null && !selection.isCollapsed;
}

/** True for a field that holds something else than what it came with. */
function isTouched(field) {
  if (field instanceof HTMLSelectElement)
    return ![...field.options].every((option) => option.selected === option.defaultSelected);
  return field.value !== field.defaultValue || field.checked !== field.defaultChecked;
}

/** Where the keyboard is, as an address: a swap must not take it away. */
function focusedLink() {
  const active = document.activeElement;
  return active instanceof HTMLAnchorElement && main.contains(active) ? active.getAttribute('href') : null;
}

async function look() {
  if (document.hidden || isBusy()) return;
  const response = await fetch(location.href, { credentials: 'same-origin', redirect: 'manual' });
  // The session is over: the way to the sign-in, and back here.
  if (response.type === 'opaqueredirect') location.reload();
  if (!response.ok) return;
  const fresh = new DOMParser()
    .parseFromString(await response.text(), 'text/html')
    .querySelector('main[data-live]');
  if (fresh === null || isBusy() || fresh.innerHTML === seen) return;
  const focused = focusedLink();
  main.replaceChildren(...fresh.childNodes);
  seen = main.innerHTML;
  if (focused !== null) main.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  news.textContent = '';
  news.textContent = 'The figures on this page have been updated.';
}

let seen = main?.innerHTML;
if (main) {
  setInterval(() => look().catch(() => undefined), EVERY_MS);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) look().catch(() => undefined);
  });
}
