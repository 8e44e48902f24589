import { expect } from 'vitest';
import { MINUTE_MS } from '../../../src/clock.ts';
import type { ContractCase } from '../contract-case.ts';
import { CUSTOMER, PLANTED_SUBJECT } from '../planted.ts';
import { closedCase, closedCases, fetchOne, openCase } from '../situations.ts';
import { expectSnapshot } from '../snapshot-shape.ts';

const method = 'fetch';

export const fetchCases: readonly ContractCase[] = [
  {
    method,
    promise: 'gives the case in the promised shape, and no vendor JSON',
    async run(stand) {
      const { agent } = stand.subject.staff;
      const caseId = await closedCase(stand, { assignee: agent, channel: 'email' });
      const snapshot = await fetchOne(stand.connect(), caseId);
      expectSnapshot(snapshot);
      expect(snapshot).toMatchObject({
        caseId,
        state: 'closed',
        subject: PLANTED_SUBJECT,
        requester: { name: CUSTOMER.name, email: CUSTOMER.email, isStaff: false },
        assignee: { name: agent },
        channel: 'email',
        flags: { merged: false, spam: false, outbound: false, botHandled: false, ours: false },
      });
      expect((await fetch(snapshot.url)).status).toBe(200);
    },
  },
  {
    method,
    promise: 'the team comes along beside the owner',
    async run(stand) {
      const { agent, team } = stand.subject.staff;
      const caseId = await openCase(stand, { assignee: agent, team });
      const snapshot = await fetchOne(stand.connect(), caseId);
      expect(snapshot).toMatchObject({ assignee: { name: agent }, team: { name: team } });
    },
  },
  {
    method,
    promise: 'the tags come along',
    async run(stand) {
      const caseId = await openCase(stand, { tags: ['vip'] });
      expect((await fetchOne(stand.connect(), caseId)).tags).toContain('vip');
    },
  },
  {
    method,
    promise: "knows the customer's time zone by its IANA name, or not at all",
    async run(stand) {
      const requester = { ...CUSTOMER, email: 'tokyo@customer.example', timeZone: 'Osaka' };
      const caseId = await openCase(stand, { requester });
      const { timeZone } = (await fetchOne(stand.connect(), caseId)).requester;
      expect([null, 'Asia/Tokyo']).toContain(timeZone);
    },
  },
  {
    method,
    promise: 'tells staff from customers, and a requester without an address',
    async run(stand) {
      const agent = { name: 'Asking Agent', email: 'asking.agent@acme.example', staff: true };
      const nobody = { name: 'Planted Person', email: null };
      const byAgent = await openCase(stand, { requester: agent });
      const byNobody = await openCase(stand, { requester: nobody });
      const connector = stand.connect();
      expect((await fetchOne(connector, byAgent)).requester.isStaff).toBe(true);
      expect((await fetchOne(connector, byNobody)).requester).toMatchObject({ email: null, isStaff: false });
    },
  },
  {
    method,
    promise: 'follows a case from open to closed, reopened and closed again',
    async run(stand) {
      const connector = stand.connect();
      const caseId = await openCase(stand);
      const looks = [await fetchOne(connector, caseId)];
      for (const act of ['closeCase', 'reopenCase', 'closeCase'] as const) {
        stand.clock.advance(MINUTE_MS);
        await stand.sandbox[act](caseId);
        looks.push(await fetchOne(connector, caseId));
      }
      for (const look of looks) expectSnapshot(look);
      expect(looks.map(({ state }) => state)).toEqual(['open', 'closed', 'open', 'closed']);
      const [, first, , second] = looks.map(({ closedAt }) => closedAt?.getTime() ?? 0);
      expect(second).toBe((first ?? 0) + 2 * MINUTE_MS);
      const changes = looks.map(({ changedAt }) => changedAt.getTime());
      expect(changes).toEqual([...changes].sort((a, b) => a - b));
    },
  },
  {
    method,
    promise: 'a case that was closed for good keeps its closing',
    async run(stand) {
      const connector = stand.connect();
      const caseId = await closedCase(stand);
      const { closedAt } = await fetchOne(connector, caseId);
      stand.clock.advance(MINUTE_MS);
      await stand.sandbox.lockCase(caseId);
      expect((await fetchOne(connector, caseId)).closedAt).toEqual(closedAt);
    },
  },
  {
    method,
    promise: 'a case that was closed for good is said to be so',
    async run(stand) {
      const caseId = await closedCase(stand);
      await stand.sandbox.lockCase(caseId);
      expect((await fetchOne(stand.connect(), caseId)).state).toBe('locked');
    },
  },
  {
    method,
    promise: 'leaves out what is unknown, ill-formed or asked for twice',
    async run(stand) {
      const caseId = await closedCase(stand);
      const ids = ['999999999', caseId, 'no-such-case', '', caseId, "1' OR '1'='1", '../users/me'];
      const found = await stand.connect().fetch(ids);
      expect(found.map((one) => one.caseId)).toEqual([caseId]);
    },
  },
  {
    method,
    promise: 'a deleted case is left out or said to be deleted',
    async run(stand) {
      const caseId = await closedCase(stand);
      await stand.stage.deleteCase(caseId);
      for (const { state } of await stand.connect().fetch([caseId])) expect(state).toBe('deleted');
    },
  },
  {
    method,
    promise: 'nothing asked for costs nothing',
    async run(stand) {
      const connector = stand.connect();
      const requests = await stand.requestsDuring(async () => expect(await connector.fetch([])).toEqual([]));
      expect(requests).toEqual([]);
    },
  },
  {
    method,
    promise: 'a full batch costs no more calls than one case, and one more is fetched too',
    async run(stand) {
      const connector = stand.connect();
      const ids = await closedCases(stand, connector.batchSize + 1);
      const one = await stand.requestsDuring(() => stand.connect().fetch(ids.slice(0, 1)));
      const full = await stand.requestsDuring(async () => {
        const found = await stand.connect().fetch(ids.slice(1));
        expect(found.map(({ caseId }) => caseId).sort()).toEqual(ids.slice(1).sort());
      });
      expect(full.length).toBeLessThanOrEqual(one.length);
      expect(await connector.fetch(ids)).toHaveLength(ids.length);
    },
  },
  {
    method,
    promise: 'only reads',
    async run(stand) {
      const caseId = await closedCase(stand);
      const before = await stand.sandbox.readCase(caseId);
      const requests = await stand.requestsDuring(() => stand.connect().fetch([caseId]));
      expect(requests.filter((request) => request.method !== 'GET')).toEqual([]);
      expect(await stand.sandbox.readCase(caseId)).toEqual(before);
    },
  },
];
