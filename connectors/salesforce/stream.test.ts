import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { StreamBell } from '../../src/connector.ts';
import { AuthError, ConfigError, PermanentError, RetryableError } from '../../src/errors.ts';
import { createApi } from './client.ts';
import { Config } from './config.ts';
import { changeEvent, type ScriptedComet, scriptComet } from './scripted-comet.ts';
import {
  CASE,
  CLIENT,
  connectTo,
  contextOf,
  memoryTokens,
  OTHER_CASE,
  refusal,
  type ScriptedOrg,
  startScriptedOrg,
  tokenBody,
} from './scripted-org.ts';
import { streamCases } from './stream.ts';

interface Heard {
  readonly bell: StreamBell;
  readonly cursor: string;
}

/** A stream that runs until the test ends, with what it pushed. */
async function listen(
  org: ScriptedOrg,
  options: { cursor?: string | null; settings?: Record<string, unknown>; push?: () => Promise<void> } = {},
) {
  const heard: Heard[] = [];
  const stopping = new AbortController();
  let rung: () => void = () => undefined;
  const ended = connectTo(org, options.settings)
    .stream(
      options.cursor ?? null,
      async (bell, cursor) => {
        await options.push?.();
        heard.push({ bell, cursor });
        rung();
      },
      stopping.signal,
    )
    .then(
      () => 'stopped' as const,
      (error: unknown) => error,
    );
  onTestFinished(() => stopping.abort());
  return {
    heard,
    ended,
    stop: () => stopping.abort(),
    /** The bells, once there are so many. */
    async bells(count: number): Promise<readonly StreamBell[]> {
      while (heard.length < count)
        await new Promise<void>((resolve) => {
          rung = resolve;
        });
      return heard.map(({ bell }) => bell);
    },
  };
}

async function openComet(timeoutMs?: number): Promise<{ org: ScriptedOrg; comet: ScriptedComet }> {
  const org = await startScriptedOrg();
  onTestFinished(() => org[Symbol.asyncDispose]());
  return { org, comet: scriptComet(org, timeoutMs) };
}

/** A cursor as the stream left it behind an event. */
async function cursorBehind(replayId: number): Promise<string> {
  const { org, comet } = await openComet();
  const stream = await listen(org);
  await comet.listening();
  comet.tell(changeEvent(replayId));
  await stream.bells(2);
  stream.stop();
  return stream.heard[1]?.cursor ?? '';
}

describe('a first stream', () => {
  test('listens to new events, rings for a closing, and says where it stands', async () => {
    const { org, comet } = await openComet();
    const stream = await listen(org);
    await comet.listening();
    comet.tell(changeEvent(31337));
    expect(await stream.bells(2)).toEqual([{ ids: [] }, { ids: [CASE] }]);
    expect(comet.asked).toEqual([-1]);
    expect(JSON.parse(stream.heard[1]?.cursor ?? '')).toMatchObject({ replayId: 31337 });
    const [handshake] = org.calls('POST /cometd/67.0');
    expect(handshake?.headers.authorization).toBe('OAuth 00Dxx!token-1');
  });

  test('names several ids of one event, and those of several events that came together once', async () => {
    const { org, comet } = await openComet();
    const stream = await listen(org);
    await comet.listening();
    comet.tell(changeEvent(1, { recordIds: [CASE, OTHER_CASE] }), changeEvent(2, { recordIds: [CASE] }));
    expect((await stream.bells(2))[1]).toEqual({ ids: [CASE, OTHER_CASE] });
    expect(JSON.parse(stream.heard[1]?.cursor ?? '')).toMatchObject({ replayId: 2 });
  });

  test('goes on after the first answer', async () => {
    const { org, comet } = await openComet();
    const stream = await listen(org);
    for (const replayId of [1, 2, 3]) {
      await comet.listening();
      comet.tell(changeEvent(replayId));
      await stream.bells(1 + replayId);
    }
    expect(await stream.bells(4)).toEqual([{ ids: [] }, { ids: [CASE] }, { ids: [CASE] }, { ids: [CASE] }]);
  });
});

