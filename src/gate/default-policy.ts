/**
 * What holds for people who write no policy: reads pass, the rest waits for one person, the obviously ruinous is
 * forbidden. The forbids are a floor under every policy; a lead can override one, once, with a reason.
 */
export const FLOOR = `@id("ruinous")
@why("it would destroy the machine, its disks or a home directory")
forbid (principal, action, resource)
when { context.classes.containsAny(["ruinous", "raw-device", "fork-bomb"]) };

@id("terminal-server")
@why("it would end terminals that are not the agent's own")
forbid (principal, action, resource)
when { context.classes.contains("terminal-server") };

@id("chaos-outside")
@why("it would break what is not the fleet's")
forbid (principal, action, resource)
when { context.classes.contains("chaos-outside") };

@id("chaos-by-agents")
@why("an agent must not break its fleet")
forbid (principal is Hms::Agent, action == Hms::Action::"Chaos", resource);

@id("operator")
@why("an agent must not play the person")
forbid (principal is Hms::Agent, action, resource)
when { context.classes.contains("operator") };
`;

export const DEFAULT = `@id("reads")
@why("it only reads")
permit (principal, action == Hms::Action::"Read", resource)
when { context.risk < 30 };

@id("notes")
@why("it only takes notes")
permit (principal, action == Hms::Action::"Other", resource)
when { context.risk < 20 };

@id("people-decide")
@why("the default policy holds what changes anything")
permit (principal, action, resource)
when { context.approvalCount >= 1 };
`;

export const FLOOR_FILE = 'floor.cedar';
export const DEFAULT_FILE = 'default.cedar';
