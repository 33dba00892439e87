/**
 * The names of things. Branded so that an agent's name is never passed where a pane id belongs; parsed at
 * the edge with these schemas, trusted inside.
 */
import * as z from 'zod';

/** An agent's name in its fleet: lower case, at most 32 characters, safe in file names and tmux targets. */
export const AgentId = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,31}$/,
    'an agent name is a-z, 0-9 and -, starts with a letter, 32 characters at most',
  )
  .brand<'AgentId'>();
export type AgentId = z.infer<typeof AgentId>;

/** A person's name: the OS user, or one declared under `operators` in the fleet file. */
export const OperatorId = z
  .string()
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}$/,
    'an operator name is letters, digits and _ . @ -, 64 characters at most',
  )
  .brand<'OperatorId'>();
export type OperatorId = z.infer<typeof OperatorId>;

/** One attached console or command-line client of an operator. Unique for the life of the journal. */
export const SessionId = z.string().min(1).max(64).brand<'SessionId'>();
export type SessionId = z.infer<typeof SessionId>;

/** One request at the gate, e.g. `r-3f9c01ab`. Made by the asker, so that it can ask again after a restart. */
export const RequestId = z
  .string()
  .regex(/^r-[0-9a-z]{4,40}$/, 'a request id looks like r-3f9c01ab')
  .brand<'RequestId'>();
export type RequestId = z.infer<typeof RequestId>;

export const GrantId = z
  .string()
  .regex(/^g-[0-9a-z]{4,40}$/)
  .brand<'GrantId'>();
export type GrantId = z.infer<typeof GrantId>;

export const IncidentId = z
  .string()
  .regex(/^i-[0-9a-z]{4,40}$/)
  .brand<'IncidentId'>();
export type IncidentId = z.infer<typeof IncidentId>;

/** A cast file in the fleet's recordings folder: `builder.3.cast`, its further parts `builder.3.p2.cast`. */
export const CastFile = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,150}\.cast$/, 'a cast file is named like builder.3.cast')
  .brand<'CastFile'>();
export type CastFile = z.infer<typeof CastFile>;

/** A message, `m-…`. Made by its sender, so that it can be sent again after a restart without being there twice. */
export const MessageId = z
  .string()
  .regex(/^m-[0-9a-z]{4,40}$/, 'a message id looks like m-3f9c01ab')
  .brand<'MessageId'>();
export type MessageId = z.infer<typeof MessageId>;

/** A tmux pane, `%N`. Only unique while its tmux server lives: always pair it with agent and incarnation. */
export const PaneId = z
  .string()
  .regex(/^%\d+$/)
  .brand<'PaneId'>();
export type PaneId = z.infer<typeof PaneId>;

/** SHA-256 in lower-case hex. */
export const Digest = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .brand<'Digest'>();
export type Digest = z.infer<typeof Digest>;

/** Place of an event in the journal: 1, 2, 3 … without gaps. */
export type Seq = number;

/** Milliseconds since the Unix epoch. */
export type Millis = number;
