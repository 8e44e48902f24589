import { expect } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../../../src/clock.ts';
import type { Connector, RawRequest } from '../../../src/connector.ts';
import { RetryableError, SignatureError } from '../../../src/errors.ts';
import type { ContractCase } from '../contract-case.ts';
import { expectNothingTold } from '../planted.ts';
import { failureOf, fetchOne, openCase } from '../situations.ts';
import { openStand, type Stand } from '../stand.ts';

const method = 'receive';
const needs = 'pushes';

export const receiveCases: readonly ContractCase[] = [
  {
    method,
    needs,
    promise: 'names the case that was closed, and again when it is reopened',
    async run(stand) {
      const connector = stand.connect();
      const { caseId, push } = await closingPush(stand);
      expect(await receive(connector, push)).toEqual([caseId]);
      const seen = stand.inbox.pushes.length;
      await stand.sandbox.reopenCase(caseId);
      expect(await receive(connector, await stand.inbox.nextAbout(caseId, seen))).toEqual([caseId]);
      expect((await fetchOne(connector, caseId)).state).toBe('open');
    },
  },
  {
    method,
    needs,
    promise: 'a repeated push is simply another ring, in another process too',
    async run(stand) {
      const { caseId, push } = await closingPush(stand);
      const [connector, other] = [stand.connect(), stand.connect()];
      for (const one of [connector, connector, other]) expect(await receive(one, push)).toEqual([caseId]);
    },
  },
  {
    method,
    needs,
    promise: 'a push without proof is refused',
    async run(stand) {
      const { push } = await closingPush(stand);
      await expectRefused(stand, { ...push, headers: {} });
      for (const name of await proofsOf(stand, push)) {
        await expectRefused(stand, { ...push, headers: { ...push.headers, [name]: undefined } });
        await expectRefused(stand, { ...push, headers: { ...push.headers, [name]: '' } });
      }
    },
  },
  {
    method,
    needs,
    promise: 'a push with a wrong proof is refused',
    async run(stand) {
      const { push } = await closingPush(stand);
      const proofs = await proofsOf(stand, push);
      expect(proofs.length).toBeGreaterThan(0);
      for (const name of proofs) {
        const proof = push.headers[name] ?? '';
        for (const wrong of [`${proof}x`, proof.slice(1), proof.split('').reverse().join(''), 'é'])
          await expectRefused(stand, { ...push, headers: { ...push.headers, [name]: wrong } });
      }
    },
  },
  {
    method,
    needs,
    promise: 'a push whose body was changed is refused',
    async run(stand) {
      const { push } = await closingPush(stand);
      const flipped = Uint8Array.from(push.body);
      flipped[flipped.length - 3] = (flipped.at(-3) ?? 0) ^ 1;
      const longer = new Uint8Array([...push.body, 0x20]);
      for (const body of [flipped, longer, push.body.slice(1), new Uint8Array()])
        await expectRefused(stand, { ...push, body });
    },
  },
  {
    method,
    needs,
    promise: 'a push of an hour ago is refused, and one of a minute ago is not',
    async run(stand) {
      const { caseId, push } = await closingPush(stand);
      stand.clock.advance(MINUTE_MS);
      expect(await receive(stand.connect(), push)).toEqual([caseId]);
      stand.clock.advance(HOUR_MS);
      await expectRefused(stand, push);
    },
  },
  {
    method,
    needs,
    promise: 'while the CRM cannot be asked, a good push is never called forged',
    async run({ type, subject }) {
      await using stand = await openStand(type, subject, { provisioned: true });
      const { caseId, push } = await closingPush(stand);
      const connector = stand.connect();
      stand.sandbox.fail({ kind: '503', times: 100 });
      for (let count = 0; count < 3; count += 1) {
        const named = await receive(connector, push).catch((error: unknown) => error);
        if (named instanceof Error) expect(named).toBeInstanceOf(RetryableError);
        else expect(named).toEqual([caseId]);
      }
    },
  },
  {
    method,
    needs,
    promise: 'forged pushes cost few calls to the CRM',
    async run(stand) {
      const { push } = await closingPush(stand);
      const connector = stand.connect();
      const forged = { ...push, body: new Uint8Array([...push.body, 0x20]) };
      const requests = await stand.requestsDuring(async () => {
        for (let count = 0; count < 20; count += 1)
          expect(await failureOf(receive(connector, forged))).toBeInstanceOf(SignatureError);
      });
      expect(requests.filter((request) => request.method !== 'GET')).toEqual([]);
      expect(requests.length).toBeLessThan(20);
    },
  },
];

/** A push as the CRM sent it when an agent closed a case. */
async function closingPush(stand: Stand): Promise<{ caseId: string; push: RawRequest }> {
  const caseId = await openCase(stand);
  const seen = stand.inbox.pushes.length;
  await stand.sandbox.closeCase(caseId);
  return { caseId, push: await stand.inbox.nextAbout(caseId, seen) };
}

async function receive(connector: Connector, push: RawRequest): Promise<readonly string[]> {
  if (connector.receive === undefined) return expect.fail('the connector takes no pushes');
  return connector.receive(push);
}

async function expectRefused(stand: Stand, push: RawRequest): Promise<void> {
  const error = await failureOf(receive(stand.connect(), push));
  expect(error).toBeInstanceOf(SignatureError);
  expectNothingTold(stand, [error]);
}

/** The headers without which this push is refused. */
async function proofsOf(stand: Stand, push: RawRequest): Promise<readonly string[]> {
  const proofs: string[] = [];
  for (const name of Object.keys(push.headers)) {
    const without = { ...push, headers: { ...push.headers, [name]: undefined } };
    const isAccepted = await receive(stand.connect(), without).then(
      () => true,
      () => false,
    );
    if (!isAccepted) proofs.push(name);
  }
  return proofs;
}
