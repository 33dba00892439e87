/**
 * What a terminal answers when tmux asks it something. An answer reaches tmux only when it has asked: tmux takes one it
 * did not ask for (or does not know) for keys, and types it into the agent.
 */

/** Each kind: what tmux sends to ask, and what the whole answer looks like. After xterm's ctlseqs. */
const KINDS = {
  da1: { asked: '\\x1b\\[0?c', answer: /^\x1b\[\?[\d;]*c$/ },
  da2: { asked: '\\x1b\\[>0?c', answer: /^\x1b\[>[\d;]*c$/ },
  da3: { asked: '\\x1b\\[=0?c', answer: /^\x1bP!\|[\da-fA-F]*\x1b\\$/ },
  xtversion: { asked: '\\x1b\\[>0?q', answer: /^\x1bP>\|[ -~]*\x1b\\$/ },
  foreground: { asked: '\\x1b\\]10;\\?', answer: /^\x1b\]10;rgba?:[\da-fA-F/]+(?:\x07|\x1b\\)$/ },
  background: { asked: '\\x1b\\]11;\\?', answer: /^\x1b\]11;rgba?:[\da-fA-F/]+(?:\x07|\x1b\\)$/ },
  cursor: { asked: '\\x1b\\]12;\\?', answer: /^\x1b\]12;rgba?:[\da-fA-F/]+(?:\x07|\x1b\\)$/ },
  palette: { asked: '\\x1b\\]4;\\d+;\\?', answer: /^\x1b\]4;\d+;rgba?:[\da-fA-F/]+(?:\x07|\x1b\\)$/ },
  mode: { asked: '\\x1b\\[\\?\\d+\\$p', answer: /^\x1b\[\?\d+;\d\$y$/ },
  keyboard: { asked: '\\x1b\\[\\?u', answer: /^\x1b\[\?\d*u$/ },
  size: { asked: '\\x1b\\[1[468]t', answer: /^\x1b\[[468];\d+;\d+t$/ },
  theme: { asked: '\\x1b\\[\\?996n', answer: /^\x1b\[\?997;\d+n$/ },
} as const;

export type ReplyKind = keyof typeof KINDS;
const NAMES = Object.keys(KINDS) as readonly ReplyKind[];
const ASKED = new RegExp(NAMES.map(kind => `(?<${kind}>${KINDS[kind].asked})`).join('|'), 'g');

/** Which answer this whole sequence is, if any. */
export function replyKind(sequence: string): ReplyKind | undefined {
  return NAMES.find(kind => KINDS[kind].answer.test(sequence));
}

/**
 * tmux waits for answers for five seconds (tty.c, TTY_QUERY_TIMEOUT); what comes later it takes for keys. Well below, since
 * it has asked before we read it, and the terminal may have been told late: while a question covers the agent, say.
 */
const ANSWER_MS = 2000;

export interface Asked {
  /** Takes note of what tmux asks in this output; one character a byte, whole sequences. */
  note(output: string): void;
  /** May this answer pass? Each question takes one, and soon. */
  take(kind: ReplyKind): boolean;
}

/** @param now milliseconds of any clock */
export function askedBy(now: () => number): Asked {
  const open = new Map<ReplyKind, readonly number[]>();
  return {
    note(output) {
      for (const match of output.matchAll(ASKED)) {
        const kind = NAMES.find(name => match.groups?.[name] !== undefined);
        if (kind) open.set(kind, [...(open.get(kind) ?? []), now()]);
      }
    },
    take(kind) {
      // Answers come in order: this one is to the oldest question.
      const [asked, ...rest] = open.get(kind) ?? [];
      open.set(kind, rest);
      return asked !== undefined && now() - asked <= ANSWER_MS;
    },
  };
}
