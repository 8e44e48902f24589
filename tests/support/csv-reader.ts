/** Reads a CSV file by the grammar of RFC 4180 and nothing else; throws where it is not kept. */
export function readCsv(text: string): string[][] {
  const fields = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  const records: string[][] = [];
  let record: string[] = [];
  let at = 0;
  while (at < text.length) {
    fields.lastIndex = at;
    const found = fields.exec(text);
    if (found === null) throw new Error(`no field of a CSV file at ${at}: ${text.slice(at, at + 40)}`);
    record.push(found[1] === undefined ? (found[2] ?? '') : found[1].replaceAll('""', '"'));
    if (found[3] === '\r\n') {
      records.push(record);
      record = [];
    }
    at = fields.lastIndex;
  }
  return records;
}
