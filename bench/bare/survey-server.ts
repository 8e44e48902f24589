import express from 'express';
import pg from 'pg';
import { surveyPage } from './survey.ts';

/** Where the bare survey page runs: one JSON argument on the command line. */
export interface BareSurveySettings {
  readonly port: number;
  readonly databaseUrl: string;
}

/**
 * The least that asks and keeps an answer: a page is one SELECT, a press is one INSERT and a redirect. Its links are not
 * signed, it counts a second press twice, and nothing follows from an answer.
 */
const settings = JSON.parse(process.argv[2] ?? '') as BareSurveySettings;

const database = new pg.Pool({ connectionString: settings.databaseUrl, max: 10 });
await database.query(
  'create table asked (id uuid primary key, number text not null, question text not null)',
);
await database.query(`create table answers (
  id bigint primary key generated always as identity, asked_id uuid not null references asked, score integer not null,
  comment text, at timestamptz not null default now())`);

const app = express();
app.get('/s/:id', async (request, response) => {
  const { rows } = await database.query<{ number: string; question: string }>(
    'select number, question from asked where id = $1',
    [request.params.id],
  );
  const [survey] = rows;
  if (survey === undefined) return void response.sendStatus(404);
  const score = Number(request.query.score);
  response.send(surveyPage(survey, Number.isInteger(score) ? score : null));
});
app.post('/s/:id', express.urlencoded({ extended: false }), async (request, response) => {
  const score = Number(request.body.score);
  if (!Number.isInteger(score) || score < 1 || score > 5) return void response.sendStatus(400);
  await database.query('insert into answers (asked_id, score, comment) values ($1, $2, $3)', [
    request.params.id,
    score,
    String(request.body.comment ?? '').trim() || null,
  ]);
  response.redirect(303, '?done=1');
});
app.get('/healthz', (_request, response) => void response.sendStatus(200));
app.listen(settings.port, '127.0.0.1');

process.once('SIGTERM', () => process.exit(0));
