/** Tests wait for what they mean, never for time to pass. */

export interface WaitOptions {
  /** What is waited for, in words: the message when it does not come. */
  readonly what: string;
  /** Default 10 000. Generous on purpose: a slow machine must not fail a test. */
  readonly deadlineMs?: number;
  /** Pause between two looks, default 10. */
  readonly everyMs?: number;
}

/**
 * Looks until `condition` returns something truthy, and returns that. A condition that throws is asked again; its
 * last error is told when the deadline passes.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { what, deadlineMs = 10_000, everyMs = 10 }: WaitOptions,
): Promise<Exclude<T, false | null | undefined | 0 | ''>> {
  const deadline = performance.now() + deadlineMs;
  let failure: unknown;
  let last: unknown;
  for (;;) {
    try {
      const found = await condition();
      if (isFound(found)) return found;
      last = found;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    if (performance.now() > deadline) {
      const seen = failure === undefined ? `last seen: ${String(last)}` : `last error: ${String(failure)}`;
      throw new Error(`waited ${deadlineMs} ms for ${what}; ${seen}`, { cause: failure });
    }
    await new Promise(resolve => setTimeout(resolve, everyMs));
  }
}

function isFound<T>(value: T): value is Exclude<T, false | null | undefined | 0 | ''> {
  return Boolean(value);
}
