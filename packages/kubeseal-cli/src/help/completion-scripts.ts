import { usageError } from '../invocation/usage-error.ts';

/** The shells that completion supports. */
export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;

/**
 * A script that makes a shell ask `kubeseal __complete` what fits at the end of a line. The answer may hold
 * names from somebody else's kubeconfig, so the scripts never evaluate it and quote what they insert.
 *
 * @throws ERR_USAGE for a shell that has none
 */
export function completionScript(shell: string): string {
  switch (shell) {
    case 'bash':
      return BASH;
    case 'zsh':
      return ZSH;
    case 'fish':
      return FISH;
    case 'powershell':
      return POWERSHELL;
    default:
      throw usageError(`there is no completion for ${shell}`, `the shells are ${SHELLS.join(', ')}`);
  }
}

/**
 * bash splits words at = and :, so the script joins them; bash replaces only the last piece. It quotes the
 * names of files by itself, but for version 3, which has no compopt.
 */
const BASH = `# bash completion for kubeseal
_kubeseal() {
  local piece joined='' token prefix kept offer files=
  local -a words=()
  for piece in "\${COMP_WORDS[@]:1:COMP_CWORD}"; do
    if [[ \${#words[@]} -gt 0 && ( $joined || $piece == [=:] ) ]]; then
      words[\${#words[@]}-1]+=$piece
      if [[ $piece == [=:] ]]; then joined=1; else joined=''; fi
    else
      words+=("$piece")
    fi
  done
  token=\${words[\${#words[@]}-1]}
  piece=\${COMP_WORDS[COMP_CWORD]}
  [[ $piece == [=:] ]] && piece=''
  kept=\${token%"$piece"}
  prefix=''
  [[ $token == --*=* ]] && prefix=\${token%%=*}=
  COMPREPLY=()
  while IFS= read -r offer; do
    if [[ $offer == :[0-9]* ]]; then
      [[ $offer == :0 ]] && files=1
      continue
    fi
    printf -v offer %q "$prefix\${offer%%$'\\t'*}"
    COMPREPLY+=("\${offer#"$kept"}")
  done < <(kubeseal __complete "\${words[@]}" 2>/dev/null)
  if [[ $files ]]; then
    compopt -o filenames 2>/dev/null && files=quoted
    while IFS= read -r offer; do
      [[ $files == quoted ]] || printf -v offer %q "$offer"
      COMPREPLY+=("$offer")
    done < <(compgen -f -- "$piece")
  fi
}
complete -F _kubeseal kubeseal
`;

const ZSH = `#compdef kubeseal
_kubeseal() {
  local line files=
  local -a lines values texts
  lines=("\${(@f)$(kubeseal __complete "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  for line in $lines; do
    if [[ $line == :<-> ]]; then
      [[ $line == :0 ]] && files=1
      continue
    fi
    values+=("\${line%%$'\\t'*}")
    if [[ $line == *$'\\t'?* ]]; then texts+=("\${line%%$'\\t'*}  -- \${line#*$'\\t'}"); else texts+=("\${line%%$'\\t'*}"); fi
  done
  [[ $PREFIX == --*=* ]] && compset -P '*='
  (( $#values )) && compadd -l -d texts -a values
  [[ -n $files ]] && _files
  (( $#values )) || [[ -n $files ]]
}
if [ "$funcstack[1]" = "_kubeseal" ]; then _kubeseal "$@"; else compdef _kubeseal kubeseal; fi
`;

const FISH = `# fish completion for kubeseal
function __kubeseal_offers
  set -l words (commandline -opc)
  set -l token (commandline -ct)
  set -l prefix (string match -r -- '^--[^=]*=' $token)
  for line in (kubeseal __complete $words[2..-1] "$token" 2>/dev/null)
    switch $line
      case ':0'
        set -l path (string replace -- "$prefix" '' "$token")
        for offer in (__fish_complete_path "$path")
          echo -- "$prefix$offer"
        end
      case ':*'
      case '*'
        echo -- "$prefix$line"
    end
  end
end
complete -c kubeseal -f -a '(__kubeseal_offers)'
`;

/** Windows PowerShell and old versions of PowerShell drop an empty argument that is not quoted twice. */
const POWERSHELL = `# PowerShell completion for kubeseal
Register-ArgumentCompleter -Native -CommandName 'kubeseal' -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  $isOld = $PSVersionTable.PSVersion -lt [version]'7.3.0' -or $PSNativeCommandArgumentPassing -eq 'Legacy'
  $typed = if ($wordToComplete -eq '' -and $isOld) { '""' } else { $wordToComplete }
  $prefix = if ($wordToComplete -match '^--[^=]*=') { $Matches[0] } else { '' }
  kubeseal __complete @words $typed 2>$null | ForEach-Object {
    $value, $help = $_ -split "\`t", 2
    if ($value -match '^:\\d+$') { return }
    $text = $prefix + $value
    if ($text -match '[^-\\w=:./@]') { $text = "'" + ($text -replace "['‘’‚‛]", '$0$0') + "'" }
    if (-not $help) { $help = $value }
    [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $help)
  }
}
`;
