import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../contracts/engine.ts';
import { createCompiledEngine } from '../engine/compiled-engine.ts';
import { createEagerEngine } from '../engine/eager-engine.ts';
import { attentionMask, mayAttend } from './attention-mask.ts';

// Each table: a row of tokens above, the same tokens down the left as queries; x where the query sees the key above.
// b begins a document, t is text, ( and ) are the begin and end of a block, i is a slot of it, e ends the document,
// _ is padding.

const tables = {
  'text is causal': `
        b t t e
     b  x . . .
     t  x x . .
     t  x x x .
     e  x x x x`,

  'a block in the middle sees itself whole, but nobody before it does': `
        b t ( i i i ) t e
     b  x . . . . . . . .
     t  x x . . . . . . .
     (  x x x . . . . . .
     i  x x x x x x . . .
     i  x x x x x x . . .
     i  x x x x x x . . .
     )  x x x x x x x . .
     t  x x x x x x x x .
     e  x x x x x x x x x`,

  'two blocks side by side are two blocks': `
        b ( i i ) ( i i ) e
     b  x . . . . . . . . .
     (  x x . . . . . . . .
     i  x x x x . . . . . .
     i  x x x x . . . . . .
     )  x x x x x . . . . .
     (  x x x x x x . . . .
     i  x x x x x x x x . .
     i  x x x x x x x x . .
     )  x x x x x x x x x .
     e  x x x x x x x x x x`,

  'packed documents do not see each other': `
        b t e b ( i i ) e b e
     b  x . . . . . . . . . .
     t  x x . . . . . . . . .
     e  x x x . . . . . . . .
     b  . . . x . . . . . . .
     (  . . . x x . . . . . .
     i  . . . x x x x . . . .
     i  . . . x x x x . . . .
     )  . . . x x x x x . . .
     e  . . . x x x x x x . .
     b  . . . . . . . . . x .
     e  . . . . . . . . . x x`,

  'padding sees padding only, and nobody sees it': `
        b ( i i ) e _ _
     b  x . . . . . . .
     (  x x . . . . . .
     i  x x x x . . . .
     i  x x x x . . . .
     )  x x x x x . . .
     e  x x x x x x . .
     _  . . . . . . x .
     _  . . . . . . x x`,
};

interface Layout {
  readonly documents: readonly number[];
  readonly blocks: readonly number[];
}

/** Reads the ids of documents and blocks from the tokens of a row. */
function layoutOf(tokens: readonly string[]): Layout {
  const documents: number[] = [];
  const blocks: number[] = [];
  let [document, block] = [0, 0];
  for (const token of tokens) {
    if (token === 'b') document++;
    if (token === '(') block++;
    documents.push(token === '_' ? 0 : document);
    blocks.push(token === 'i' ? block : 0);
  }
  return { documents, blocks };
}

function readTable(table: string): { readonly tokens: readonly string[]; readonly seen: readonly string[] } {
  const [header = '', ...rows] = table.trim().split('\n');
  const tokens = header.trim().split(/\s+/);
  const cells = rows.map((row) => row.trim().split(/\s+/));
  expect(cells.map(([label]) => label)).toEqual(tokens); // the table itself is well written
  return { tokens, seen: cells.map(([, ...marks]) => marks.join(' ')) };
}

/** The rule, position by position, as rows of marks. */
function byRule({ documents, blocks }: Layout): string[] {
  const at = (position: number) => ({ position, document: documents[position]!, block: blocks[position]! });
  return documents.map((_, query) => documents.map((_, key) => (mayAttend(at(query), at(key)) ? 'x' : '.')).join(' '));
}

/** The mask tensor, as rows of marks per layout. */
async function byTensor(engine: Engine, layouts: readonly Layout[]): Promise<string[][]> {
  const length = layouts[0]!.documents.length;
  const spec = { shape: [layouts.length, length], dtype: 'int32' as const };
  const compiled = await engine.compile(
    (_, { documents, blocks }) => ({ outputs: { mask: attentionMask(documents!, blocks!) } }),
    { name: 'mask', inputs: { documents: spec, blocks: spec } },
  );
  const { mask } = await compiled.run({
    documents: Int32Array.from(layouts.flatMap(({ documents }) => documents)),
    blocks: Int32Array.from(layouts.flatMap(({ blocks }) => blocks)),
  });
  await compiled.dispose();
  expect(mask!.shape).toEqual([layouts.length, 1, length, length]);
  const mark = (value: number) => (value === 0 ? 'x' : value === Math.fround(-1e9) ? '.' : `?${value}`);
  const marks = Array.from(mask!.data, mark);
  return layouts.map((_, row) =>
    Array.from({ length }, (_, query) =>
      marks.slice((row * length + query) * length, (row * length + query + 1) * length).join(' '),
    ),
  );
}

const engines = { eager: await createEagerEngine(), compiled: createCompiledEngine({ threads: 1 }) };

describe.each(Object.entries(tables))('%s', (_, table) => {
  const { tokens, seen } = readTable(table);
  const layout = layoutOf(tokens);

  it('by the rule', () => {
    expect(byRule(layout)).toEqual(seen);
  });

  it.each(Object.entries(engines))('by the tensor, %s', async (_, engine) => {
    expect(await byTensor(engine, [layout])).toEqual([seen]);
  });
});

/** Any row of documents with any blocks, of a given length: `_` only at the end, as packing leaves it. */
function rowsOf(length: number): fc.Arbitrary<Layout> {
  const piece = fc.oneof(
    { weight: 4, arbitrary: fc.constant(['t']) },
    { weight: 2, arbitrary: fc.constant(['b']) },
    {
      weight: 2,
      arbitrary: fc.integer({ min: 1, max: 5 }).map((tokens) => ['(', ...Array<string>(tokens).fill('i'), ')']),
    },
  );
  return fc.tuple(fc.array(piece, { maxLength: length }), fc.integer({ min: 0, max: length })).map(([pieces, used]) => {
    const tokens = ['b', ...pieces.flat()].slice(0, used);
    return layoutOf([...tokens, ...Array<string>(length - tokens.length).fill('_')]);
  });
}

describe('on random rows', () => {
  it('the tensor says what the rule says', async () => {
    const batches = fc
      .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 14 }))
      .chain(([rows, length]) => fc.array(rowsOf(length), { minLength: rows, maxLength: rows }));
    await fc.assert(
      fc.asyncProperty(batches, async (layouts) => {
        expect(await byTensor(engines.eager, layouts)).toEqual(layouts.map(byRule));
      }),
      { numRuns: 150 },
    );
  });

  it('the compiled tensor says what the rule says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(rowsOf(16), { minLength: 8, maxLength: 8 }), async (layouts) => {
        expect(await byTensor(engines.compiled, layouts)).toEqual(layouts.map(byRule));
      }),
      { numRuns: 15 },
    );
  });

  it('every position sees itself, so no softmax is empty', () => {
    fc.assert(
      fc.property(rowsOf(16), (layout) => {
        byRule(layout).forEach((marks, query) => expect(marks.split(' ')[query]).toBe('x'));
      }),
    );
  });
});