test.each([
  ['our own write', { changeOrigin: 'com/salesforce/api/rest/67.0;client=caseloop' }, { Status: 'New' }, []],
  [
    "another client's write",
    { changeOrigin: 'com/salesforce/api/rest/67.0;client=caseloop-x' },
    { Status: 'Closed' },
    [CASE],
  ],
  ['an update that leaves the status alone', {}, { Priority: 'High' }, []],
  ['an update that only says when it was closed', {}, { ClosedDate: null }, [CASE]],
  ['a new case that does not say', { changeType: 'CREATE' }, { Subject: 'x' }, [CASE]],
  ['a new case that is closed', { changeType: 'CREATE' }, { Status: 'Closed', IsClosed: true }, [CASE]],
  ['a new case that is open', { changeType: 'CREATE' }, { Status: 'New', IsClosed: false }, []],
  ['a deletion', { changeType: 'DELETE' }, {}, [CASE]],
  ['a gap', { changeType: 'GAP_UPDATE' }, {}, [CASE]],
  ['a gap that names us', { changeType: 'GAP_UPDATE', changeOrigin: 'x;client=caseloop' }, {}, [CASE]],
  [
    'an id of 15 characters',
    { recordIds: ['500xx000001abcD'] },
    { Status: 'Closed' },
    ['500xx000001abcDAAQ'],
  ],
] as const)('%s', async (_, header, body, ids) => {
  const { org, comet } = await openComet();
  const stream = await listen(org);
  await comet.listening();
  comet.tell(changeEvent(7, header, body));
  expect((await stream.bells(2))[1]).toEqual({ ids });
  expect(JSON.parse(stream.heard[1]?.cursor ?? '')).toMatchObject({ replayId: 7 });
});

test.each([
  ['an overflow without ids', { changeType: 'GAP_OVERFLOW', recordIds: [] }],
  ['an overflow with a wildcard', { changeType: 'GAP_OVERFLOW', recordIds: ['500*'] }],
  ['an overflow that names some', { changeType: 'GAP_OVERFLOW', recordIds: [CASE] }],
  ['a gap with a wildcard beside an id', { changeType: 'GAP_UPDATE', recordIds: [CASE, '500*'] }],
])('%s asks for a watch from a quarter of an hour before the commit', async (_, header) => {
  const { org, comet } = await openComet();
  const stream = await listen(org);
  await comet.listening();
  comet.tell(changeEvent(1), changeEvent(2, header), changeEvent(3, { recordIds: [OTHER_CASE] }));
  expect(await stream.bells(4)).toEqual([
    { ids: [] },
    { ids: [CASE] },
    { rescanFrom: new Date('2026-11-21T09:44:00Z') },
    { ids: [OTHER_CASE] },
  ]);
  expect(stream.heard.slice(1).map(({ cursor }) => JSON.parse(cursor).replayId)).toEqual([1, 2, 3]);
});

test('an event that cannot be read asks for a watch, and says nothing of its content', async () => {
  const { org, comet } = await openComet();
  const stream = await listen(org);
  await comet.listening();
  comet.tell({ event: { replayId: 1 }, payload: { Subject: 'planted' } });
  expect((await stream.bells(2))[1]).toHaveProperty('rescanFrom');
});

describe('from a cursor', () => {
  test('it goes on behind the event, and asks for nothing else', async () => {
    const cursor = await cursorBehind(41);
    const { org, comet } = await openComet();
    const stream = await listen(org, { cursor });
    await comet.listening();
    comet.tell(changeEvent(42));
    expect(await stream.bells(1)).toEqual([{ ids: [CASE] }]);
    expect(comet.asked).toEqual([41]);
  });

  test('a replay id that is refused makes way for new events and a watch from where it stood', async () => {
    const cursor = await cursorBehind(41);
    const { org, comet } = await openComet();
    comet.refuse('/meta/subscribe', {
      error:
        '400::The replayId {41} you provided was invalid. Please provide a valid ID, -2 to replay all events, or -1 to replay only new events.',
    });
    const stream = await listen(org, { cursor });
    await comet.listening();
    comet.tell(changeEvent(99));
    expect(await stream.bells(2)).toEqual([
      { rescanFrom: new Date('2026-11-21T09:44:00Z') },
      { ids: [CASE] },
    ]);
    expect(comet.asked).toEqual([-1]);
  });

  test('a replay id older than Salesforce keeps events is not even tried', async () => {
    const cursor = JSON.stringify({ v: 1, replayId: 5, at: '2026-11-18T09:00:00.000Z' });
    const { org, comet } = await openComet();
    const stream = await listen(org, { cursor });
    expect(await stream.bells(1)).toEqual([{ rescanFrom: new Date('2026-11-18T08:45:00Z') }]);
    expect(comet.asked).toEqual([-1]);
  });

  test('one that saw no event yet asks for a watch', async () => {
    const cursor = JSON.stringify({ v: 1, replayId: null, at: '2026-11-21T09:00:00.000Z' });
    const { org, comet } = await openComet();
    const stream = await listen(org, { cursor });
    expect(await stream.bells(1)).toEqual([{ rescanFrom: new Date('2026-11-21T08:45:00Z') }]);
    expect(comet.asked).toEqual([-1]);
  });

  test('a cursor that is not ours is refused for good', async () => {
    const { org } = await openComet();
    const stream = await listen(org, { cursor: 'after:abc' });
    expect(await stream.ended).toBeInstanceOf(PermanentError);
    expect(org.seen).toEqual([]);
  });
});

