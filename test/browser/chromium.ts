/**
 * An installed Chromium for tests, never a downloaded one: the one that CHROME_PATH names, or a usual place. WebGPU runs on
 * its software driver (SwiftShader), for right results and not for speed.
 */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import type { OptionalPart } from '../support/missing-part.ts';

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

const named = process.env['CHROME_PATH'];

/** Where Chromium is; undefined where there is none. */
export const chromiumPath: string | undefined = [...(named === undefined ? [] : [named]), ...places].find((place) =>
  existsSync(place),
);

/** Chromium, if it is there. */
export const chromiumPart: OptionalPart = {
  what: 'the engine in Chromium',
  problem:
    chromiumPath === undefined
      ? `no Chromium in the usual places${named === undefined ? '' : `, nor at ${named}`}`
      : undefined,
  mend: 'CHROME_PATH may name one, see docs/browser.md',
};

/** Starts it, with WebGPU on the software driver. */
export function openChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath!,
    args: [
      '--no-sandbox', // or it refuses to run for root, as in a container
      '--enable-unsafe-webgpu',
      '--use-webgpu-adapter=swiftshader',
      '--enable-features=Vulkan',
    ],
  });
}
