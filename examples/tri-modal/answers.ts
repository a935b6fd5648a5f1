/**
 * Asks a trained model in every direction and counts what it gets right: a picture is right if the nearest of all keycaps
 * shows the digit, a sound if the nearest known recording says it, a text if it is the word. Writes a page to look at and
 * to listen to.
 *
 *     npx jiti answers.ts runs/tri-modal/checkpoint free-spoken-digit-dataset.tar.gz
 */
import { writeFile } from 'node:fs/promises';
import { image, text } from '@transfuse/adapters';
import { AudioClip, audio } from '@transfuse/adapters/audio';
import { RasterImage } from '@transfuse/adapters/image';
import { createHost, createRandom, type LoadedModel, type RawImage } from '@transfuse/core';
import { diffusion } from '@transfuse/plugins';
import { createDigitJudge, digitWords } from '@transfuse/plugins/data/spoken-digits';
import digits, { type Digits, type Example, prepareDigits } from './digits.ts';

type Sound = Pick<AudioClip, 'sampleRate' | 'channels'>;
const modalities = ['text', 'image', 'audio'] as const;
type Modality = (typeof modalities)[number];

/** One question, its answer, and which digit that is. */
interface Answer {
  readonly from: Modality;
  readonly to: Modality;
  readonly digit: number;
  readonly understood: number;
  readonly given: string;
  readonly made: string;
}

const [checkpoint = 'runs/tri-modal/checkpoint', source = 'free-spoken-digit-dataset.tar.gz', page = 'answers.html'] =
  process.argv.slice(2);
const perDigit = 4;

const known = await prepareDigits({ source, size: 32 }, { cacheFolder: '.cache' });
const host = await createHost({ plugins: [text, image, audio, diffusion, digits] });
try {
  const answers = await askAll(await host.load(checkpoint), known);
  for (const line of scores(answers)) console.log(line);
  await writeFile(page, pageOf(answers));
  console.log(`Wrote ${page}`);
} finally {
  await host.dispose();
}

async function askAll(model: LoadedModel, { pictures, sounds, unheard }: Digits): Promise<Answer[]> {
  const judge = createDigitJudge(
    sounds.map(({ id, digit, value }) => ({ digit, speaker: id.split('/')[1]!, sound: value as Sound })),
  );
  const understand = (modality: Modality, value: unknown): number => {
    if (modality === 'text') return digitWords.indexOf(String(value).trim() as (typeof digitWords)[number]);
    if (modality === 'audio') return judge.judge(value as Sound).digit;
    return nearestPicture(value as RawImage, pictures).digit;
  };
  const random = createRandom('answers');
  const exampleOf = (modality: Modality, digit: number): unknown => {
    if (modality === 'text') return digitWords[digit];
    const alike = (modality === 'image' ? pictures : unheard).filter((example) => example.digit === digit);
    return alike[random.integer(alike.length)]!.value;
  };
  const answers: Answer[] = [];
  for (const from of modalities) {
    for (const to of modalities.filter((other) => other !== from)) {
      for (let digit = 0; digit < 10; digit++) {
        for (let seed = 0; seed < perDigit; seed++) {
          const given = exampleOf(from, digit);
          const made = await ask(model, { modality: from, value: given }, to, seed);
          answers.push({
            from,
            to,
            digit,
            understood: understand(to, made),
            given: await shown(from, given),
            made: await shown(to, made),
          });
        }
      }
    }
  }
  return answers;
}

async function ask(model: LoadedModel, given: { modality: Modality; value: unknown }, to: Modality, seed: number) {
  // Guidance leads away from what is made without the question: without the word, or without the picture or sound.
  const guidance = given.modality === 'text' ? 2 : { name: 'image-guidance', scale: 2 };
  const options = { seed, guidance, temperature: to === 'text' ? 0 : 1 };
  for await (const event of model.generate([given, { want: to }], options)) {
    if (event.type === 'segment' && event.modality === to) return event.value;
  }
  return '';
}

function nearestPicture({ data }: RawImage, pictures: readonly Example[]): Example {
  const distance = ({ value }: Example) =>
    (value as RawImage).data.reduce((sum, one, index) => sum + (one - data[index]!) ** 2, 0);
  return pictures.reduce((best, next) => (distance(next) < distance(best) ? next : best));
}

function scores(answers: readonly Answer[]): string[] {
  return modalities.flatMap((from) =>
    modalities
      .filter((to) => to !== from)
      .map((to) => {
        const asked = answers.filter((answer) => answer.from === from && answer.to === to);
        const right = asked.filter(({ digit, understood }) => digit === understood).length;
        return `${from} to ${to}: ${right} of ${asked.length} right`;
      }),
  );
}

async function shown(modality: Modality, value: unknown): Promise<string> {
  if (modality === 'text') return `<q>${String(value).replaceAll('<', '&lt;')}</q>`;
  const address = (type: string, bytes: Uint8Array) => `data:${type};base64,${Buffer.from(bytes).toString('base64')}`;
  if (modality === 'image') {
    const png = await RasterImage.from(value as RawImage).toPng();
    return `<img alt="" width="64" height="64" src="${address('image/png', png)}">`;
  }
  return `<audio controls src="${address('audio/wav', AudioClip.from(value as Sound).toWav())}"></audio>`;
}

function pageOf(answers: readonly Answer[]): string {
  const rows = answers.map(
    ({ from, to, digit, understood, given, made }) =>
      `<tr><td>${from} to ${to}<td>${given}<td>${made}<td>${digit === understood ? 'right' : `taken for ${understood}`}`,
  );
  return `<!doctype html><meta charset="utf-8"><title>Digits written, drawn and said</title>
<style>body { font: 16px system-ui; max-width: 60rem; margin: 2rem auto } td, th { padding: 0.3rem 1rem; text-align: left } img { image-rendering: pixelated }</style>
<h1>Digits written, drawn and said</h1><ul>${scores(answers)
    .map((line) => `<li>${line}`)
    .join('')}</ul>
<table><tr><th>direction<th>given<th>made<th>judged${rows.join('\n')}</table>`;
}
