/** How the fleet file wants things recorded, as the recorder needs it. */
import type { FleetConfig } from '../model/fleet.ts';
import type { RecordingSettings } from '../protocol/messages.ts';
import { secretValues } from '../recording/secrets.ts';

export function recordingSettings(
  { agents, recording }: FleetConfig,
  env: NodeJS.ProcessEnv,
): RecordingSettings {
  const { keep, max_size: maxSize, redact } = recording;
  const given = Object.values(agents).flatMap(agent => [
    agent.env,
    ...(agent.healing?.swap ?? []).map(alternative => alternative.env),
  ]);
  const values = secretValues([env, ...given], redact);
  return { keep, maxSize, secrets: { known: redact.known, patterns: redact.patterns, values } };
}
