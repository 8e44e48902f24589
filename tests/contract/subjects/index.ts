import type { Subject } from '../subject.ts';
import { freshdesk } from './freshdesk.ts';
import { salesforce } from './salesforce.ts';
import { zendesk } from './zendesk.ts';

/** Every connector type's facts for the contract suite, written by hand like the types themselves. */
export const subjects: Readonly<Record<string, Subject>> = { zendesk, freshdesk, salesforce };
