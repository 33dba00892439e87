/**
 * Errors that people meet: a code for programs, one sentence of what happened, one of what to do.
 * A stack trace is shown only with --debug.
 */
export class HmsError extends Error {
  override readonly name = 'HmsError';
  readonly code: string;
  /** What to do about it, one sentence; empty when there is nothing to say. */
  readonly hint: string;

  constructor(code: string, message: string, hint = '', options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.hint = hint;
  }
}

/** The system's error code (`ENOENT`, …) of an unknown thrown value, or undefined. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** A thrown value in one line, for a log or a message. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
