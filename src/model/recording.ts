/** Recordings as the journal tells of them: which cast files there are, and the digests that prove what is in them. */
import * as z from 'zod';
import { AgentId, CastFile, Digest, OperatorId } from './ids.ts';

const Count = z.int().min(0);
const Ms = z.int().min(0);

export const RECORDING_EVENTS = {
  /** A cast file was begun: an agent's run or an operator's stage, or the next part of one. */
  'recording.started': z.object({
    file: CastFile,
    /** What people call it; its parts share it: `builder.3`. */
    recording: z.string().min(1).max(160),
    part: z.int().positive(),
    agent: AgentId.or(z.literal('')),
    /** 0 for an operator's stage. */
    incarnation: Count,
    /** Whose stage it is; '' for an agent's own pane. */
    operator: OperatorId.or(z.literal('')),
  }),
  /** Its first `bytes` bytes are as they will stay. The digest of a chunk is SHA-256 over the one before and its bytes. */
  'recording.chunked': z.object({ file: CastFile, chunk: z.int().positive(), bytes: Count, digest: Digest }),
  'recording.ended': z.object({
    file: CastFile,
    chunks: Count,
    bytes: Count,
    ms: Ms,
    /** Places where a secret was painted over before anything was written. */
    redacted: Count,
    reason: z.string().max(400),
  }),
  /** Taken away by the fleet's own rules of retention; its digests stay. */
  'recording.removed': z.object({ file: CastFile, reason: z.string().max(400) }),
  /** Nothing can be written just now (disk full, …); agents go on, and what they print waits. */
  'recording.paused': z.object({ reason: z.string().max(400) }),
  'recording.resumed': z.object({}),
} as const;
