// Finds the examples of the documentation: the ```ts (and ```json) fences of a Markdown page, and the ```ts fences inside
// the docstrings of a source file. Each keeps the line it stands on, so that a failing example is reported at its place.

/** One example. */
export interface CodeBlock {
  readonly language: 'ts' | 'json';
  /** Line of the first line of code, from 1. */
  readonly line: number;
  readonly code: string;
  /** The file name the example goes by, from `file=train.ts` after the fence's language. */
  readonly file?: string;
  /** Why it is not run, from `no-run reason` after the fence's `ts`. */
  readonly skip?: string;
  /** In a docstring: the name of what is documented. */
  readonly subject?: string;
}

interface Fence {
  readonly line: number;
  readonly info: string;
  readonly lines: string[];
}

/** The fences of a page, or of any text, in the languages that are tested. */
export function fencesOf(text: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: Fence | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^```(.*)$/.exec(line);
    if (open === undefined && fence !== null) {
      open = { line: index + 2, info: fence[1] ?? '', lines: [] };
    } else if (open !== undefined && fence !== null) {
      const [language = '', ...words] = open.info.trim().split(/\s+/);
      if (language === 'ts' || language === 'json') blocks.push(blockOf(open, language, words));
      open = undefined;
    } else {
      open?.lines.push(line);
    }
  }
  if (open !== undefined) throw new Error(`the fence before line ${open.line} is never closed`);
  return blocks;
}

/** The fences inside the docstrings of a TypeScript source. */
export function docstringFencesOf(source: string): CodeBlock[] {
  const lines = source.split('\n');
  const blocks: CodeBlock[] = [];
  for (let start = 0; start < lines.length; start++) {
    if (lines[start]?.trim() !== '/**') continue;
    let end = start;
    while (!lines[end]?.includes('*/')) end++;
    const comment = lines.slice(start, end).map((line) => line.replace(/^\s*(\/\*\*|\* ?)/, ''));
    const subject = /^export (?:async )?(?:abstract )?(?:function|const|class) (\w+)/.exec(lines[end + 1] ?? '')?.[1];
    for (const block of fencesOf(comment.join('\n'))) {
      blocks.push({ ...block, line: block.line + start, ...(subject !== undefined && { subject }) });
    }
    start = end;
  }
  return blocks;
}

function blockOf({ line, lines }: Fence, language: CodeBlock['language'], words: readonly string[]): CodeBlock {
  const file = words.find((word) => word.startsWith('file='))?.slice('file='.length);
  const skipAt = words.indexOf('no-run');
  return {
    language,
    line,
    code: lines.join('\n'),
    ...(file !== undefined && { file }),
    ...(skipAt >= 0 && { skip: words.slice(skipAt + 1).join(' ') || 'marked no-run' }),
  };
}
