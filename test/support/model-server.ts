/**
 * A scripted model on loopback: speaks enough of the Anthropic Messages API (streaming) for the real Claude Code
 * client, says what its script says, and keeps every request, so that a test can see what reached the model.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import * as z from 'zod';

const Block = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  tool_use_id: z.string().optional(),
  is_error: z.boolean().optional(),
  content: z.unknown().optional(),
});
const Message = z.looseObject({
  role: z.enum(['user', 'assistant', 'system']),
  content: z.union([z.string().transform(text => [{ type: 'text', text }]), z.array(Block)]),
});
const Body = z.looseObject({
  model: z.string(),
  stream: z.boolean().default(false),
  messages: z.array(Message),
  tools: z.array(z.looseObject({ name: z.string().default('') })).default([]),
});

/** One request for a message, as it came. */
export type ModelRequest = z.infer<typeof Body>;

export interface ToolUse {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** What the model says when it is its turn. An `error` is answered with that HTTP status. */
export type Turn =
  | { readonly text: string; readonly tools?: readonly ToolUse[] }
  | { readonly tools: readonly ToolUse[] }
  | { readonly error: { readonly status: number; readonly type: string; readonly message: string } };

/**
 * Turn number n answers the conversation in which the assistant has spoken n times, so that repeated requests get
 * the same answer. After the last turn the model says "Done." A function may look at the request itself.
 */
export type Script = readonly Turn[] | ((request: ModelRequest, turn: number) => Turn);

export interface ModelServer {
  /** For ANTHROPIC_BASE_URL. */
  readonly url: string;
  /** Requests of the agent's own conversation (those that bring tools), oldest first. */
  readonly requests: readonly ModelRequest[];
  /** What tools gave back to the model, oldest first, each once. */
  toolResults(): readonly ToolResult[];
  close(): Promise<void>;
}

export interface ToolResult {
  readonly id: string;
  readonly isError: boolean;
  /** Its text parts, joined. */
  readonly text: string;
}

export async function startModelServer(script: Script): Promise<ModelServer> {
  const requests: ModelRequest[] = [];
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => {
      response
        .writeHead(500)
        .end(JSON.stringify({ type: 'error', error: { type: 'api_error', message: String(error) } }));
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://model');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (pathname === '/v1/messages/count_tokens') return json(response, 200, { input_tokens: 10 });
    if (pathname !== '/v1/messages') return void response.writeHead(pathname === '/' ? 200 : 404).end();
    const body = Body.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    const turn = body.tools.length > 0 ? main(body) : { text: 'ok' };
    if ('error' in turn) {
      const { status, type, message } = turn.error;
      return json(response, status, { type: 'error', error: { type, message } });
    }
    const message = messageOf(turn, body);
    if (body.stream) stream(response, message);
    else json(response, 200, message);
  }

  function main(body: ModelRequest): Turn {
    requests.push(body);
    const turn = body.messages.filter(message => message.role === 'assistant').length;
    return (typeof script === 'function' ? script(body, turn) : script[turn]) ?? { text: 'Done.' };
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    toolResults: () => toolResults(requests),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Reply {
  readonly id: string;
  readonly type: 'message';
  readonly role: 'assistant';
  readonly model: string;
  readonly content: readonly (
    | { readonly type: 'text'; readonly text: string }
    | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: object }
  )[];
  readonly stop_reason: 'tool_use' | 'end_turn';
  readonly stop_sequence: null;
  readonly usage: { readonly input_tokens: number; readonly output_tokens: number };
}

let made = 0;

function messageOf(turn: Exclude<Turn, { error: unknown }>, { model }: ModelRequest): Reply {
  made += 1;
  const tools = turn.tools ?? [];
  return {
    id: `msg_${made}`,
    type: 'message',
    role: 'assistant',
    model,
    content: [
      ...('text' in turn ? [{ type: 'text', text: turn.text } as const] : []),
      ...tools.map(
        ({ name, input }, i) => ({ type: 'tool_use', id: `toolu_${made}_${i}`, name, input }) as const,
      ),
    ],
    stop_reason: tools.length > 0 ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 10, output_tokens: 10 },
  };
}

function stream(response: ServerResponse, message: Reply): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const say = (type: string, data: object) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  say('message_start', { message: { ...message, content: [], stop_reason: null } });
  for (const [index, block] of message.content.entries()) {
    const text = block.type === 'text';
    const start = text ? { type: 'text', text: '' } : { ...block, input: {} };
    const delta = text
      ? { type: 'text_delta', text: block.text }
      : { type: 'input_json_delta', partial_json: JSON.stringify(block.input) };
    say('content_block_start', { index, content_block: start });
    say('content_block_delta', { index, delta });
    say('content_block_stop', { index });
  }
  say('message_delta', {
    delta: { stop_reason: message.stop_reason, stop_sequence: null },
    usage: { output_tokens: 10 },
  });
  say('message_stop', {});
  response.end();
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function toolResults(requests: readonly ModelRequest[]): readonly ToolResult[] {
  const found = new Map<string, ToolResult>();
  for (const { messages } of requests) {
    for (const block of messages.flatMap(message => message.content)) {
      if (!('tool_use_id' in block) || block.type !== 'tool_result' || !block.tool_use_id) continue;
      const text = Text.parse(block.content);
      found.set(block.tool_use_id, { id: block.tool_use_id, isError: block.is_error ?? false, text });
    }
  }
  return [...found.values()];
}

const Text = z
  .union([z.string(), z.array(Block)])
  .optional()
  .transform(content =>
    Array.isArray(content) ? content.map(block => block.text ?? '').join('') : (content ?? ''),
  );