describe('its end', () => {
  test('stopped, it says goodbye and resolves', async () => {
    const { org, comet } = await openComet();
    const stream = await listen(org);
    await comet.listening();
    stream.stop();
    expect(await stream.ended).toBe('stopped');
    await expect.poll(() => comet.goodbyes).toBe(1);
  });

  test('stopped before it began, it asks nothing', async () => {
    const { org } = await openComet();
    await connectTo(org).stream(null, async () => undefined, AbortSignal.abort());
    expect(org.seen).toEqual([]);
  });

  test('stopped while it opens, it resolves', async () => {
    const { org } = await openComet();
    org.on('POST /cometd/67.0', { hang: true });
    const stream = await listen(org);
    await expect.poll(() => org.calls('POST /cometd/67.0')).toHaveLength(1);
    stream.stop();
    expect(await stream.ended).toBe('stopped');
  });

  test('a bell that could not be stored ends it, and the next one is not rung', async () => {
    const { org, comet } = await openComet();
    const broken = new Error('the store is gone');
    const stream = await listen(org, { push: () => Promise.reject(broken) });
    expect(await stream.ended).toBe(broken);
    expect(stream.heard).toEqual([]);
    await expect.poll(() => comet.goodbyes).toBe(1);
  });

  test.each([
    [
      'an unknown session',
      { successful: false, error: '403::Unknown client', advice: { reconnect: 'handshake' } },
    ],
    ['advice to give up', { successful: true, advice: { reconnect: 'none' } }],
    ['a server in trouble', { status: 503, body: 'planted page' }],
    ['a page', { status: 200, body: '<html>planted page</html>' }],
    ['an error in place of a message', { status: 500, body: refusal('UNKNOWN_EXCEPTION', 'planted page') }],
  ])('%s ends it, and nothing is sent again', async (_, answer) => {
    const { org, comet } = await openComet();
    const stream = await listen(org);
    await comet.listening();
    const before = org.seen.length;
    comet.answerConnect(answer);
    const error = await stream.ended;
    expect(error).toBeInstanceOf(RetryableError);
    expect(inspect(error, { depth: 9 })).not.toContain('planted page');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(org.seen.slice(before).filter(({ text }) => !text.includes('/meta/disconnect'))).toEqual([]);
  });

  test('a silence longer than the server promised ends it', async () => {
    const { org, comet } = await openComet(50);
    const stream = await listen(org, { settings: { timeout: '100ms' } });
    await comet.listening();
    expect(await stream.ended).toBeInstanceOf(RetryableError);
  });

  test('a handshake that is never answered ends it', async () => {
    const { org } = await openComet();
    org.on('POST /cometd/67.0', { hang: true });
    const stream = await listen(org, { settings: { timeout: '100ms' } });
    expect(await stream.ended).toBeInstanceOf(RetryableError);
  });

  test('what came before the end is told first', async () => {
    const { org, comet } = await openComet();
    const stream = await listen(org);
    await comet.listening();
    comet.answerConnect({
      status: 200,
      body: [
        { channel: '/data/CaseChangeEvent', data: changeEvent(5) },
        { channel: '/meta/connect', id: '?', successful: false, error: '403::Unknown client' },
      ],
    });
    expect(await stream.ended).toBeInstanceOf(RetryableError);
    expect(stream.heard.at(-1)?.bell).toEqual({ ids: [CASE] });
  });
});

