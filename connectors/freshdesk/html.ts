const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Plain text as the HTML that Freshdesk takes for notes and descriptions; what a customer wrote stays text. */
export function toHtml(text: string): string {
  const escaped = text.replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
  return `<div>${escaped.split(/\r\n|[\r\n\u2028\u2029]/).join('<br>')}</div>`;
}

/** What a reader sees of HTML, line by line, with signs as they are escaped: enough to look at how a text ends. */
export function toLines(html: string): string {
  return html.replaceAll(/<br\s*\/?>|<\/(?:p|div|li)>/gi, '\n').replaceAll(/<[^>]*>/g, '');
}
