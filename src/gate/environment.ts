/** Variables that decide which code other programs load or run. */
const CODE =
  /^(?:PATH|LD_.*|DYLD_.*|BASH_.*|ENV|SHELLOPTS|BASHOPTS|PROMPT_COMMAND|PS4|IFS|GIT_(?:SSH|SSH_COMMAND|EXTERNAL_DIFF|PROXY_COMMAND|ASKPASS|EXEC_PATH|TEMPLATE_DIR|CONFIG.*|DIR|WORK_TREE|OBJECT_DIRECTORY)|SSH_ASKPASS|NODE_OPTIONS|NODE_PATH|NPM_CONFIG_.*|npm_config_.*|PYTHON(?:STARTUP|PATH|HOME|INSPECT)|PERL5(?:OPT|LIB|DB)|RUBY(?:OPT|LIB)|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|CLASSPATH|GOFLAGS|RUSTFLAGS|RUSTC_WRAPPER|CARGO_.*|LESSOPEN|LESSCLOSE|MAKEFLAGS|HOME|ZDOTDIR|XDG_CONFIG_HOME|RIPGREP_CONFIG_PATH|KUBECONFIG|DOCKER_HOST|HMS_.*|TMUX|CLAUDE_.*|ANTHROPIC_.*|https?_proxy|HTTPS?_PROXY|ALL_PROXY)$/;

/** Variables whose value is a program to run, with values that are known to be none or harmless. */
const PROGRAM = /^(?:[A-Z]+_)*(?:PAGER|EDITOR|VISUAL|MANPAGER|BROWSER)$/;
const HARMLESS = /^(?:|cat|true|:|less|more)$/;

/** Does setting this variable change what runs? `value` is undefined when it is not known. */
export function hijacks(name: string, value: string | undefined): boolean {
  if (PROGRAM.test(name)) return value === undefined || !HARMLESS.test(value);
  return CODE.test(name);
}
