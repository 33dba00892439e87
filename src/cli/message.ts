/** `hms message`: writing to agents and people, and reading what came. Inside an agent it is that agent's, else a person's. */
import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import { written } from '../model/address.ts';
import { HmsError } from '../model/errors.ts';
import { Duration } from '../model/fleet.ts';
import { MessageId } from '../model/ids.ts';
import { neutralise, oneLine } from '../model/text.ts';
import { localTime } from '../model/when.ts';
import type { Message, MessageList, MessageSent } from '../protocol/messages.ts';
import { type AgentPlace, agentPlace, persist } from './agent-link.ts';
import { EXIT } from './exits.ts';
import { withLink } from './operator-link.ts';
import { print, printJson, say } from './output.ts';

/** How long an engine may be away before this gives up, ms. */
const OUTAGE_MS = 15_000;

interface Common {
  readonly fleet?: string;
  readonly as?: string;
  readonly json?: boolean;
}

interface Outgoing {
  readonly to: string;
  readonly text: string;
  readonly reply?: MessageId;
}

/** One reader's own messages, whoever the reader is. */
interface Post {
  send(outgoing: Outgoing): Promise<MessageSent>;
  list(unread: boolean, limit: number): Promise<MessageList>;
  read(to: number): Promise<unknown>;
  /** Resolves when something waits, or after so many ms. */
  wait(ms: number): Promise<unknown>;
}

const common = (command: Command): Command =>
  command
    .option('--fleet <fleet>', 'name or folder (for people)')
    .option('--as <name>', 'operator (for people)')
    .option('--json', 'print as JSON');

export function messageCommand(): Command {
  const message = new Command('message').description('messages between agents and people');
  common(message.command('send'))
    .argument('<to>', 'an agent, @alice, @people, @agents or @all')
    .argument('<text...>', '- reads it from standard input')
    .option('--reply <id>', 'the message it answers')
    .description('into an inbox; nothing is typed into anybody’s pane')
    .action((to: string, words: string[], options: Common & { reply?: string }) =>
      send(to, words, options.reply, options),
    );
  common(message.command('reply'))
    .argument('<id>', 'as message list shows it')
    .argument('<text...>', '- reads it from standard input')
    .description('to whom wrote it')
    .action((id: string, words: string[], options: Common) => send('', words, id, options));
  common(message.command('list', { isDefault: true }))
    .description('messages from and to you, oldest first')
    .option('--unread', 'only what you have not been given yet; from then on you have')
    .option('--keep', 'with --unread: they stay unread')
    .option('--limit <n>', 'how many at most, 1 to 100', Number, 20)
    .action(list);
  common(message.command('wait'))
    .description('wait until something is unread, print it and mark it as read')
    .option('--timeout <duration>', 'give up after it, such as 30s or 10m')
    .addHelpText('after', `\nExit code ${EXIT.tempFail}: nothing came in time.`)
    .action(wait);
  return message;
}

async function send(
  to: string,
  words: readonly string[],
  reply: string | undefined,
  options: Common,
): Promise<void> {
  const text = words.length === 1 && words[0] === '-' ? await readInput() : words.join(' ');
  if (text.trim() === '') throw new HmsError('empty-message', 'the message is empty');
  const outgoing = { to, text, ...(reply === undefined ? {} : { reply: messageId(reply) }) };
  const sent = await withPost(options, post => post.send(outgoing));
  if (options.json) printJson(sent);
  else say(`${sent.id} to ${written(sent.to)}.`);
}

interface ListOptions extends Common {
  readonly unread?: boolean;
  readonly keep?: boolean;
  readonly limit: number;
}

async function list(options: ListOptions): Promise<void> {
  const limit = Number.isInteger(options.limit) ? Math.min(100, Math.max(1, options.limit)) : 20;
  await withPost(options, async post => {
    const { messages } = await post.list(options.unread ?? false, limit);
    show(messages, options);
    if (messages.length === 0 && !options.json) say(options.unread ? 'Nothing is unread.' : 'No messages.');
    // Printed first: what gets lost between the two is given again, not kept back.
    if (options.unread && !options.keep) await readAll(post, messages);
  });
}

async function wait(options: Common & { timeout?: string }): Promise<void> {
  const ms = options.timeout === undefined ? 0 : durationOf(options.timeout);
  await withPost(options, async post => {
    await post.wait(ms);
    const { messages } = await post.list(true, 100);
    if (messages.length === 0) {
      process.exitCode = EXIT.tempFail;
      return options.json ? printJson([]) : say(`Nothing came within ${options.timeout}.`);
    }
    show(messages, options);
    await readAll(post, messages);
  });
}

async function readAll(post: Post, messages: readonly Message[]): Promise<void> {
  const last = messages.at(-1);
  if (last) await post.read(last.seq);
}

function show(messages: readonly Message[], { json = false }: Common): void {
  // What others wrote is for programs as hostile as for terminals: their output ends up in one.
  if (json) printJson(messages.map(m => ({ ...m, text: neutralise(m.text) })));
  else for (const message of messages) print(asText(message));
}

function asText({ id, at, from, to, text, reply, unread }: Message): string {
  const about = reply === '' ? '' : ` (answers ${reply})`;
  const who = `${oneLine(written(from))} → ${oneLine(written(to))}`;
  const head = `${id || 'typed'}  ${localTime(at)}  ${who}${about}${unread ? '  unread' : ''}`;
  return [head, ...neutralise(text).split('\n')].join('\n    ');
}

function withPost<T>(options: Common, use: (post: Post) => Promise<T>): Promise<T> {
  if (process.env.HMS_TOKEN) return use(agentPost(agentPlace()));
  return withLink(options, ({ client }) =>
    use({
      send: outgoing => client.request('message.send', outgoing),
      list: (unread, limit) => client.request('message.list', { unread, limit }),
      read: to => client.request('message.read', { to }),
      wait: ms => patiently(client.request('message.wait', {}, { deadlineMs: ms })),
    }),
  );
}

/** Each request on a connection of its own, and again on the next when the engine goes away under it. */
function agentPost(place: AgentPlace): Post {
  const within = { withinMs: OUTAGE_MS };
  const id = MessageId.parse(`m-${randomUUID().replaceAll('-', '').slice(0, 16)}`);
  return {
    send: outgoing => persist(place, link => link.request('message', { ...outgoing, id }), within),
    list: (unread, limit) => persist(place, link => link.request('message.list', { unread, limit }), within),
    read: to => persist(place, link => link.request('message.read', { to }), within),
    wait: ms => {
      const until = performance.now() + ms;
      const left = (): number => (ms === 0 ? 0 : Math.max(1, until - performance.now()));
      return persist(
        place,
        link => patiently(link.request('message.wait', {}, { deadlineMs: left() })),
        within,
      );
    },
  };
}

/** The end of one's patience is no fault. */
async function patiently(waiting: Promise<unknown>): Promise<void> {
  await waiting.catch((error: unknown) => {
    if (!(error instanceof HmsError) || error.code !== 'no-answer') throw error;
  });
}

function messageId(text: string): MessageId {
  const parsed = MessageId.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new HmsError('bad-message', `${JSON.stringify(text)} is no message’s id`, 'it looks like m-3f9c01ab');
}

function durationOf(text: string): number {
  const parsed = Duration.safeParse(text);
  if (parsed.success && parsed.data > 0) return parsed.data;
  throw new HmsError('bad-duration', `${JSON.stringify(text)} is no duration`, 'write 500ms, 30s, 10m or 1h');
}

async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8').replace(/\n$/, '');
}
