import { casePageUrl } from '../../links.ts';

export const CASE_PATH = '/dashboard/cases/:connector/:caseId';

/** Where the page of a case is. */
export function casePathOf(connector: string, caseId: string): string {
  return casePageUrl('', connector, caseId);
}
