/** It works, they say, and nothing has come from it for longer than people set. */
import { type Detector, type Look, NO_WAIT } from '../detector.ts';
import type { Anomaly } from '../types.ts';

export const silence: Detector = {
  name: 'silence',
  see: (_, look) => judge(look),
  nextLook: look => (applies(look) ? look.picture.progressAt + limit(look) : Number.POSITIVE_INFINITY),
};

const limit = ({ config, lag }: Look): number => config.silence * lag;

/** Idle and waiting agents are silent by right. */
function applies({ picture, config }: Look): boolean {
  return config.silence > 0 && picture.alive && picture.doing !== 'idle' && picture.doing !== 'waiting';
}

function judge(look: Look): Anomaly | undefined {
  const { picture, now, config } = look;
  if (!applies(look) || now - picture.progressAt < limit(look)) return undefined;
  const seconds = Math.round((now - picture.progressAt) / 1000);
  const words = `nothing for ${seconds} s while ${picture.doing}, more than ${config.silence / 1000} s`;
  return {
    fault: 'hang',
    at: now,
    since: picture.progressAt,
    findings: [{ detector: 'silence', words, score: 1 }],
    waitFor: NO_WAIT,
  };
}
