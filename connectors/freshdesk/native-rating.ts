import { MINUTE_MS } from '../../src/clock.ts';
import type { ConnectorContext, WriteBack } from '../../src/connector.ts';
import { SCALES } from '../../src/domain/score.ts';
import { ConfigError } from '../../src/errors.ts';
import type { FreshdeskApi } from './client.ts';
import { Rating, Survey, WrittenRating } from './schema.ts';

const KEEP_MS = 10 * MINUTE_MS;

/** The question that every survey has, whatever else it asks (2026-11-22). */
const QUESTION = 'default_question';

/** Gives a ticket Freshdesk's own rating. */
export type GiveRating = (ticketId: number, item: WriteBack) => Promise<void>;

/**
 * Rates once per ticket: Freshdesk can neither change nor delete a rating and would count a second one beside the first, so
 * the ticket's ratings are listed before, and one that is there is left alone, whoever gave it. Repeating is safe.
 *
 * Throws ConfigError while the account has no active survey.
 * https://developers.freshdesk.com/api/#satisfaction-ratings (2026-11-22)
 */
export function createNativeRating(api: FreshdeskApi, clock: ConnectorContext['clock']): GiveRating {
  let kept: { readonly accepted: readonly number[]; readonly readAt: number } | null = null;

  async function acceptedNow(): Promise<readonly number[]> {
    const now = clock.now().getTime();
    if (kept === null || Math.abs(now - kept.readAt) >= KEEP_MS) {
      kept = { accepted: await readAccepted(api), readAt: now };
    }
    return kept.accepted;
  }

  return async (ticketId, item) => {
    if (await hasRating(api, ticketId)) return;
    const rating = mapScore(item, await acceptedNow());
    if (rating === null) throw noSurvey();
    const feedback = item.comment === null ? {} : { feedback: item.comment };
    const body = { ratings: { [QUESTION]: rating }, ...feedback };
    await api.write('POST', `tickets/${ticketId}/satisfaction_ratings`, body, WrittenRating);
  };
}

/** The ratings that the active survey takes; none when there is no such survey. */
export async function readAccepted(api: FreshdeskApi): Promise<readonly number[]> {
  const surveys = await api.get('surveys', { state: 'active' }, Survey.array());
  const questions = surveys.flatMap((survey) => survey.questions ?? []);
  const question = questions.find(({ id }) => id === QUESTION) ?? questions[0];
  return question?.accepted_ratings ?? [];
}

/**
 * The accepted rating that stands where the score stands on its own scale, null when none is accepted. A score between two of
 * them goes to the outer one: "dissatisfied" must not become "neutral".
 */
export function mapScore({ score, scale }: WriteBack, accepted: readonly number[]): number | null {
  const ordered = [...accepted].sort((one, other) => happinessOf(one) - happinessOf(other));
  const { min, max } = SCALES[scale];
  const middle = (ordered.length - 1) / 2;
  const place = ((score - min) / (max - min)) * (ordered.length - 1);
  return ordered[place < middle ? Math.ceil(place - 0.5) : Math.floor(place + 0.5)] ?? null;
}

/** From -3 to 3. 103 to 101 are happy, 100 is neutral, -101 to -103 unhappy; the classic survey has 1, 2 and 3 (2026-11-22). */
function happinessOf(rating: number): number {
  if (Math.abs(rating) >= 100) return rating < 0 ? rating + 100 : rating - 100;
  return 2 - rating;
}

async function hasRating(api: FreshdeskApi, ticketId: number): Promise<boolean> {
  const ratings = await api.get(`tickets/${ticketId}/satisfaction_ratings`, {}, Rating.array());
  return ratings.length > 0;
}

function noSurvey(): ConfigError {
  return new ConfigError('Freshdesk: nativeRating is on, but no survey is active', {
    fix: 'Activate a survey in Freshdesk (Admin > Workflows > Customer satisfaction), or set nativeRating: false.',
  });
}
