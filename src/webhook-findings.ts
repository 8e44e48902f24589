import type { Finding } from './connector.ts';
import { type Endpoint, tryEndpoint } from './endpoint.ts';
import type { WebhookHealth } from './store/webhooks.ts';

/** What `check` says of a webhook: whether its endpoint answers, and how deliveries stand. Sends no event. */
export async function findingsOnWebhook(
  webhook: Endpoint & { readonly name: string },
  health: WebhookHealth,
): Promise<readonly Finding[]> {
  return [await findingOnEndpoint(webhook), ...findingsOnDeliveries(health)];
}

async function findingOnEndpoint(webhook: Endpoint & { readonly name: string }): Promise<Finding> {
  const what = 'endpoint';
  const key = `webhooks.${webhook.name}.url`;
  const answer = await tryEndpoint(webhook);
  if ('failure' in answer) {
    return {
      what,
      level: 'error',
      detail: answer.failure,
      fix: `Correct ${key}, or start what listens there.`,
    };
  }
  const { status } = answer;
  if (status === 404 || status === 410) {
    return {
      what,
      level: 'warning',
      detail: `there is nothing at its address (${status})`,
      fix: `Correct ${key}.`,
    };
  }
  if (status >= 300 && status < 400) {
    const detail = `it answers with a redirect (${status}), which is not followed`;
    return { what, level: 'warning', detail, fix: `Write the address that it leads to at ${key}.` };
  }
  if (status >= 500) {
    const detail = `it answers ${status}; events are tried again`;
    return { what, level: 'warning', detail, fix: 'Look at what listens there.' };
  }
  // Many take nothing but POST, and say so.
  return { what, level: 'ok', detail: `it answers (${status} to HEAD)`, fix: null };
}

function findingsOnDeliveries({ disabledAt, reason, waiting, lastError, givenUp }: WebhookHealth): Finding[] {
  const what = 'deliveries';
  const findings: Finding[] = [];
  if (disabledAt !== null) {
    const since = disabledAt.toISOString();
    findings.push({
      what,
      level: 'error',
      detail: `disabled since ${since}: ${reason}; events waiting: ${waiting}`,
      fix: 'Correct its url, or have the receiver take events again, and restart.',
    });
  } else if (lastError !== null) {
    findings.push({
      what,
      level: 'warning',
      detail: `events waiting: ${waiting}; last time ${lastError}`,
      fix: 'Nothing, if the receiver comes back within three days; else look at it.',
    });
  }
  if (givenUp > 0) {
    const detail = `events given up, because nobody took them for three days: ${givenUp}`;
    findings.push({ what, level: 'warning', detail, fix: 'Read those answers from the case records.' });
  }
  return findings;
}
