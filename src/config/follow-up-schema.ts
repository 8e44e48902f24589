import { z } from 'zod';
import { Secret } from '../secret.ts';
import { dueIn } from './calendar-values.ts';
import { documented, section } from './documented.ts';
import { isHttpsOrLoopback } from './https.ts';
import { Name } from './name.ts';
import { address, choice, list, text, whole, words, yesNo } from './values.ts';

const chatUrl = documented(
  text<Secret>((input) => {
    const url = URL.canParse(input) ? new URL(input) : null;
    if (url === null) return { message: 'this is not a full address' };
    return isHttpsOrLoopback(url)
      ? { value: new Secret(input) }
      : { message: 'the address is not https, and not on this machine' };
  }),
  {
    about: 'Where the chat takes messages: a secret, since whoever has it can write there.',
    allowed: 'an https address; http only for localhost and 127.0.0.1',
    fix: `Keep the whole address outside this file and write \${SLACK_URL} here.`,
  },
);

const Chat = section('One chat that is told of low scores.', {
  kind: choice(
    ['slack', 'teams'],
    'What listens there: an incoming webhook of Slack, or a workflow of Teams.',
  ),
  url: chatUrl,
  team: list(words({ about: "One team's name.", allowed: 'text' }), {
    about: 'Only low scores of these teams of the CRM; an empty list is for all.',
    allowed: 'a list of texts',
  }),
  comments: yesNo('Also what customers wrote.').default(false),
});

const leadAddress = address('The lead of this team.');

const Lead = documented(
  z.union([
    leadAddress.transform((mail) => ({ mail })),
    section('The lead of a team.', {
      mail: leadAddress,
      name: words({ about: 'What tasks call them. Default: their address.', allowed: 'text' }).optional(),
      ids: documented(z.record(Name, words({ about: "The lead's id there.", allowed: 'text' })), {
        about: "The lead's own user id by connector, for tasks that the lead owns.",
        allowed: 'a map from connector names to ids of users',
        fix: 'Write, for example, { eu: "361234567" }.',
      }).optional(),
    }),
  ]),
  {
    about: 'The lead of this team.',
    allowed: 'a mail address, or a map with the keys mail, name and ids',
    fix: 'Write an address, such as lead@acme.example, or { mail: lead@acme.example, name: Sam Lead }.',
  },
);

/** What happens after a low score. */
export const FollowUp = section('What happens after a low score.', {
  action: choice(['task', 'reopen', 'both'], 'What a low score does on the CRM.').default('task'),
  dueIn: dueIn('How long the team has.').prefault('1 business day'),
  owner: choice(['assignee', 'lead'], 'Who gets the task.').default('assignee'),
  lead: documented(z.record(z.string(), Lead), {
    about: 'Team leads by team name; default is for every other team. They are told of low scores.',
    allowed: 'a map from team names to mail addresses, or to maps with the keys mail, name and ids',
    fix: 'Write, for example, { default: lead@acme.example }.',
  }).default({}),
  notify: list(address('One address.'), {
    about: 'Addresses that are told of every low score, beside the lead.',
    allowed: 'a list of mail addresses',
  }),
  escalate: list(address('One address.'), {
    about: 'Addresses that are told, beside those, when a customer was not answered in time.',
    allowed: 'a list of mail addresses',
  }),
  comments: yesNo('Mails to these people hold what customers wrote.').default(true),
  alerts: documented(z.record(Name, Chat), {
    about: 'Chats that are told, too, by a name of your choice.',
    allowed: 'a map from names to settings',
    fix: 'Write a name and below it kind and url, as config/example.yaml shows.',
  }).prefault({}),
  below: whole({
    about: 'The followUpBelow of surveys on the scale 1-5 that have none of their own.',
    min: 1,
    max: 5,
  }).default(3),
});
