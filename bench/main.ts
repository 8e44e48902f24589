import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { percentile } from './figures.ts';
import { measureAnswers } from './measure-answers.ts';
import { measureBurst } from './measure-burst.ts';
import { measureCalls, type Pattern } from './measure-calls.ts';
import { measureCrmCalls } from './measure-crm-calls.ts';
import { measureIdle } from './measure-idle.ts';
import { measureKill } from './measure-kill.ts';
import { measureMail } from './measure-mail.ts';
import { measureReport, type ReportEngine } from './measure-report.ts';
import { type Plan, readPlan } from './options.ts';
import {
  createBare,
  createCaseloop,
  ENGINE_TITLES,
  type Engine,
  type Pipeline,
  type Surroundings,
} from './pipelines.ts';
import { describeMachine, type PartReport, type Report, toText } from './report.ts';
import { createSamples, type Samples } from './samples.ts';
import { findServers, leaveRedis, type Servers } from './servers.ts';
import { type CrmStub, type MailSink, startCrm, startMailSink } from './surroundings.ts';

interface Bench {
  readonly plan: Plan;
  readonly crm: CrmStub;
  readonly sink: MailSink;
  readonly pipelines: readonly Pipeline[];
  readonly samples: Samples;
  takeTickets(count: number): number[];
  readonly around: Surroundings;
}

async function main(): Promise<void> {
  const plan = readPlan(process.argv.slice(2));
  const servers = await findServers();
  if (servers.postgresqlUrl === null || servers.redisUrl === null) {
    throw new Error(
      'The bare pipeline needs PostgreSQL and Redis. Start both, or set BENCH_DATABASE_URL and BENCH_REDIS_URL.',
    );
  }
  const report = await run(plan, servers);
  process.stdout.write(plan.json ? `${JSON.stringify(report)}\n` : toText(report));
}

async function run(plan: Plan, servers: Servers): Promise<Report | PartReport> {
  const dir = await mkdtemp(join(tmpdir(), 'caseloop-bench-'));
  const { promise: failure, reject: onEnd } = Promise.withResolvers<never>();
  process.once('SIGINT', () => onEnd(new Error('interrupted')));
  const crm = await startCrm({ logFile: join(dir, 'crm.log'), onEnd });
  const sink = await startMailSink({ logFile: join(dir, 'mail-sink.log'), onEnd });
  const around = { servers, crmUrl: crm.url, smtpUrl: sink.url, dir, onEnd };
  const pipelines: Pipeline[] = [];
  try {
    tell('starting');
    if (plan.only === 'report') {
      const figures = await Promise.race([
        measureReport(dir, { ...plan.report, engines: storesOf(plan.engines) }, tell),
        failure,
      ]);
      await rm(dir, { recursive: true, force: true });
      return { machine: describeMachine(), figures };
    }
    if (plan.only === 'answers') {
      const answers = await Promise.race([measureAnswers(around, plan.answers), failure]);
      await rm(dir, { recursive: true, force: true });
      return { machine: describeMachine(), answers };
    }
    pipelines.push(await createBare(around));
    for (const engine of plan.engines) pipelines.push(await createCaseloop(engine, around));
    let lastTicket = 100_000;
    const takeTickets = (count: number) => Array.from({ length: count }, () => ++lastTicket);
    const samples = createSamples(plan.engines);
    const bench = { plan, crm, sink, pipelines, samples, takeTickets, around };
    const report = await Promise.race([measureAll(bench), failure]);
    await rm(dir, { recursive: true, force: true });
    return report;
  } catch (error) {
    tell(`failed; the logs of all processes are in ${dir}`);
    throw error;
  } finally {
    for (const pipeline of pipelines) await pipeline.close();
    await sink.close();
    await crm.close();
    await leaveRedis();
  }
}

/** Figures are the store's alone, whatever the queue. */
function storesOf(engines: readonly Engine[]): readonly ReportEngine[] {
  const stores = engines.map((engine) => (engine === 'embedded' ? engine : 'postgresql'));
  return [...new Set(stores)];
}

