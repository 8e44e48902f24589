import type { Request } from 'express';
import { daysText, figureText, kindText, percentText } from '../../domain/figure-words.ts';
import { dayIn, defaultPeriod } from '../../domain/periods.ts';
import type { Figure, Metric } from '../../domain/report.ts';
import { MARKS } from '../../domain/taps.ts';
import { readHeldScores } from '../../store/held-answers.ts';
import { readQuarantine } from '../../store/quarantine.ts';
import type { CaseDeps } from './case-deps.ts';
import { casePathOf } from './case-paths.ts';
import { type Done, doneNotice } from './done.ts';
import { field } from './form-fields.ts';
import { heldShareOf } from './held-share.ts';
import { instantsIn } from './instants.ts';
import type { StaffRoute } from './route.ts';
import { shownScore } from './shown-score.ts';

const PATH = '/dashboard/quarantine';
/** Taps on one page; what is decided on makes room for the next. */
const MOST = 100;

/** The taps that are held as machine-made, and a person's word on each. */
export function quarantineRoutes(deps: CaseDeps): readonly StaffRoute[] {
  return [
    {
      method: 'get',
      path: PATH,
      needs: 'lead',
      audit: 'quarantine seen',
      async handle(request, response, visit) {
        const held = await readQuarantine(deps.db);
        const when = instantsIn(deps.settings.zone);
        response.send(
          deps.pages.render('quarantine', {
            visit,
            title: 'Quarantine',
            path: PATH,
            notice: doneNotice(request.query.done),
            notes: [`Times are in ${deps.settings.zone}.`],
            all: held.length,
            taps: held.slice(0, MOST).map((tap) => ({
              id: tap.id,
              connector: tap.connector,
              number: tap.caseNumber,
              href: casePathOf(tap.connector, tap.caseId),
              at: when(tap.at),
              score: shownScore(tap, tap.score),
              marks: tap.marks.map((mark) => MARKS[mark]),
            })),
            share: held.length === 0 ? null : await shareView(deps),
          }),
        );
      },
    },
    {
      method: 'post',
      path: PATH,
      needs: 'lead',
      audit: null,
      async handle(request, response, visit) {
        const done = await ruleOnTap(deps, request, visit.viewer.id);
        response.redirect(303, `${PATH}?done=${done}`);
      },
    },
  ];
}

/** Does what the form says about the tap it names. A second press finds it decided on. */
export async function ruleOnTap({ actions }: CaseDeps, request: Request, actor: string): Promise<Done> {
  const id = field(request, 'id');
  if (!/^\d{1,18}$/.test(id)) return 'gone';
  if (field(request, 'ruling') !== 'accept')
    return (await actions.dismiss({ id, actor })) ? 'dismissed' : 'gone';
  switch (await actions.accept({ id, actor })) {
    case 'recorded':
      return 'accepted';
    case 'unchanged':
      return 'accepted-before';
    case 'window-closed':
      return 'accepted-late';
    case null:
      return 'gone';
  }
}

/** What the last 30 days would say if all that is held counted. */
async function shareView({ db, report, settings, clock }: CaseDeps) {
  const period = defaultPeriod(dayIn(settings.zone, clock.now()));
  const answer = await report({ ...period, filters: {}, metric: null }, { splits: [] });
  if (answer.metric === null) return null;
  const share = heldShareOf(answer, await readHeldScores(db, period, answer.metric, settings.zone));
  if (share === null) return null;
  const row = (label: string, { answered, figure }: { answered: number; figure: Figure }) => ({
    label,
    answered,
    ...figureTexts(share.metric, figure),
  });
  return {
    kind: kindText(share.metric),
    metric: share.metric.name,
    days: daysText(period.from, period.to),
    rows: [row('Without the held taps', share.without), row('If all of them counted', share.with)],
  };
}

function figureTexts(metric: Metric, { percent, interval, responseRate }: Figure) {
  return {
    percent: percent === null ? 'too few answers' : figureText(metric, percent),
    interval: interval === null ? '' : `${percentText(interval.low)} to ${percentText(interval.high)}`,
    responseRate: responseRate === null ? '' : percentText(responseRate),
  };
}
