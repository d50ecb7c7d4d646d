import { Command, Option } from 'commander';
import { type FlagHelp, helpWithChoices, visibleFlags } from './describe.ts';
import type { FlagTable } from './table.ts';

/** Between the names of the flags and what they do. */
const GAP = '   ';

/** The help of a program, laid out like pflag's: `Usage of <name>:` and one line per flag. */
export function formatHelp(programName: string, table: FlagTable): string {
  return commandOf(programName, table).helpInformation();
}

/** A commander command with the table's flags, for help only: commander does not parse like pflag. */
function commandOf(programName: string, table: FlagTable): Command {
  const command = new Command(programName).helpOption(false).helpCommand(false);
  for (const flag of visibleFlags(table)) {
    const short = flag.short === undefined ? '' : `-${flag.short}, `;
    const value = flag.typeName === '' ? '' : ` <${flag.typeName}>`;
    command.addOption(new Option(`${short}--${flag.name}${value}`, helpOf(flag)));
  }
  command.configureHelp({
    optionTerm: (option) => {
      const head = option.short === undefined ? '      ' : `  ${option.short}, `;
      return `${head}${option.long ?? ''}${/<(.*)>/.exec(option.flags)?.[1]?.replace(/^/, ' ') ?? ''}`;
    },
    formatHelp: (shown, helper) => {
      const width = helper.longestOptionTermLength(shown, helper);
      const newLine = `\n${' '.repeat(width + GAP.length)}`;
      const lines = helper.visibleOptions(shown).map((option) => {
        const term = helper.optionTerm(option).padEnd(width);
        return `${term}${GAP}${option.description.replaceAll('\n', newLine)}\n`;
      });
      return `Usage of ${shown.name()}:\n${lines.join('')}`;
    },
  });
  return command;
}

function helpOf(flag: FlagHelp): string {
  const { defaultText } = flag;
  const help = helpWithChoices(flag);
  return defaultText === undefined ? help : `${help} (default ${defaultText})`;
}
