/** Opens the page under test in Chromium and calls what it can do, from Node.js. */
import { rm } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { openChromium } from './chromium.ts';
import type { PageCalls } from './page/page-calls.ts';
import { bundlePage } from './page-bundle.ts';
import { serveFolders, type StaticServer } from './static-server.ts';

/** The page, as long as it is open. */
export interface PageDriver {
  /** `http://localhost:…` */
  readonly address: string;
  /** Calls the page; numbers and typed arrays come back as they are. */
  call<Name extends keyof PageCalls>(
    name: Name,
    ...values: Parameters<PageCalls[Name]>
  ): Promise<Awaited<ReturnType<PageCalls[Name]>>>;
  /** What the page wrote to its console as an error, or threw. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** Bundles, serves and opens it. `folders` are served beside it; `isolated` (default true) lets it have threads. */
export async function openPage({
  folders = {},
  isolated = true,
}: { readonly folders?: Readonly<Record<string, string>>; readonly isolated?: boolean } = {}): Promise<PageDriver> {
  const { folder } = await bundlePage(new URL('page/main.ts', import.meta.url));
  let server: StaticServer | undefined;
  let browser: Browser | undefined;
  const close = async () => {
    await browser?.close();
    await server?.close();
    await rm(folder, { recursive: true });
  };
  try {
    server = await serveFolders({ site: folder, ...folders }, { isolated });
    browser = await openChromium();
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => void complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.setDefaultTimeout(0);
    await page.goto(`${server.address}/site/index.html`);
    await page.waitForFunction(() => 'transfusePage' in globalThis);
    return { address: server.address, complaints, close, call: (name, ...values) => callPage(page, name, values) };
  } catch (error) {
    await close();
    throw error;
  }
}

async function callPage<Result>(page: Page, name: string, values: readonly unknown[]): Promise<Result> {
  const result: unknown = await page.evaluate(
    ([called, given]) => {
      const { transfusePage } = globalThis as unknown as {
        transfusePage: Record<string, (...all: unknown[]) => unknown>;
      };
      return transfusePage[called]!(...given);
    },
    [name, values] as const,
  );
  return result as Result;
}
