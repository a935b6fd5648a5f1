/**
 * A server of static files on this machine alone, with the two headers that let a page share memory between threads, or
 * without them.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** A server that runs. */
export interface StaticServer {
  /** `http://localhost:…`, without a slash at its end. */
  readonly address: string;
  close(): Promise<void>;
}

/** Serves folders by the first part of the path: `/site/index.html` is `index.html` in `folders.site`. */
export async function serveFolders(
  folders: Readonly<Record<string, string>>,
  { isolated }: { readonly isolated: boolean },
): Promise<StaticServer> {
  const headers = isolated
    ? { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }
    : {};
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
    const [, name = '', ...rest] = path.split(/[/\\]/);
    const folder = folders[name];
    const file = folder === undefined ? Promise.reject(new Error('no such folder')) : readFile(join(folder, ...rest));
    file.then(
      (bytes) => {
        const type = types[extname(path)] ?? 'application/octet-stream';
        response.writeHead(200, { ...headers, 'Content-Type': type }).end(bytes);
      },
      () => response.writeHead(404, headers).end(),
    );
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
