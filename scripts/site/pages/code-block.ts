import highlighter from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import json from 'highlight.js/lib/languages/json';
import yaml from 'highlight.js/lib/languages/yaml';

for (const [name, language] of Object.entries({ sh: bash, json, yaml })) {
  highlighter.registerLanguage(name, language);
}

/** A block of code as HTML. @param language first word behind the fence; `text` is what a program printed */
export function codeBlock(code: string, language: string): string {
  const html = highlighter.getLanguage(language)
    ? highlighter.highlight(code, { language }).value
    : escapeHtml(code);
  return `<pre class="${language === 'text' ? 'output' : 'code'}" data-language="${escapeHtml(language)}" tabindex="0"><code>${html}</code></pre>\n`;
}

/** Text that a page shows as it is, in an attribute too. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);
}
