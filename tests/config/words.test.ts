import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDuration, writeDuration } from '../../src/config/duration.ts';
import { isHttpsOrLoopback } from '../../src/config/https.ts';
import { hideSecrets, isSecretPath, visiblePath } from '../../src/config/secrecy.ts';
import { suggest } from '../../src/config/suggest.ts';

describe('durations', () => {
  it.each([
    ['500ms', 500],
    ['90s', 90_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['14d', 1_209_600_000],
    ['0m', 0],
  ])('%s is %i ms', (text, durationMs) => {
    expect(parseDuration(text)).toBe(durationMs);
  });

  it.each(['', '5', 'm', '1.5s', '-5m', '5 m', '5M', '5m ', '1h30m', '9999999999d'])('%j is none', (text) => {
    expect(parseDuration(text)).toBeNull();
  });

  it('are read as they were written', () => {
    fc.assert(
      fc.property(
        fc.nat(999_999_999),
        (durationMs) => parseDuration(writeDuration(durationMs)) === durationMs,
      ),
    );
  });
});

describe('suggestions', () => {
  const KEYS = ['publicUrl', 'host', 'port', 'secret', 'trustProxy'];
  it.each([
    ['prot', 'port'],
    ['publicURL', 'publicUrl'],
    ['secrets', 'secret'],
    ['trust_proxy', 'trustProxy'],
    ['delay', null],
    ['x', null],
  ])('%s: %s', (typed, meant) => {
    expect(suggest(typed, KEYS)).toBe(meant);
  });
});

describe('secrets', () => {
  it.each([
    ['server', 'secret'],
    ['server', 'secret', 1],
    ['mail', 'url'],
    ['webhooks', 'data-team', 'url'],
    ['webhooks', 'data-team', 'secret'],
    ['database', 'url'],
    ['connectors', 'desk', 'auth'],
    ['connectors', 'desk', 'auth', 'clientSecret'],
    ['connectors', 'desk', 'apiKey'],
    ['connectors', 'desk', 'auth', 'password'],
  ])('stand at %s %s %s %s', (...path) => {
    expect(isSecretPath(path.filter((part) => part !== undefined))).toBe(true);
  });

  it.each([
    ['server', 'publicUrl'],
    ['connectors', 'secret-desk', 'baseUrl'],
    ['webhooks', 'secret-team', 'comments'],
    ['connectors', 'desk', 'auth', 'clientId'],
    ['mail', 'from'],
  ])('do not stand at %s %s %s %s', (...path) => {
    expect(isSecretPath(path.filter((part) => part !== undefined))).toBe(false);
  });

  it('end the path that is shown', () => {
    expect(visiblePath(['server', 'secret', 'planted', 0])).toEqual(['server', 'secret', 0]);
    expect(visiblePath(['connectors', 'desk', 'auth', 'clientId'])).toEqual([
      'connectors',
      'desk',
      'auth',
      'clientId',
    ]);
  });

  it('are hidden wherever they occur, the longest first', () => {
    expect(hideSecrets('abcdefgh and abcdef', ['abcdef', 'abcdefgh', 'and'])).toBe('[secret] and [secret]');
  });
});

describe('addresses', () => {
  it.each([
    ['https://acme.example', true],
    ['http://localhost:3000', true],
    ['http://127.0.0.1', true],
    ['http://[::1]:80', true],
    ['http://acme.example', false],
    ['http://127.0.0.1.acme.example', false],
    ['http://notlocalhost', false],
    ['ftp://localhost', false],
  ])('%s: %s', (address, allowed) => {
    expect(isHttpsOrLoopback(new URL(address))).toBe(allowed);
  });
});
