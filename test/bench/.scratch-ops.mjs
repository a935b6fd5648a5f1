import { createRequire } from 'node:module';
import { readFileSync, writeFileSync, existsSync } from 'node:fs';
const require = createRequire('/work/main/packages/core/src/x.ts');
const ort = require('onnxruntime-node');
const create = ort.InferenceSession.create.bind(ort.InferenceSession);
const mode = process.env.MODE,
  ops = process.env.OPS ? process.env.OPS.split(',') : [];
let n = 0;
ort.InferenceSession.create = async (bytes, options) => {
  if (bytes.length > 2000) {
    n++;
    if (mode === 'dump') {
      writeFileSync(`/tmp/eng/model${n}.onnx`, bytes);
    } else {
      const map = JSON.parse(readFileSync('/tmp/eng/ops.json', 'utf8'))[n - 1];
      const names = Object.entries(map)
        .filter(([op]) => ops.includes(op) !== (process.env.INV === '1'))
        .flatMap(([, v]) => v);
      options = {
        ...options,
        executionProviders: [{ name: 'webgpu', ...(names.length && { forceCpuNodeNames: names }) }, 'cpu'],
      };
    }
  }
  return create(bytes, options);
};
await import('./.scratch-gpu.mjs');
