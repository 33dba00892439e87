/** The webhook channel: a POST of JSON, tried again for a while, that follows nobody elsewhere. */
import { HmsError, wordsOf } from '../model/errors.ts';

/** Pauses before the second, third and fourth try, ms; each with up to half of it more. */
const PAUSES_MS = [1000, 4000, 15_000] as const;

interface WebhookOptions {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of one try. */
  readonly timeoutMs: number;
  /** Resolves after so many ms; rejects when there is to be no other try. */
  pause(ms: number): Promise<void>;
  random(): number;
}

/** Resolves when it was taken (2xx). Rejects with HmsError `notify-failed` after the last try, or when none would help. */
export async function postWebhook(options: WebhookOptions): Promise<void> {
  const host = new URL(options.url).host;
  let why = '';
  for (const pauseMs of [0, ...PAUSES_MS]) {
    if (pauseMs > 0) await options.pause(pauseMs * (1 + options.random() / 2));
    const outcome = await attempt(options);
    if (outcome === 'taken') return;
    why = outcome.why;
    if (!outcome.passing) break;
  }
  throw new HmsError('notify-failed', `${host}: ${why}`);
}

type Outcome = 'taken' | { readonly why: string; readonly passing: boolean };

async function attempt({ url, body, headers, timeoutMs }: WebhookOptions): Promise<Outcome> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
      // Nothing is told to whom nobody named.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    await answer.body?.cancel();
    if (answer.ok) return 'taken';
    const passing = answer.status >= 500 || answer.status === 429 || answer.status === 408;
    return { why: `answered ${answer.status}`, passing };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    return { why: `${wordsOf(error)}${cause}`, passing: true };
  }
}
