// Reads the numbers of a run from its `metrics.jsonl`, which also has those from before it was interrupted and resumed.
import { readFile } from 'node:fs/promises';
import { fieldsOf } from '../media/medium.ts';
import type { ReportLoss } from '../report/index.ts';

const names = ['text', 'diffusion', 'total', 'learningRate', 'tokensPerSecond'] as const;
const ofModality = 'diffusion/';

/** The records in their order; what is missing is NaN. Lines that are no records are passed over, no file is no records. */
export async function readTrainingLog(file: string): Promise<readonly ReportLoss[]> {
  const content = await readFile(file, 'utf8').catch(() => '');
  return content.split('\n').flatMap((line) => {
    const record = recordOf(line);
    return record === undefined ? [] : [record];
  });
}

function recordOf(line: string): ReportLoss | undefined {
  let content: unknown;
  try {
    content = JSON.parse(line);
  } catch {
    return undefined;
  }
  const fields = fieldsOf(content);
  const { step } = fields;
  if (typeof step !== 'number') return undefined;
  const [text, diffusion, total, learningRate, tokensPerSecond] = names.map((name) => {
    const value = fields[name];
    return typeof value === 'number' ? value : Number.NaN;
  }) as [number, number, number, number, number];
  const of = Object.entries(fields).flatMap(([name, value]) =>
    name.startsWith(ofModality) && typeof value === 'number' ? [[name.slice(ofModality.length), value] as const] : [],
  );
  const losses = { step, text, diffusion, total, learningRate, tokensPerSecond };
  return of.length === 0 ? losses : { ...losses, diffusionOf: Object.fromEntries(of) };
}
