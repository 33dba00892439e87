/** The Cedar schema every policy is checked against. Its reference for people is docs/policy.md. */
export const SCHEMA = `namespace Hms {
  // Who asks: an agent of the fleet, or a part of hms-tui itself (its supervisor).
  entity Agent = { driver: String, capabilities: Set<String> };
  entity Cell = { driver: String, capabilities: Set<String> };
  // Who agrees.
  entity Operator;
  // What is asked for: the tool by its name, such as Tool::"Bash".
  entity Tool;

  type Facts = {
    tool: String,
    cwd: String,
    programs: Set<String>,
    classes: Set<String>,
    targets: Set<String>,
    inside: Bool,
    risk: Long,
    level: String,
    approvals: Set<Operator>,
    approvalCount: Long,
    // Leads among those who approved.
    leadCount: Long,
  };

  action Read, Write, Exec, Fetch, Ask, Restart, Chaos, Other appliesTo {
    principal: [Agent, Cell],
    resource: [Tool],
    context: Facts,
  };
}
`;

export const NAMESPACE = 'Hms';
export const SCHEMA_FILE = 'hms.cedarschema';
