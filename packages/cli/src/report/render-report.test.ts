import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { renderReport } from './render-report.ts';
import { sampleTrainingReport } from './sample-training-report.ts';
import type { TrainingReport } from './training-report.ts';

const tagPattern = /<(\/?)([a-z][\w-]*|!doctype)((?:\s+[\w:-]+(?:="[^"<>]*")?)*|\s+html)\s*(\/?)>/giu;
const voidTags = new Set(['!doctype', 'meta', 'link', 'img', 'hr', 'br']);

interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

/** Reads the page strictly: every `<` opens a well-formed tag, every tag is closed in order. */
function elementsOf(page: string): readonly Element[] {
  const body = page.replace(/<style>[^<]*<\/style>/u, '<style></style>');
  expect(body.replaceAll(tagPattern, '')).not.toMatch(/[<>]/u);
  const open: string[] = [];
  const elements: Element[] = [];
  for (const [, slash, name = '', attributes = '', closed] of body.matchAll(tagPattern)) {
    if (slash === '/') expect(open.pop()).toBe(name);
    else {
      if (!voidTags.has(name) && closed !== '/') open.push(name);
      const pairs = [...attributes.matchAll(/([\w:-]+)="([^"]*)"/gu)].map(
        ([, key = '', value = '']) => [key, value] as const,
      );
      elements.push({ name, attributes: new Map(pairs) });
    }
  }
  expect(open).toEqual([]);
  return elements;
}

const valuesOf = (elements: readonly Element[], attribute: string): readonly string[] =>
  elements.flatMap((element) => element.attributes.get(attribute) ?? []);

const emptyReport: TrainingReport = {
  ...sampleTrainingReport({ records: 0, side: 2 }),
  durations: [],
  settings: {},
  model: { parameters: 0, parts: [] },
  data: { name: 'none', trainItems: 0, heldOut: [], licences: [] },
  progressGrids: [],
  trained: [],
  heldOut: [],
  captions: [],
  scores: [],
  notes: [],
};

describe('rendered report', () => {
  it('charts the diffusion loss of each modality where there are several, and stays well-formed', async () => {
    const plain = sampleTrainingReport();
    const losses = plain.losses.map((loss, index) => ({
      ...loss,
      diffusionOf: { image: 0.3, ...(index % 2 === 0 && { audio: 0.1 }) },
    }));
    const page = await renderReport({ ...plain, losses });
    const ids = valuesOf(elementsOf(page), 'id');
    expect(new Set(ids).size).toBe(ids.length);
    expect(page).toContain('Diffusion loss, image');
    expect(page).toContain('Diffusion loss, audio');
    const one = plain.losses.map((loss) => ({ ...loss, diffusionOf: { image: loss.diffusion } }));
    for (const single of [plain, { ...plain, losses: one }]) {
      expect(await renderReport(single)).not.toContain('chart-diffusion-0');
    }
  });

  it('is a well-formed document whose ids are unique and whose links lead somewhere', async () => {
    const elements = elementsOf(await renderReport(sampleTrainingReport()));
    const ids = valuesOf(elements, 'id');
    expect(new Set(ids).size).toBe(ids.length);
    const links = valuesOf(elements, 'href').filter((href) => href.startsWith('#'));
    expect(links.length).toBe(elements.filter(({ name }) => name === 'section').length);
    const named = valuesOf(elements, 'aria-labelledby').flatMap((value) => value.split(' '));
    for (const id of [...links.map((href) => href.slice(1)), ...named]) expect(ids).toContain(id);
  });

  it('fetches nothing: no script, and no address but data and anchors', async () => {
    const page = await renderReport(sampleTrainingReport());
    const elements = elementsOf(page);
    const names = new Set(elements.map(({ name }) => name));
    for (const name of ['script', 'iframe', 'object', 'embed', 'base', 'form']) expect(names).not.toContain(name);
    const addresses = ['src', 'href', 'srcset', 'poster', 'action', 'data', 'xlink:href'].flatMap((key) =>
      valuesOf(elements, key),
    );
    expect(addresses.filter((address) => !/^(?:data:|#)/u.test(address))).toEqual([]);
    expect(
      elements.flatMap(({ attributes }) => [...attributes.keys()]).filter((key) => /^on|^style$/u.test(key)),
    ).toEqual([]);
    expect(page).not.toMatch(/url\(|@import|@font-face|https?:/u);
  });

  it('forbids every request in its content security policy, which admits exactly its own style sheet', async () => {
    const page = await renderReport(sampleTrainingReport({ records: 1 }));
    const style = /<style>([^<]*)<\/style>/u.exec(page)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(page).toContain(`content="default-src 'none'; img-src data:; style-src 'sha256-${hash}'`);
  });

  it('describes every picture, and shows small ones with hard pixel edges', async () => {
    const page = await renderReport(sampleTrainingReport());
    const images = elementsOf(page).filter(({ name }) => name === 'img');
    expect(images.length).toBe(4 * 4 + 4 * 3 + 6 * 2 + 40);
    for (const { attributes } of images) {
      expect(attributes.get('alt')).toMatch(/\S{3}/u);
      expect(attributes.get('src')).toMatch(/^data:image\/png;base64,[\w+/]+=*$/u);
      expect(attributes.get('class')).toBe('pixels');
    }
    expect(page).toContain('.pixels { image-rendering: pixelated; }');
  });

  it('plays sounds, draws them twice, and moves clips, all from inside the page', async () => {
    const page = await renderReport(sampleTrainingReport({ records: 1, side: 8, kinds: ['sound', 'clip'] }));
    const elements = elementsOf(page);
    const of = (name: string) => elements.filter((element) => element.name === name);
    const values = 4 * 4 + 4 * 3 + 6 * 2 + 40;
    expect(of('audio')).toHaveLength(values);
    expect(new Set(valuesOf(of('audio'), 'src').map((src) => src.slice(0, 22)))).toEqual(
      new Set(['data:audio/wav;base64,']),
    );
    expect(of('audio').every(({ attributes }) => !attributes.has('autoplay'))).toBe(true);
    expect(of('svg').filter(({ attributes }) => attributes.get('class') === 'waveform')).toHaveLength(values);
    const sources = valuesOf(of('img'), 'src');
    expect(sources.filter((src) => src.startsWith('data:image/webp;base64,'))).toHaveLength(values);
    expect(sources.filter((src) => src.startsWith('data:image/png;base64,'))).toHaveLength(values * 2);
    expect(page).toContain('media-src data:;');
    for (const { attributes } of of('img')) expect(attributes.get('alt')).toMatch(/\S{3}/u);
  });

  it('does not mix kinds of values: tables, splits and counts are of one kind each', async () => {
    const page = await renderReport(sampleTrainingReport({ records: 1, side: 2, kinds: ['picture', 'sound'] }));
    expect(page.match(/<table class="progress">/gu)).toHaveLength(2);
    expect(page).toContain('<h3>Split <q>unseen-style</q>: 4 sounds</h3>');
    expect(page).toContain('<h3>Split <q>unseen-style</q>: 4 pictures</h3>');
    expect(page).toContain('24 captions</td><td class="number">30 sounds</td>');
    expect(page).toContain('The model was given a picture or a sound and wrote the caption.');
  });

  it('keeps hostile text as text, wherever it stands', async () => {
    const attack = `"><script>alert('x')</script><img src=x onerror=alert(1)>&amp;</title></style></svg>\u0000`;
    const sample = sampleTrainingReport({ records: 40, side: 4 });
    const elements = elementsOf(await renderReport(poisoned(sample, attack)));
    const calm = elementsOf(await renderReport(sample));
    const imagesOf = (list: readonly Element[]) => list.filter(({ name }) => name === 'img').length;
    const known = new Set(calm.map(({ name }) => name));
    expect(elements.filter(({ name }) => !known.has(name))).toEqual([]);
    expect(imagesOf(elements)).toBe(imagesOf(calm));
    expect(elements.flatMap(({ attributes }) => [...attributes.keys()])).not.toContain('onerror');
  });

  it('shows what a hostile caption says', async () => {
    const sample = sampleTrainingReport({ records: 1, side: 2 });
    const caption = `a <b>"bold"</b> heart & 'co'`;
    const page = await renderReport({ ...sample, trained: [{ caption, generated: [] }] });
    expect(page).toContain('<figcaption>a &lt;b&gt;&quot;bold&quot;&lt;/b&gt; heart &amp; &#39;co&#39;</figcaption>');
  });

  it('counts exact matches per split', async () => {
    const page = await renderReport(sampleTrainingReport({ records: 1, side: 2 }));
    const rows = [...page.matchAll(/<tr>.*?<\/tr>/gu)].map(([row]) =>
      row.replaceAll(/<[^>]+>/gu, '|').replaceAll(/\|+/gu, '|'),
    );
    expect(rows).toContain('|train|24 captions|30 pictures|80 %|');
    expect(rows).toContain('|unseen-style|8 captions|10 pictures|80 %|');
  });

  it('sets the progress out with one row per step and one column per caption', async () => {
    const page = await renderReport(sampleTrainingReport({ records: 1, side: 2 }));
    const grid = /<table class="progress">.*?<\/table>/su.exec(page)?.[0] ?? '';
    expect([...grid.matchAll(/<th scope="col">(?:<span[^>]*>)?([^<]*)/gu)].map(([, text]) => text)).toEqual([
      'After',
      'a red heart, noto style',
      'a yellow sun, flat style',
      'a green leaf, twemoji style',
      'a blue whale',
    ]);
    expect([...grid.matchAll(/<th scope="row">([^<]*)/gu)].map(([, text]) => text)).toEqual([
      '100 steps',
      '1,000 steps',
      '5,000 steps',
      '15,000 steps',
    ]);
  });

  it('leaves empty sections out and still is a whole page', async () => {
    const elements = elementsOf(await renderReport(emptyReport));
    const sections = elements.filter(({ name }) => name === 'section').map(({ attributes }) => attributes.get('id'));
    expect(sections).toEqual(['losses', 'model', 'data', 'machine', 'settings']);
  });

  it('survives a run whose losses are all missing and whose date is none', async () => {
    const loss = { step: 1, text: NaN, diffusion: NaN, total: NaN, learningRate: NaN, tokensPerSecond: NaN };
    const page = await renderReport({ ...emptyReport, losses: [loss], finished: 'yesterday' });
    elementsOf(page);
    expect(page).toContain('Finished yesterday');
    expect(page).not.toMatch(/NaN|Infinity|undefined/u);
  });

  it('stays under 2 MB with 100 pictures of 32 by 32 and 5,000 records', async () => {
    const sample = sampleTrainingReport({ records: 5000 });
    const random = Uint8Array.from({ length: 32 * 32 * 3 }, (_, index) => (Math.sin(index) * 1e6) & 255);
    const [first] = sample.captions;
    const captions = Array.from({ length: 100 }, (_, index) => ({
      ...first!,
      id: String(index),
      value: { width: 32, height: 32, data: random },
    }));
    const page = await renderReport({ ...sample, captions });
    expect(Buffer.byteLength(page)).toBeLessThan(2 * 1024 * 1024);
  });
});

/** Replaces every string in a report by the attack, but leaves pictures and the keys of records alone. */
function poisoned<Value>(value: Value, attack: string): Value {
  const visit = (part: unknown): unknown => {
    if (typeof part === 'string') return attack;
    if (Array.isArray(part)) return part.map(visit);
    if (part === null || typeof part !== 'object' || ArrayBuffer.isView(part)) return part;
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, visit(inner)]));
  };
  return visit(value) as Value;
}
