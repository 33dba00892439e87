/** Whose files can be translated. By itself, so that a command line that only names them loads nothing else. */
export const TOOLS = ['systemd', 'kubernetes', 'pm2', 'supervisord', 'compose', 'hms'] as const;
export type Tool = (typeof TOOLS)[number];
