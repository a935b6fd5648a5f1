// One training with the compiled engine in a process of its own, whose peak memory is therefore the training's, and whose
// tracing and compiling are as a user meets them: nothing here has run before. Prints one line of JSON.
// `node test/bench/training-process.mjs --model decoder --rows 8 --row-length 256 --steps 12`
import { parseArgs } from 'node:util';
import { createCompiledEngine } from '@transfuse/core/engine';
import { decoderData, decoderModel, train } from './decoder.mjs';
import { demoBatch, demoData, demoModel } from './demo-preset.mjs';
import { peakMemoryMiB } from './peak-memory.mjs';

const { values: flags } = parseArgs({
  options: {
    model: { type: 'string', default: 'decoder' },
    rows: { type: 'string' },
    'row-length': { type: 'string' },
    steps: { type: 'string', default: '12' },
  },
});
const isDemo = flags.model === 'demo';
const rows = Number(flags.rows ?? (isDemo ? demoBatch.rows : 8));
const rowLength = Number(flags['row-length'] ?? (isDemo ? demoBatch.rowLength : 256));
const [model, split] = isDemo ? [demoModel(), demoData()] : [decoderModel(), decoderData(rows, rowLength)];
const engine = createCompiledEngine({ cache: 'none' });
const result = await train(engine, model, split, rows, rowLength, Number(flags.steps));
await engine.dispose();
console.log(JSON.stringify({ ...result, peakMemoryMiB: peakMemoryMiB() }));
