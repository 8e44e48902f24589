/** Markup that is safe to put into a page as it is. */
export interface Html {
  readonly markup: string;
}

type Part = string | number | Html | readonly (string | number | Html)[];

/** A template whose values are escaped, unless they are markup of this function's own making. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const written = strings.map((text, index) => {
    const part = parts[index];
    return part === undefined ? text : text + write(part);
  });
  return { markup: written.join('') };
}

function write(part: Part): string {
  if (typeof part === 'string' || typeof part === 'number') return escapeHtml(String(part));
  if ('markup' in part) return part.markup;
  return part.map(write).join('');
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** A whole page. */
export function layout(title: string, body: Html): string {
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} - simulated Salesforce</title>
<style>${{ markup: CSS }}</style>
</head>
<body>
<p class="banner">A simulated Salesforce, for trying things out. Nothing here leaves this machine.</p>
<main>${body}</main>
</body>
</html>
`.markup;
}

const CSS = `
:root { color-scheme: light dark; --ink: #1c2b33; --soft: #56666f; --paper: #fff; --panel: #f3f6f7; --line: #d5dde1;
  --note: #fff6dd; --note-line: #a06a00; --link: #0b5fa5; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8eef1; --soft: #a4b3bb; --paper: #12191d; --panel: #1b252b; --line: #33424a;
    --note: #2e2610; --note-line: #e0b04c; --link: #7cc0ff; }
}
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: var(--paper); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 0 1rem 3rem; }
.banner { margin: 0; padding: .4rem 1rem; background: var(--panel); color: var(--soft); font-size: .875rem; }
a { color: var(--link); }
h1 { font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere; margin: .5rem 0; }
h1 small { color: var(--soft); font-weight: normal; }
h2 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
.state { display: flex; gap: .75rem; align-items: center; margin: .5rem 0 1rem; }
@media (max-width: 40rem) { th:nth-child(n+3):not(:nth-child(5)), td:nth-child(n+3):not(:nth-child(5)) { display: none; } }
button { font: inherit; padding: .4rem 1rem; border: 1px solid var(--link); border-radius: 6px; background: transparent;
  color: var(--link); cursor: pointer; }
button:focus-visible, a:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.columns { display: grid; gap: 1.5rem; grid-template-columns: minmax(0, 1fr) 20rem; align-items: start; }
@media (max-width: 48rem) { .columns { grid-template-columns: minmax(0, 1fr); } }
aside { background: var(--panel); border-radius: 8px; padding: .25rem 1rem 1rem; }
article { border: 1px solid var(--line); border-radius: 8px; padding: .5rem 1rem; margin: 0 0 1rem; }
article.internal { background: var(--note); border-color: var(--note-line); }
.byline { margin: 0; color: var(--soft); font-size: .875rem; }
.byline strong { color: var(--ink); }
.mark { border: 1px solid currentcolor; border-radius: 4px; padding: 0 .35rem; }
article.internal .mark { color: var(--note-line); }
.text { white-space: pre-wrap; overflow-wrap: anywhere; margin: .5rem 0; }
.status { border: 1px solid var(--line); border-radius: 4px; padding: .05rem .45rem; white-space: nowrap; }
.status.open { border-color: #c0392b; }
.status.closed { border-color: #2d8a4e; }
dl { margin: 0; display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .25rem .75rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
ul { margin: 0; padding-left: 1.1rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .5rem .75rem .5rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 600; }
`;