test('a stream that is told nothing for long is made anew, behind the last event', async () => {
  const { org, comet } = await openComet();
  const config = Config.parse({ loginUrl: org.url, auth: CLIENT });
  const context = contextOf();
  const stopping = new AbortController();
  const cursor = await cursorBehind(41);
  const ids: string[] = [];
  const ended = streamCases(
    { api: createApi(config, context), config, context, quietMs: 60 },
    cursor,
    async (bell) => {
      if ('ids' in bell) ids.push(...bell.ids);
    },
    stopping.signal,
  );
  await expect.poll(() => comet.asked.length).toBeGreaterThan(2);
  expect(new Set(comet.asked)).toEqual(new Set([41]));
  expect(comet.goodbyes).toBeGreaterThan(0);
  comet.tell(changeEvent(42));
  await expect.poll(() => ids).toEqual([CASE]);
  stopping.abort();
  await ended;
});

describe('a token that ended', () => {
  const invalid = {
    successful: false,
    error: '403::Handshake denied',
    ext: { sfdc: { failureReason: '401::Authentication invalid' } },
    advice: { reconnect: 'none' },
  };

  function countTokens(org: ScriptedOrg): () => number {
    let minted = 0;
    org.on('POST /services/oauth2/token', () => {
      minted += 1;
      return { body: tokenBody(minted) };
    });
    return () => minted;
  }

  test('before it listens: one is minted and it listens', async () => {
    const { org, comet } = await openComet();
    const minted = countTokens(org);
    comet.refuse('/meta/handshake', invalid);
    await listen(org);
    await comet.listening();
    expect(minted()).toBe(2);
    expect(org.seen.at(-1)?.headers.authorization).toBe('OAuth 00Dxx!token-2');
  });

  test('before it listens, and the next one is refused too: AuthError', async () => {
    const { org, comet } = await openComet();
    const minted = countTokens(org);
    comet.refuse('/meta/handshake', invalid);
    comet.refuse('/meta/handshake', invalid);
    const stream = await listen(org);
    expect(await stream.ended).toBeInstanceOf(AuthError);
    expect(minted()).toBe(2);
  });

  test.each([
    [
      'in the protocol',
      { successful: false, error: '401::Authentication invalid', advice: { reconnect: 'none' } },
    ],
    ['over HTTP', { status: 401, body: refusal('INVALID_SESSION_ID') }],
  ])('while it listens, said %s: it is renewed, and the caller is asked to come again', async (_, answer) => {
    const { org, comet } = await openComet();
    const minted = countTokens(org);
    const stream = await listen(org);
    await comet.listening();
    comet.answerConnect(answer);
    expect(await stream.ended).toBeInstanceOf(RetryableError);
    expect(minted()).toBe(2);
  });

  test('while it listens, and none is to be had: AuthError', async () => {
    const { org, comet } = await openComet();
    const stream = await listen(org);
    await comet.listening();
    org.on('POST /services/oauth2/token', { status: 400, body: { error: 'invalid_client' } });
    comet.answerConnect({ successful: false, error: '401::Authentication invalid' });
    expect(await stream.ended).toBeInstanceOf(AuthError);
  });
});

test('a channel that is not there is for an admin', async () => {
  const { org, comet } = await openComet();
  comet.refuse('/meta/subscribe', { error: '403::The channel you requested to subscribe to does not exist' });
  const stream = await listen(org);
  const error = await stream.ended;
  expect(error).toBeInstanceOf(ConfigError);
  expect((error as ConfigError).fix).toContain('Change Data Capture');
});

test('a limit of the org passes', async () => {
  const { org, comet } = await openComet();
  comet.refuse('/meta/handshake', { error: '403::Organization concurrent user limit exceeded' });
  expect(await (await listen(org)).ended).toBeInstanceOf(RetryableError);
});

test('with stream: false there is no stream', async () => {
  const { org } = await openComet();
  await expect(
    connectTo(org, { stream: false }, { tokens: memoryTokens() }).stream(
      null,
      async () => undefined,
      AbortSignal.abort(),
    ),
  ).rejects.toThrow('stream is off');
});
