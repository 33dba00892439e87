/**
 * An agent that has promised to beat has not, for longer than people set: systemd's WatchdogSec. Its first beat may take
 * as long as what is tried may take to show. Whoever waits for a person or idles is silent by right.
 */
import type { Millis } from '../../model/ids.ts';
import { type Detector, type Look, NO_WAIT } from '../detector.ts';
import type { Anomaly } from '../types.ts';

export const heartbeat: Detector = {
  name: 'heartbeat',
  see: (_, look) => judge(look),
  nextLook: look => (applies(look) ? due(look) : Number.POSITIVE_INFINITY),
};

function applies({ picture: { alive, doing }, config }: Look): boolean {
  return config.heartbeat > 0 && alive && doing !== 'idle' && doing !== 'waiting';
}

/** The beat before the one that is awaited, or what stands for it. */
function last({ picture: { beatAt, startedAt, doingSince }, config }: Look): Millis {
  return Math.max(beatAt === 0 ? startedAt + config.patience : beatAt, doingSince);
}

const due = (look: Look): Millis => last(look) + look.config.heartbeat * look.lag;

function judge(look: Look): Anomaly | undefined {
  const { now, picture, config } = look;
  if (!applies(look) || now < due(look)) return undefined;
  const since = Math.min(now, last(look));
  const first = picture.beatAt === 0 ? ', not even a first one' : '';
  const words = `no heartbeat for ${Math.round((now - since) / 1000)} s, more than ${config.heartbeat / 1000} s${first}`;
  return {
    fault: 'hang',
    at: now,
    since,
    findings: [{ detector: 'heartbeat', words, score: 1 }],
    waitFor: NO_WAIT,
  };
}
