import { expect, it, vi } from 'vitest';
import { createBrowserEngine } from './browser-engine.ts';

vi.mock('onnxruntime-web/wasm', () => {
  throw new Error("Cannot find package 'onnxruntime-web'");
});

it('without onnxruntime-web says what to install', async () => {
  await expect(createBrowserEngine()).rejects.toMatchObject({
    code: 'engine.unavailable',
    place: 'browser engine, provider wasm',
    expected: 'the package onnxruntime-web',
    mend: expect.stringMatching(/^Run `npm install onnxruntime-web@\d[\d.]+` /),
  });
});
