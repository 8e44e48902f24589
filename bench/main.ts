import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureBurst } from './measure-burst.ts';
import { measureCalls } from './measure-calls.ts';
import { measureIdle } from './measure-idle.ts';
import { measureKill } from './measure-kill.ts';
import { type Plan, readPlan } from './options.ts';
import { createBare, createCaseloop, ENGINE_TITLES, type Engine, type Pipeline } from './pipelines.ts';
import { describeMachine, type Report, toText } from './report.ts';
import { addPercentiles, createSamples, type Samples } from './samples.ts';
import { findServers, leaveRedis, type Servers } from './servers.ts';
import { type CrmStub, type MailSink, startCrm, startMailSink } from './surroundings.ts';

interface Bench {
  readonly plan: Plan;
  readonly crm: CrmStub;
  readonly sink: MailSink;
  readonly pipelines: readonly Pipeline[];
  readonly samples: Samples;
  takeTickets(count: number): number[];
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

async function run(plan: Plan, servers: Servers): Promise<Report> {
  const dir = await mkdtemp(join(tmpdir(), 'caseloop-bench-'));
  const crm = await startCrm(join(dir, 'crm.log'));
  const sink = await startMailSink(join(dir, 'mail-sink.log'));
  const around = { servers, crmUrl: crm.url, smtpUrl: sink.url, dir };
  const pipelines: Pipeline[] = [];
  try {
    tell('starting');
    pipelines.push(await createBare(around));
    for (const engine of plan.engines) pipelines.push(await createCaseloop(engine, around));
    let lastTicket = 100_000;
    const takeTickets = (count: number) => Array.from({ length: count }, () => ++lastTicket);
    const samples = createSamples(plan.engines);
    const report = await measureAll({ plan, crm, sink, pipelines, samples, takeTickets });
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

async function measureAll(bench: Bench): Promise<Report> {
  const { plan, crm, sink, pipelines, samples, takeTickets } = bench;
  for (const pipeline of pipelines) pipeline.spawn();
  for (const pipeline of pipelines) {
    await pipeline.ready();
    await measureBurst(pipeline, sink, takeTickets(plan.warmUp));
  }
  tell('single pushes');
  const takeTicket = () => takeTickets(1)[0] ?? 0;
  const delays = await measureIdle(pipelines, sink, { ...plan.idle, takeTicket });
  for (const [name, values] of delays) addPercentiles(samples, name, 'push to mail when idle', values);
  await measureBursts(bench);
  for (const { name, usage } of pipelines) {
    samples.add({ name: 'peak memory', unit: 'MiB', better: 'less' }, name, (await usage()).peakMib);
  }
  const calls = await countCalls(bench);
  await measureKills(bench);
  return { machine: describeMachine(), rows: samples.rows(), calls, missing: [] };

  async function countCalls({ pipelines: [bare, first] }: Bench): Promise<Report['calls']> {
    if (bare === undefined || first === undefined) throw new Error('there is no engine to count calls on');
    tell('calls to the CRM');
    const count = (pipeline: Pipeline) =>
      measureCalls(pipeline, { crm, sink }, plan.calls, takeTickets(plan.calls.closures));
    const engine = ENGINE_TITLES[first.name as Engine];
    return { pattern: plan.calls, engine, caseloop: await count(first), bare: await count(bare) };
  }
}

/** Bursts by turns: there and back again, so that a machine that slowly gets slower favours nobody. */
async function measureBursts({ plan, pipelines, sink, samples, takeTickets }: Bench): Promise<void> {
  for (const { closures, turns } of plan.bursts) {
    for (let turn = 0; turn < turns; turn += 1) {
      tell(`bursts of ${closures}, turn ${turn + 1} of ${turns}`);
      for (const pipeline of turn % 2 === 0 ? pipelines : pipelines.toReversed()) {
        const burst = await measureBurst(pipeline, sink, takeTickets(closures));
        const add = (name: string, unit: string, better: 'more' | 'less', value: number) =>
          samples.add({ name: `${name}, ${closures} closures`, unit, better }, pipeline.name, value);
        add('throughput', 'closures/s', 'more', burst.closuresPerSecond);
        add('processor time', 'ms per closure', 'less', burst.cpuMsPerClosure);
        add('mail size', 'bytes', 'less', burst.mailBytes);
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
