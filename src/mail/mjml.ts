/** What we use of the package, which carries no types. */
type RenderMjml = (
  source: string,
  options: {
    readonly validationLevel: 'strict';
    readonly keepComments: boolean;
    readonly fonts: Readonly<Record<string, string>>;
  },
) => Promise<{ readonly html: string }>;

/**
 * HTML of an MJML document, without the blanks that only indent it. Throws when the document is not valid MJML.
 * The package takes as long to load as hundreds of mails take to send, so it is loaded with the first document.
 */
export async function renderMjml(source: string): Promise<string> {
  // @ts-expect-error: no types; `RenderMjml` is what its documentation promises.
  const { default: render }: { default: RenderMjml } = await import('mjml');
  // Without `fonts` it would load some from others' servers.
  const { html } = await render(source, { validationLevel: 'strict', keepComments: false, fonts: {} });
  return html.replace(/\s*\n\s*/g, '\n');
}
