/** `notifications:` of the fleet file, and a person's own: which events are told, to whom, and how. */
import * as z from 'zod';
import { Duration } from './duration.ts';
import { AgentId } from './ids.ts';

/** What can be told, and what it means. */
export const OCCASIONS = {
  asking: 'a request waits for people',
  critical: 'a request of CRITICAL risk waits',
  expired: 'a request ended because nobody answered',
  failed: 'an agent gave up and needs a person',
  exited: 'an agent ended by itself, not well',
  finished: 'an agent has nothing more to do, or ended well',
  message: 'an agent or a person wrote to people',
  incident: 'an incident was opened',
  frozen: 'agents were frozen',
} as const;
export const Occasion = z.enum(Object.keys(OCCASIONS) as [keyof typeof OCCASIONS]);
export type Occasion = keyof typeof OCCASIONS;

/** Rung by the consoles that are attached, those whose window has the focus left out. */
export const CONSOLE_CHANNELS = ['bell', 'osc9', 'osc777'] as const;
export type ConsoleChannel = (typeof CONSOLE_CHANNELS)[number];

const CommandChannel = z.strictObject({
  command: z
    .array(z.string())
    .min(1)
    .describe('Program and arguments, run without a shell; the notification comes as JSON on standard input'),
  timeout: Duration.default(10_000).describe('It is killed after this'),
});

const WebhookChannel = z.strictObject({
  webhook: z
    .string()
    .refine(isSafeUrl, 'an https address, or http on this machine (127.0.0.1, ::1, localhost); no user in it')
    .describe('Where the notification is posted as JSON'),
  header: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,64}$/, 'not a header’s name')
    .default('Authorization')
    .describe('The header that carries the secret'),
  secret: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable, not the secret itself')
    .optional()
    .describe('Name of the environment variable of the engine that holds the header’s value'),
  timeout: Duration.default(5000).describe('How long one try may take; there are four'),
});

/** https everywhere, http only to this machine: what is told is nobody else's business. */
function isSafeUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url?.username !== '' || url.password !== '') return false;
  const here = ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  return url.protocol === 'https:' || (url.protocol === 'http:' && here);
}

export const Channel = z.union([z.enum(CONSOLE_CHANNELS), CommandChannel, WebhookChannel]);
export type Channel = z.infer<typeof Channel>;

/** `22:00-07:00`, local time, as minutes of the day; the second may be earlier than the first. */
const Quiet = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/, 'quiet hours are written 22:00-07:00')
  .transform(text => {
    const [from = 0, to = 0] = text.split('-').map(t => Number(t.slice(0, 2)) * 60 + Number(t.slice(3)));
    return { from, to };
  });

export const NotifyRule = z.strictObject({
  when: z
    .strictObject({
      events: z.array(Occasion).default([]).describe('Occasions'),
      kinds: z
        .array(z.string().regex(/^[a-z]+\.[a-z]+$/, 'a kind of event, such as agent.failed'))
        .default([])
        .describe('Kinds of events, as the journal names them'),
      agents: z.array(AgentId).default([]).describe('Only about these agents; all when empty'),
      unwatched: Duration.optional().describe(
        'Only when no console is attached, or nobody has pressed a key in one for this long',
      ),
      quiet: Quiet.optional().describe('Nothing is told in these hours, local time: 22:00-07:00'),
    })
    .refine(when => when.events.length + when.kinds.length > 0, 'needs events or kinds'),
  to: z.array(Channel).min(1).describe('Where to: bell, osc9, osc777, a command, a webhook'),
  gather: Duration.default(10_000).describe(
    'What comes within this time after a notification is told together, as one',
  ),
});
export type NotifyRule = z.infer<typeof NotifyRule>;

/** `command notify-send`, `webhook hooks.example.org`: never the whole of it, which may hold secrets. */
export function channelName(channel: Channel): string {
  if (typeof channel === 'string') return channel;
  return 'command' in channel
    ? `command ${channel.command[0] ?? ''}`
    : `webhook ${new URL(channel.webhook).host}`;
}

const RuleName = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'a rule’s name is a-z, 0-9 and -');
type Rules = Readonly<Record<string, NotifyRule>>;

/** Without any: a new request rings in consoles that nobody is looking at. */
export const DEFAULT_RULES: Rules = {
  asking: NotifyRule.parse({ when: { events: ['asking'] }, to: ['bell', 'osc9'] }),
};

export const Notifications = z
  .union([z.literal('off').transform((): Rules => ({})), z.record(RuleName, NotifyRule)])
  .default(DEFAULT_RULES);

/** A person's notifications.yaml, which goes with every fleet of the account. An empty file changes nothing. */
export const OwnNotifications = z
  .record(RuleName, z.union([z.literal('off'), NotifyRule]))
  .nullable()
  .transform(rules => rules ?? {});
export type OwnNotifications = z.infer<typeof OwnNotifications>;

/** The fleet's rules, then the person's own: one of the same name takes the place of the fleet's, `off` takes it away. */
export function mergedRules(fleet: Rules, own: OwnNotifications): Rules {
  const all = Object.entries({ ...fleet, ...own });
  return Object.fromEntries(all.flatMap(([name, rule]) => (rule === 'off' ? [] : [[name, rule]])));
}
