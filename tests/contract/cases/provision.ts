import { expect } from 'vitest';
import type { ProvisionStep } from '../../../src/connector.ts';
import type { ContractCase } from '../contract-case.ts';
import { expectNothingTold } from '../planted.ts';
import { answerFor, closedCase, write } from '../situations.ts';
import { openStand } from '../stand.ts';

const method = 'provision';

export const provisionCases: readonly ContractCase[] = [
  {
    method,
    promise: 'the plan only reads, and says the same again',
    async run({ type, subject }) {
      await using stand = await openStand(type, subject, { provisioned: false });
      const plans: (readonly ProvisionStep[])[] = [];
      const requests = await stand.requestsDuring(async () => {
        plans.push(await stand.connect().provision('plan'), await stand.connect().provision('plan'));
      });
      expect(plans[0]?.length).toBeGreaterThan(0);
      expect(plans[1]).toEqual(plans[0]);
      expect(requests.filter((request) => request.method !== 'GET')).toEqual([]);
    },
  },
  {
    method,
    promise: 'applying does what was planned; then only what is manual is left',
    async run({ type, subject }) {
      await using stand = await openStand(type, subject, { provisioned: false });
      const planned = await stand.connect().provision('plan');
      expect(await stand.connect().provision('apply')).toEqual(planned);
      const left = await stand.connect().provision('plan');
      expect(left.filter(({ action }) => action !== 'manual')).toEqual([]);
      expectNothingTold(stand, [planned, left]);
    },
  },
  {
    method,
    promise: 'applying twice changes nothing',
    async run(stand) {
      const requests = await stand.requestsDuring(() => stand.connect().provision('apply'));
      expect(requests.filter((request) => request.method !== 'GET')).toEqual([]);
    },
  },
  {
    method,
    promise: 'what was made is what writing needs, and check is content',
    async run({ type, subject }) {
      await using stand = await openStand(type, subject, { provisioned: false });
      await stand.connect().provision('apply');
      const caseId = await closedCase(stand);
      const outcomes = await write(stand, stand.connect(), [answerFor(caseId)]);
      expect([...outcomes.values()].map(({ result }) => result)).toEqual(['done']);
      const { findings } = await stand.connect().check();
      expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
    },
  },
];
