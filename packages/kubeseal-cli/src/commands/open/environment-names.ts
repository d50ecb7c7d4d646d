/**
 * Variables that make programs run code, load libraries, trust servers or send requests elsewhere. The list
 * cannot be complete, so variables that are set already are never replaced either.
 */
const DANGEROUS: readonly RegExp[] = [
  /^(?:LD|DYLD|_RLD|GCONV|MALLOC)_/,
  /^(?:BASH_|PYTHON|PERL5|RUBY|NPM_CONFIG_|JAVA_|_JAVA_|JDK_JAVA|PROMPT_COMMAND|SEALED_SECRETS_)/i,
  /^NODE_(?:OPTIONS|PATH|EXTRA_CA_CERTS|TLS_REJECT_UNAUTHORIZED|REPL_EXTERNAL_MODULE|USE_.*)$/i,
  /^GIT_(?:SSH.*|.*EDITOR|PAGER|ASKPASS|EXTERNAL_DIFF|CONFIG.*|DIR|WORK_TREE|EXEC_PATH|PROXY_.*|SSL_.*|TEMPLATE_DIR)$/i,
  /^(?:PATH|ENV|IFS|CDPATH|GLOBIGNORE|SHELL|SHELLOPTS|BASHOPTS|PS4|HOME|TMPDIR|LUA_INIT|LUA_PATH|GEM_PATH|GEM_HOME)$/i,
  /^(?:EDITOR|VISUAL|PAGER|BROWSER|MANPAGER|KUBECONFIG|KUBE_EDITOR|HOSTALIASES|RESOLV_HOST_CONF|LOCALDOMAIN|NLSPATH|TERMCAP|TERMINFO|LESSOPEN|LESSCLOSE|SSH_ASKPASS|SUDO_ASKPASS)$/i,
  /^(?:(?:https?|all|no|ftp)_proxy|SSL_CERT_FILE|SSL_CERT_DIR|OPENSSL_CONF|OPENSSL_MODULES|CURL_CA_BUNDLE|REQUESTS_CA_BUNDLE|PIP_.*|DOCKER_HOST)$/i,
  /^(?:PHPRC|PHP_INI_SCAN_DIR|MAVEN_OPTS|GRADLE_OPTS|SBT_OPTS|CLASSPATH|DOTNET_STARTUP_HOOKS|COREHOST_.*|CORECLR_.*|RUSTC_WRAPPER|ERL_FLAGS|ERL_.*FLAGS|PSMODULEPATH|COMSPEC|PATHEXT)$/i,
];

/** Whether a string can be the name of a variable in every shell. */
export function isVariableName(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name);
}

/** Whether a variable of this name makes programs do something else, so that no file may choose it. */
export function isDangerous(name: string): boolean {
  return DANGEROUS.some((pattern) => pattern.test(name));
}
