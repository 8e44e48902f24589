import { intervalChart } from '../../src/charts/interval-chart.ts';
import { PICTURE_PALETTE } from '../../src/charts/palette.ts';
import { toPng } from '../../src/charts/png.ts';
import { trendChart } from '../../src/charts/trend-chart.ts';
import type { DigestContent } from '../../src/mail/digest-content.ts';
import type { DigestMail } from '../../src/mail/digest-mail.ts';
import { fullReport } from './reports.ts';

/** A digest on which there is something of everything to see. */
export async function sampleDigest(over: Partial<DigestContent> = {}): Promise<DigestMail> {
  const report = fullReport();
  const slices = report.splits[0]?.slices ?? [];
  const pngs = new Map([
    [
      'trend',
      await toPng(await trendChart(report, PICTURE_PALETTE, { id: 'trend', width: 440, height: 200 })),
    ],
    [
      'slices',
      await toPng(await intervalChart({ ...report, slices }, PICTURE_PALETTE, { id: 'slices', width: 440 })),
    ],
  ]);
  return {
    content: {
      team: 'Billing',
      week: report,
      trend: report,
      low: [
        {
          connector: 'zendesk-eu',
          caseId: '4711',
          caseNumber: '4711',
          agent: 'Ada Lindqvist',
          kind: 'csat',
          scale: '1-5',
          score: 1,
          reasons: ['wait', 'policy'],
          comment: 'Three weeks for a refund.\n<b>Never</b> again, & no %%v1%% either.',
        },
        {
          connector: 'desk',
          caseId: '12',
          caseNumber: '12',
          agent: null,
          kind: 'csat',
          scale: '1-5',
          score: 2,
          reasons: [],
          comment: null,
        },
      ],
      publicUrl: 'https://survey.acme.example',
      pictures: [
        { cid: 'trend', alt: 'CSAT by week: 86.4% of 412 answers last week.' },
        { cid: 'slices', alt: 'CSAT by agent, each with its interval.' },
      ],
      ...over,
    },
    pngs,
    from: 'Acme Support <support@acme.example>',
    to: 'lead@acme.example',
    messageId: 'digest.1@survey.acme.example',
    date: new Date('2026-11-30T07:00:00Z'),
  };
}
