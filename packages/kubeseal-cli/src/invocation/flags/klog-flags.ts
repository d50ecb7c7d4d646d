import { defineFlags, quote } from '@fuin/flags/parsing';

const hidden = { env: false } as const;
const bool = (value: boolean) =>
  ({
    ...hidden,
    type: 'bool',
    default: value,
    help: 'Accepted for compatibility; nothing is logged',
  }) as const;
const other = (typeName: string, value: string, check?: (text: string) => string | undefined) =>
  ({
    ...hidden,
    type: 'string',
    typeName,
    default: value,
    help: 'Accepted for compatibility; nothing is logged',
    ...(check ? { check } : {}),
  }) as const;

/**
 * The flags of klog, the log library behind upstream's kubeseal. They are accepted and checked, so that
 * command lines keep working, and have no effect.
 */
export const KLOG_FLAGS = defineFlags({
  add_dir_header: bool(false),
  alsologtostderr: bool(false),
  alsologtostderrthreshold: other('severity', '', checkSeverity),
  legacy_stderr_threshold_behavior: bool(true),
  log_backtrace_at: other('traceLocation', ':0', checkTraceLocation),
  log_dir: other('string', ''),
  log_file: other('string', ''),
  log_file_max_size: other('uint', '1800', checkUnsigned),
  logtostderr: bool(true),
  one_output: bool(false),
  skip_headers: bool(false),
  skip_log_headers: bool(false),
  stderrthreshold: other('severity', '2', checkSeverity),
  v: { ...other('Level', '', checkLevel), short: 'v' },
  vmodule: other('moduleSpec', '', checkModules),
});

function checkLevel(text: string): string | undefined {
  if (!/^[-+]?\d+$/.test(text)) return `strconv.ParseInt: parsing ${quote(text)}: invalid syntax`;
  const level = Number(text);
  return level === (level | 0) ? undefined : `strconv.ParseInt: parsing ${quote(text)}: value out of range`;
}

function checkSeverity(text: string): string | undefined {
  return /^(info|warning|error|fatal)$/i.test(text) ? undefined : checkLevel(text);
}

function checkUnsigned(text: string): string | undefined {
  return /^\d+$/.test(text) ? undefined : 'parse error';
}

function checkTraceLocation(text: string): string | undefined {
  if (text === '') return undefined;
  return /^[^:]+\.[^:]+:[1-9]\d*$/.test(text) ? undefined : 'syntax error: expect file.go:234';
}

function checkModules(text: string): string | undefined {
  const isModule = (module: string) => module === '' || /^[^=]+=\d+$/.test(module);
  return text.split(',').every(isModule)
    ? undefined
    : 'syntax error: expect comma-separated list of filename=N';
}