async function measureAll(bench: Bench): Promise<Report> {
  const { plan, crm, sink, pipelines, samples, takeTickets, around } = bench;
  for (const pipeline of pipelines) pipeline.spawn();
  for (const pipeline of pipelines) {
    await pipeline.ready();
    const { mailBytes } = await measureBurst(pipeline, sink, takeTickets(plan.warmUp));
    samples.add({ name: 'mail size', unit: 'bytes', better: 'less' }, pipeline.name, mailBytes);
  }
  tell('single pushes');
  const takeTicket = () => takeTickets(1)[0] ?? 0;
  const delays = await measureIdle(pipelines, sink, { ...plan.idle, takeTicket });
  for (const [name, values] of delays) {
    const measure = (what: string) => ({
      name: `push to mail when idle, ${what}`,
      unit: 'ms',
      better: 'less' as const,
    });
    // Each round is a turn: one push to each pipeline.
    for (const value of values) samples.add(measure('p50'), name, value);
    samples.add(measure('p95'), name, percentile(values, 0.95));
  }
  await measureBursts(bench);
  for (const { name, usage } of pipelines) {
    samples.add({ name: 'peak memory', unit: 'MiB', better: 'less' }, name, (await usage()).peakMib);
  }
  const calls = await countCalls(bench);
  await measureKills(bench);
  if (plan.crmCalls !== null) tell('calls to a CRM of every type');
  const crmCalls = plan.crmCalls === null ? [] : await measureCrmCalls(sink, plan.crmCalls, around);
  tell('mails alone');
  const mail = await measureMail(sink, plan.mail);
  tell('answers alone');
  const answers = await measureAnswers(around, plan.answers);
  return { machine: describeMachine(), rows: samples.rows(), calls, crmCalls, mail, answers };

  async function countCalls({ pipelines: [bare, first] }: Bench): Promise<Report['calls']> {
    if (bare === undefined || first === undefined) throw new Error('there is no engine to count calls on');
    tell('calls to the CRM');
    const count = (pipeline: Pipeline, pattern: Pattern) =>
      measureCalls(pipeline, { crm, sink }, pattern, takeTickets(pattern.closures));
    const pattern = { closures: 100, spreadMs: 1_000, lowEvery: plan.calls.lowEvery, quietMs: 500 };
    return {
      pattern: plan.calls,
      engine: ENGINE_TITLES[first.name as Engine],
      caseloop: await count(first, plan.calls),
      bare: { pattern, traffic: await count(bare, pattern) },
    };
  }
}

/** Bursts by turns: there and back again, so that a machine that slowly gets slower favours nobody. */
async function measureBursts({ plan, pipelines, sink, samples, takeTickets }: Bench): Promise<void> {
  for (const { closures, turns, without } of plan.bursts) {
    const taking = pipelines.filter(({ name }) => !without.some((one) => one === name));
    for (let turn = 0; turn < turns; turn += 1) {
      tell(`bursts of ${closures}, turn ${turn + 1} of ${turns}`);
      for (const pipeline of turn % 2 === 0 ? taking : taking.toReversed()) {
        const burst = await measureBurst(pipeline, sink, takeTickets(closures));
        const add = (name: string, unit: string, better: 'more' | 'less', value: number) =>
          samples.add({ name: `${name}, ${closures} closures`, unit, better }, pipeline.name, value);
        add('throughput', 'closures/s', 'more', burst.closuresPerSecond);
        add('processor time', 'ms per closure', 'less', burst.cpuMsPerClosure);
        if (burst.pushesPerSecondWhileMailing !== null)
          add('pushes accepted while mailing', 'pushes/s', 'more', burst.pushesPerSecondWhileMailing);
      }
    }
  }
}

async function measureKills({ plan, pipelines, sink, samples, takeTickets }: Bench): Promise<void> {
  for (let turn = 0; turn < plan.kill.turns; turn += 1) {
    for (const pipeline of pipelines) {
      tell(`kill -9, turn ${turn + 1} of ${plan.kill.turns}: ${pipeline.name}`);
      const recovery = await measureKill(pipeline, sink, takeTickets(plan.kill.closures));
      const add = (name: string, unit: string, value: number) =>
        samples.add({ name: `kill -9: ${name}`, unit, better: 'less' }, pipeline.name, value);
      add('start to first mail', 'ms', recovery.firstMailMs);
      add('start to last mail', 'ms', recovery.lastMailMs);
      add('mailed twice', `of ${plan.kill.closures}`, recovery.mailedTwice);
    }
  }
}

function tell(what: string): void {
  process.stderr.write(`bench: ${what}\n`);
}

await main();
