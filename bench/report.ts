import { cpus, totalmem } from 'node:os';
import type { Traffic } from './crm.ts';
import type { Figure } from './figures.ts';
import type { AnswerFigures } from './measure-answers.ts';
import type { Pattern } from './measure-calls.ts';
import type { CrmCalls } from './measure-crm-calls.ts';
import type { MailFigures } from './measure-mail.ts';
import type { ReportFigures } from './measure-report.ts';
import { ENGINE_TITLES } from './pipelines.ts';
import type { Row } from './samples.ts';

/** Everything one run found out. */
export interface Report {
  readonly machine: string;
  readonly rows: readonly Row[];
  readonly calls: {
    readonly pattern: Pattern;
    readonly engine: string;
    readonly caseloop: Traffic;
    /** Of a pattern of its own: its calls do not depend on it. */
    readonly bare: { readonly pattern: Pattern; readonly traffic: Traffic };
  };
  /** Of the same pattern, in all of them at once; empty when that was left out. */
  readonly crmCalls: readonly CrmCalls[];
  readonly mail: MailFigures;
  readonly answers: AnswerFigures;
}

/** What a run of one part found out. */
export type PartReport =
  | Pick<Report, 'machine' | 'answers'>
  | { readonly machine: string; readonly figures: readonly ReportFigures[] };

export function describeMachine(): string {
  const [cpu] = cpus();
  const gib = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} x ${cpu?.model ?? 'unknown processor'}, ${gib} GiB, Node ${process.version}, ${process.platform}`;
}

/** The report for people. */
export function toText(report: Report | PartReport): string {
  if ('figures' in report) return [report.machine, ...report.figures.flatMap(figureLines), ''].join('\n');
  if (!('rows' in report)) return [report.machine, ...answerLines(report.answers), ''].join('\n');
  return [
    report.machine,
    'median (least to most); x: ratio to the bare pipeline in the same turn',
    ...report.rows.flatMap((row) => ['', ...rowLines(row)]),
    '',
    ...callLines(report.calls),
    ...report.crmCalls.flatMap(crmLines),
    ...mailLines(report.mail),
    ...answerLines(report.answers),
    '',
  ].join('\n');
}

function rowLines({ measure, unit, better, bare, engines }: Row): readonly string[] {
  const line = (title: string, value: Figure) => `  ${title.padEnd(20)} ${figure(value).padEnd(26)}`;
  return [
    `${measure} (${unit}, ${better} is better)`,
    line('bare', bare).trimEnd(),
    ...engines.map(({ engine, value, ratio }) =>
      `${line(ENGINE_TITLES[engine], value)} ${ratio === null ? '' : `${figure(ratio)} x`}`.trimEnd(),
    ),
  ];
}

function callLines({ pattern, engine, caseloop, bare }: Report['calls']): readonly string[] {
  const { closures, spreadMs, lowEvery } = pattern;
  const lines = (traffic: Traffic, of: number) => {
    const perThousand = (count: number) => ((count / of) * 1_000).toFixed(0).padStart(6);
    const counted = Object.entries(traffic.calls).filter(([kind]) => kind !== 'poll');
    const sum = counted.reduce((total, [, count]) => total + count, 0);
    return [...counted.toSorted(([, a], [, b]) => b - a), ['in all, polling apart', sum] as const].map(
      ([kind, count]) => `  ${kind.padEnd(22)} ${String(count).padStart(6)}   ${perThousand(count)}`,
    );
  };
  return [
    `calls to the CRM for ${closures} closings (and for 1,000)`,
    `arrival: pushes evenly over ${spreadMs / 1_000} s, then answers evenly over ${spreadMs / 1_000} s, 1 in ${lowEvery} low (${caseloop.tasksMade} follow-ups)`,
    ` Caseloop on ${engine}`,
    ...lines(caseloop, closures),
    ' bare, whatever the pattern (it reads nothing and makes no follow-ups)',
    ...lines(bare.traffic, bare.pattern.closures),
  ];
}

function crmLines({ type, calls }: CrmCalls): readonly string[] {
  const counted = Object.entries(calls).toSorted(([, a], [, b]) => b - a);
  const sum = counted.reduce((total, [, count]) => total + count, 0);
  return [
    '',
    `calls to ${type}, by the same pattern, polling apart: ${sum}`,
    ...counted.map(([kind, count]) => `  ${String(count).padStart(6)}  ${kind}`),
  ];
}

function mailLines({ bytes, composed, bare, ratio, mjmlPerMail }: MailFigures): readonly string[] {
  const line = (title: string, value: Figure) => `  ${title.padEnd(38)} ${figure(value)}`;
  return [
    '',
    `mails of ${bytes} bytes over 10 connections (mails/s, more is better)`,
    line('nodemailer, text and HTML ready', bare),
    `${line('Caseloop, composed and handed over', composed)}${ratio === null ? '' : `   ${figure(ratio)} x`}`,
    line('the same with MJML for every mail', mjmlPerMail),
  ];
}

function answerLines({ respondents, bytes, bare, caseloop }: AnswerFigures): readonly string[] {
  const line = (title: string, { perSecond, cpuMs }: { perSecond: Figure; cpuMs: Figure }) =>
    `  ${title.padEnd(38)} ${figure(perSecond).padEnd(26)} ${figure(cpuMs).padEnd(22)}`;
  return [
    '',
    `answers by ${respondents} respondents at a time, page and press (answers/s, more is better; ms of processor time each)`,
    line(`bare, page of ${bytes.bare} bytes`, bare).trimEnd(),
    ...caseloop.map((one) =>
      `${line(one.title, one)} ${one.ratio === null ? '' : `${figure(one.ratio)} x`}`.trimEnd(),
    ),
    `  Caseloop's page has ${bytes.caseloop} bytes.`,
  ];
}

function figureLines({ engine, closures, pages, memory, ...filled }: ReportFigures): readonly string[] {
  const mib = (value: number) => `${Math.round(value)} MiB`;
  return [
    '',
    `figures of ${closures} closures, ${ENGINE_TITLES[engine]} (ms at the server: median, most)`,
    `  filled in ${Math.round(filled.fillSeconds)} s, folded in ${Math.round(filled.foldSeconds)} s`,
    ...pages.map(
      ({ title, medianMs, mostMs }) =>
        `  ${title.padEnd(38)} ${medianMs.toFixed(0).padStart(6)} ${mostMs.toFixed(0).padStart(6)}`,
    ),
    `  memory: ${mib(memory.beforeMib)} kept before, ${mib(memory.afterMib)} after, ${mib(memory.mostMib)} at most`,
  ];
}

function figure({ median, min, max }: Figure): string {
  return min === max ? number(median) : `${number(median)} (${number(min)} to ${number(max)})`;
}

function number(value: number): string {
  return value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
}
