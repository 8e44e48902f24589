import type { ContractCase } from '../contract-case.ts';
import { askCases } from './ask.ts';
import { checkCases } from './check.ts';
import { creditCases } from './credit.ts';
import { fetchCases } from './fetch.ts';
import { followUpCases } from './follow-up.ts';
import { lookAfterCases } from './look-after.ts';
import { provisionCases } from './provision.ts';
import { receiveCases } from './receive.ts';
import { reopenCases } from './reopen.ts';
import { settleCases } from './settle.ts';
import { streamCases } from './stream.ts';
import { tokenCases } from './token.ts';
import { watchCases } from './watch.ts';
import { writeBackCases } from './write-back.ts';
import { writeLateCases } from './write-late.ts';

/** Every promise of the contract that needs no fault, in the order of the contract. */
export const contractCases: readonly ContractCase[] = [
  ...checkCases,
  ...watchCases,
  ...fetchCases,
  ...creditCases,
  ...receiveCases,
  ...streamCases,
  ...writeBackCases,
  ...writeLateCases,
  ...reopenCases,
  ...askCases,
  ...lookAfterCases,
  ...followUpCases,
  ...settleCases,
  ...provisionCases,
  ...tokenCases,
];
