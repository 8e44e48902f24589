import { expect, test } from 'vitest';
import { readXml, writeXml, XmlError } from './xml.ts';

test('elements become objects: lists where they repeat, null where they say so, text as it was meant', () => {
  const text = `<?xml version="1.0"?><!-- a note -->
    <x:Envelope xmlns:x="http://example.org/x"><x:a>1 &lt; 2 &amp;&#33;&#x21;</x:a><a><![CDATA[<b>]]></a>
    <c xsi:nil="true"/><d xsi:type="Picklist"><e/></d></x:Envelope>`;
  expect(readXml(text)).toEqual({
    Envelope: { a: ['1 < 2 &!!', '<b>'], c: null, d: { '@type': 'Picklist', e: '' } },
  });
});

test.each(['<a><b></a></b>', '<a>', '</a>', 'nothing', '<a>&nobody;</a>'])('%s is no XML', (text) => {
  expect(() => readXml(text)).toThrow(XmlError);
});

test('what is written can be read', () => {
  const value = { a: ['1 < 2', '"&"'], b: { c: 'true' } };
  expect(readXml(writeXml('root', { ...value, gone: null }))).toEqual({ root: value });
});
