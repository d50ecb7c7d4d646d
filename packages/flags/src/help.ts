import { Command, type Help, Option } from 'commander';
import { type FlagHelp, helpWithChoices, visibleFlags } from './describe.ts';
import type { FlagTable } from './table.ts';

/** Between a name and what help says about it. */
const GAP = '   ';

/** A command as the help of its program lists it. */
export interface ListedCommand {
  readonly name: string;
  /** Its arguments, such as `[FILE]...`; empty if it takes none. */
  readonly usage: string;
  readonly summary: string;
}

/** A heading of help, and the commands and flags below it. */
export interface HelpGroup {
  /** Empty for rows without a heading. */
  readonly title: string;
  readonly commands?: readonly ListedCommand[];
  readonly flags: FlagTable;
}

/** The help of a program, laid out like pflag's: `Usage of <name>:` and one line per flag. */
export function formatHelp(programName: string, table: FlagTable): string {
  return `Usage of ${programName}:\n${formatGroups([{ title: '', flags: table }])}`;
}

/** Groups one below the other. All rows share the width of their first column. */
export function formatGroups(groups: readonly HelpGroup[]): string {
  return programOf(groups).helpInformation();
}

/** A commander program with the commands and flags, for help only: commander does not parse like pflag. */
function programOf(groups: readonly HelpGroup[]): Command {
  const program = new Command().helpOption(false).helpCommand(false);
  for (const { title, commands = [], flags } of groups) {
    for (const { name, usage, summary } of commands)
      program.addCommand(
        new Command(name).helpOption(false).usage(usage).description(summary).helpGroup(title),
      );
    for (const flag of visibleFlags(flags)) {
      const short = flag.short === undefined ? '' : `-${flag.short}, `;
      const value = flag.typeName === '' ? '' : ` <${flag.typeName}>`;
      program.addOption(new Option(`${short}--${flag.name}${value}`, helpOf(flag)).helpGroup(title));
    }
  }
  const titles = groups.map(({ title }) => title);
  const format = (shown: Command, helper: Help) => formatProgram(shown, helper, titles);
  return program.configureHelp({ optionTerm, subcommandTerm, formatHelp: format });
}

function formatProgram(program: Command, helper: Help, titles: readonly string[]): string {
  const options = helper.visibleOptions(program);
  const commands = helper.visibleCommands(program);
  const ofTitle = (option: Option) => option.helpGroupHeading ?? '';
  const optionGroups = helper.groupItems([...program.options], options, ofTitle);
  const commandGroups = helper.groupItems([...program.commands], commands, (each) => each.helpGroup());
  const optionWidth = helper.longestOptionTermLength(program, helper);
  const width = Math.max(optionWidth, helper.longestSubcommandTermLength(program, helper));
  const row = (term: string, text: string) =>
    `${term.padEnd(width)}${GAP}${text.replaceAll('\n', `\n${' '.repeat(width + GAP.length)}`)}\n`;
  const isShown = (title: string) => optionGroups.has(title) || commandGroups.has(title);
  const sections = [...new Set(titles)].filter(isShown).map((title) => {
    const rows = [
      ...(commandGroups.get(title) ?? []).map((each) => row(helper.subcommandTerm(each), each.description())),
      ...(optionGroups.get(title) ?? []).map((each) => row(helper.optionTerm(each), each.description)),
    ];
    return `${title === '' ? '' : `${title}:\n`}${rows.join('')}`;
  });
  return sections.join('\n');
}

function optionTerm({ short, long = '', flags }: Option): string {
  const head = short === undefined ? '      ' : `  ${short}, `;
  return `${head}${long}${/<(.*)>/.exec(flags)?.[1]?.replace(/^/, ' ') ?? ''}`;
}

function subcommandTerm(command: Command): string {
  return `  ${command.name()} ${command.usage()}`.trimEnd();
}

function helpOf(flag: FlagHelp): string {
  const { defaultText } = flag;
  const help = helpWithChoices(flag);
  return defaultText === undefined ? help : `${help} (default ${defaultText})`;
}
