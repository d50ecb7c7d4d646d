import { type FlagHelp, visibleFlags } from './describe.ts';
import type { FlagTable } from './table.ts';

/** The shells that completion supports. */
export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof SHELLS)[number];

/** A script that completes the flags of a program, their values and names of files in a shell. */
export function formatCompletion(shell: Shell, program: string, table: FlagTable): string {
  const flags = visibleFlags(table);
  switch (shell) {
    case 'bash':
      return bash(program, flags);
    case 'zsh':
      return zsh(program, flags);
    case 'fish':
      return fish(program, flags);
    case 'powershell':
      return powershell(program, flags);
  }
}

function names({ short, name }: FlagHelp): string[] {
  return short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`];
}

function bash(program: string, flags: readonly FlagHelp[]): string {
  const reply = ({ isFile, suggestions }: FlagHelp) => {
    if (suggestions.length > 0) return `COMPREPLY=($(compgen -W '${suggestions.join(' ')}' -- "$cur")); `;
    return isFile ? 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); ' : '';
  };
  const valued = flags.filter(({ typeName }) => typeName !== '');
  const cases = valued.map((flag) => `    ${names(flag).join('|')}) ${reply(flag)}return ;;`);
  return `# bash completion for ${program}
_${program}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  if [[ $cur == = ]]; then cur=
  elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  case $prev in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W '${flags.flatMap(names).join(' ')}' -- "$cur"))
}
complete -F _${program} ${program}
`;
}

function zsh(program: string, flags: readonly FlagHelp[]): string {
  const specs = flags.map((flag) => {
    const help = flag.help.replace(/[[\]:\\']/g, (character) =>
      character === "'" ? "'\\''" : `\\${character}`,
    );
    const list =
      flag.suggestions.length > 0 ? `(${flag.suggestions.join(' ')})` : flag.isFile ? '_files' : ' ';
    const value = flag.typeName === '' ? '' : `:${flag.typeName}:${list}`;
    const isRepeatable = /^string(s|Array)$/.test(flag.typeName) ? '*' : '';
    return names(flag)
      .map(
        (name) =>
          `  '${isRepeatable}${name}${flag.typeName === '' || !name.startsWith('--') ? '' : '='}[${help}]${value}'`,
      )
      .join(' \\\n');
  });
  return `#compdef ${program}
_${program}() {
  _arguments -s \\
${specs.join(' \\\n')}
}
if [ "$funcstack[1]" = "_${program}" ]; then _${program} "$@"; else compdef _${program} ${program}; fi
`;
}

function fish(program: string, flags: readonly FlagHelp[]): string {
  const quoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;
  const lines = flags.map(({ name, short, typeName, help, suggestions, isFile }) => {
    const files = typeName === '' ? '' : isFile ? ' -r -F' : ' -x';
    const values = suggestions.length > 0 ? ` -a ${quoted(suggestions.join(' '))}` : '';
    return `complete -c ${program} -l ${name}${short === undefined ? '' : ` -s ${short}`}${files}${values} -d ${quoted(help)}`;
  });
  return `# fish completion for ${program}\ncomplete -c ${program} -f\n${lines.join('\n')}\n`;
}

function powershell(program: string, flags: readonly FlagHelp[]): string {
  // PowerShell ends a string at each of these quotes
  const quoted = (text: string) => `'${text.replace(/['‘’‚‛]/g, '$&$&')}'`;
  const rows = flags.flatMap((flag) =>
    names(flag).map((name) => `    ${quoted(name)} = ${quoted(flag.help)}`),
  );
  const values = flags
    .filter(({ suggestions }) => suggestions.length > 0)
    .flatMap((flag) =>
      names(flag).map((name) => `    ${quoted(name)} = @(${flag.suggestions.map(quoted).join(', ')})`),
    );
  return `# PowerShell completion for ${program}
Register-ArgumentCompleter -Native -CommandName ${quoted(program)} -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $flags = [System.Collections.Specialized.OrderedDictionary]::new()
  @{
${rows.join('\n')}
  }.GetEnumerator() | Sort-Object Name | ForEach-Object { $flags[$_.Name] = $_.Value }
  $values = @{
${values.join('\n')}
  }
  $words = @($commandAst.CommandElements | ForEach-Object { $_.ToString() })
  $previous = if ($wordToComplete) { $words[-2] } else { $words[-1] }
  if ($previous -and $values.ContainsKey($previous)) {
    $values[$previous] | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
    return
  }
  $flags.Keys | Where-Object { $_ -clike "$wordToComplete*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterName', $flags[$_]) }
}
`;
}
