// Shows a choice at once. Without this script the button does.
const form = document.querySelector('form');
const frame = document.querySelector('#frame');
const facts = document.querySelector('#facts');
let latest = 0;

document.documentElement.classList.add('scripted');

form.addEventListener('change', async () => {
  const query = new URLSearchParams(new FormData(form));
  history.replaceState(null, '', `?${query}`);
  latest += 1;
  const mine = latest;
  const shown = await (await fetch(`/shown?${query}`)).json();
  // A slow answer to an earlier choice must not replace a later one.
  if (mine !== latest) return;
  frame.className = query.get('width');
  if (new URL(frame.src).pathname + new URL(frame.src).search !== shown.src) frame.src = shown.src;
  facts.replaceChildren(
    ...shown.facts.flatMap(([name, value]) => {
      const [term, words] = [document.createElement('dt'), document.createElement('dd')];
      term.textContent = name;
      words.textContent = value;
      words.dir = 'auto';
      return [term, words];
    }),
  );
});
