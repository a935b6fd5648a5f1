// The engine for browsers keeps the contract that every engine keeps: the same tests, with this engine alone in their table.
// Its WebAssembly runs in Node.js too; what only a page has is tested in Chromium, in test/browser.
import { vi } from 'vitest';

vi.mock('../../../../../test/support/engine-kinds.ts', async () => {
  const { createBrowserEngine } = await import('./browser-engine.ts');
  return {
    engineKinds: [
      {
        kind: 'browser (wasm)',
        name: 'compiled',
        description: /^ONNX Runtime \d.*, wasm, 1 thread$/,
        create: () => createBrowserEngine({ provider: 'wasm', threads: 1 }),
      },
    ],
    graphicsProblem: 'these are the tests of another engine',
    nativeTensorflowProblem: 'these are the tests of another engine',
  };
});

await import('../engine-contract.test.ts');
await import('../tensor-store.test.ts');
