import { validate } from '@transfuse/core';
import type { ContinuousAdapter, RawAudio } from '@transfuse/core/contracts';
import { checkContinuousAdapter, checkPlugin } from '@transfuse/core/testing';
import { describe, expect, it } from 'vitest';
import { AudioClip } from './audio-clip.ts';
import { audio } from './audio-plugin.ts';
import { patchAudio } from './patch-audio.ts';

/** A voice-like sound: a falling tone with two overtones, swelling and dying away. */
function voice({ sampleRate = 1000, samples = 64, channels = 1 } = {}): RawAudio {
  return {
    sampleRate,
    channels: Array.from({ length: channels }, (_, channel) =>
      Float32Array.from({ length: samples }, (__, n) => {
        const phase = (2 * Math.PI * (110 + 40 * channel) * n) / sampleRate;
        const loudness = 0.3 * Math.sin((Math.PI * (n + 0.5)) / samples);
        return loudness * (Math.sin(phase) + 0.5 * Math.sin(2 * phase) + 0.2 * Math.sin(3 * phase));
      }),
    ),
  };
}
const runner = { describe, it };
const invalid = [undefined, null, 3, {}, 'nowhere.wav', new Uint8Array(3)];
const waveform = { kind: 'waveform', patchSize: 8 } as const;
const logMel = { kind: 'log-mel', windowLength: 32, hop: 8, mels: 6, patchSize: 2 } as const;
const clipOf = async (adapter: ContinuousAdapter, raw: unknown) =>
  (await adapter.decode(await adapter.encode(raw))) as AudioClip;

checkPlugin(audio, { title: 'the audio plugin' }).register(runner);
checkContinuousAdapter(
  () => patchAudio({ sampleRate: 1000, durations: [0.032, 0.064, 0.096], representation: waveform }),
  { title: 'waveforms', samples: [voice(), voice({ samples: 90 }), voice({ samples: 20 })], invalid },
).register(runner);
checkContinuousAdapter(
  () => patchAudio({ sampleRate: 1000, channels: 2, durations: 0.064, representation: waveform, positions: 'none' }),
  { title: 'stereo waveforms', samples: [voice({ channels: 2 }), voice()], invalid },
).register(runner);
checkContinuousAdapter(
  () => patchAudio({ sampleRate: 1000, durations: [0.064, 0.128], representation: logMel }),
  // Phases are found anew: what comes back is near, in the quietest bands a fifth of the range away.
  { title: 'log-mel spectra', samples: [voice(), voice({ samples: 110 })], codec: 0.4, invalid },
).register(runner);
checkContinuousAdapter(() => patchAudio({ sampleRate: 1000, channels: 2, durations: 0.064, representation: logMel }), {
  title: 'stereo log-mel spectra',
  samples: [voice({ channels: 2 })],
  codec: 0.4,
  invalid,
}).register(runner);

describe('the audio-patch adapter on waveforms', () => {
  const adapter = patchAudio({ sampleRate: 1000, durations: [0.1, 0.04], representation: waveform });

  it('gives back the samples it encoded, to the bit, and silence behind them', async () => {
    const raw = voice({ samples: 33 });
    const clip = await clipOf(adapter, raw);
    expect([clip.sampleRate, clip.length]).toEqual([1000, 40]);
    expect(clip.channels[0]!.subarray(0, 33)).toEqual(raw.channels[0]);
    expect(clip.channels[0]!.subarray(33)).toEqual(new Float32Array(7));
  });

  it('gives a sound the shortest duration that holds it, and cuts one longer than all', async () => {
    expect(adapter.latentShapes).toEqual([
      [40, 1],
      [104, 1], // 100 samples fill 13 patches of 8
    ]);
    expect(adapter.defaultLatentShape).toEqual([104, 1]);
    for (const [samples, frames] of [
      [1, 40],
      [40, 40],
      [41, 104],
      [104, 104],
      [300, 104],
    ] as const) {
      expect((await adapter.encode(voice({ samples }))).shape, `${samples} samples`).toEqual([frames, 1]);
    }
    const long = voice({ samples: 300 });
    expect((await clipOf(adapter, long)).channels[0]).toEqual(long.channels[0]!.slice(0, 104));
  });

  it('makes one token per patch', () => {
    expect(adapter.latentShapes!.map((shape) => adapter.tokenGrid(shape))).toEqual([[5], [13]]);
    expect(() => adapter.tokenGrid([36, 1])).toThrow(expect.objectContaining({ code: 'latent.unsupported-shape' }));
  });

  it('brings other rates and channels to its own, from memory and from the bytes of a file', async () => {
    const clip = AudioClip.from(voice({ sampleRate: 4000, samples: 160, channels: 2 }));
    const latent = await adapter.encode(clip);
    expect(latent.shape).toEqual([40, 1]);
    expect(await adapter.encode(clip.toWav({ format: 'float32' }))).toEqual(latent);
    const expected = clip.toMono().resample(1000).channels[0]!;
    expect(latent.data).toEqual(expected.map((sample) => sample * 8));
  });

  it('clamps to full scale when it decodes', async () => {
    const clip = (await adapter.decode({
      shape: [40, 1],
      data: new Float32Array(40).fill(99).fill(-99, 20),
    })) as AudioClip;
    expect([clip.channels[0]![0], clip.channels[0]![39]]).toEqual([1, -1]);
  });

  it('stops where its signal says so', async () => {
    await expect(adapter.encode(voice(), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
});

describe('the size of a sound', () => {
  const adapter = patchAudio({ sampleRate: 1000, durations: [0.04, 0.08], representation: waveform });

  it.each([
    [0.001, 40],
    [0.05, 40],
    [0.06, 80],
    [9, 80],
  ])('%s s leads to the nearest duration, %s samples', (seconds, frames) => {
    expect(adapter.latentShape!({ seconds })).toEqual([frames, 1]);
  });

  it.each([{}, { seconds: 0 }, { seconds: NaN }, { width: 3 }, { seconds: 1, width: 3 }, { second: 1 }])(
    'refuses %j',
    (size) => {
      expect(() => adapter.latentShape!(size as Record<string, number>)).toThrow(
        expect.objectContaining({ code: 'generation.invalid-option' }),
      );
    },
  );
});

describe('the audio-patch adapter on log-mel spectra', () => {
  const settings = { sampleRate: 8000, durations: 0.5 } as const;
  const representation = { kind: 'log-mel', windowLength: 256, hop: 64, mels: 64 } as const;

  it('makes a frame per hop and a number per band, of each channel', () => {
    const mono = patchAudio({ ...settings, representation });
    const stereo = patchAudio({ ...settings, channels: 2, representation });
    expect([mono.defaultLatentShape, stereo.defaultLatentShape]).toEqual([
      [64, 64], // 62.5 frames fill 32 patches of 2
      [64, 128],
    ]);
    expect(mono.tokenGrid(mono.defaultLatentShape)).toEqual([32]);
  });

  it('gives back a sound whose bands differ by less than 1 decibel on average', async () => {
    const adapter = patchAudio({ ...settings, representation });
    const latent = await adapter.encode(voice({ sampleRate: 8000, samples: 4096 }));
    const again = await adapter.encode(await adapter.decode(latent));
    const decibels = latent.data.map((value, index) => Math.abs(value - again.data[index]!) * 35); // 70 dB on 2
    const loud = decibels.filter((_, index) => latent.data[index]! > -0.7);
    expect(loud.length).toBeGreaterThan(500);
    expect(loud.reduce((sum, value) => sum + value, 0) / loud.length).toBeLessThan(1);
  });

  it('makes the same sound from the same latent, and silence from silence', async () => {
    const adapter = patchAudio({ ...settings, representation });
    const latent = await adapter.encode(voice({ sampleRate: 8000, samples: 3000 }));
    expect(await adapter.decode(latent)).toEqual(await adapter.decode(latent));
    const silence = await adapter.encode({ sampleRate: 8000, channels: [new Float32Array(100)] });
    expect(new Set(silence.data)).toEqual(new Set([-1]));
    expect(new Set(((await adapter.decode(silence)) as AudioClip).channels[0])).toEqual(new Set([0]));
  });

  it('keeps channels apart', async () => {
    const adapter = patchAudio({ ...settings, channels: 2, representation });
    const [left] = voice({ sampleRate: 8000, samples: 3000 }).channels;
    const clip = await clipOf(adapter, { sampleRate: 8000, channels: [left!, new Float32Array(3000)] });
    expect(Math.max(...clip.channels[0]!)).toBeGreaterThan(0.1);
    expect(Math.max(...clip.channels[1]!)).toBe(0);
  });
});

describe('the settings of the plugin', () => {
  const [contribution] = audio.contributions;
  const checked = (config: Record<string, unknown>) =>
    validate(contribution!.configSchema, config, { code: 'config.invalid', place: 'audio' }) as Record<string, unknown>;
  const create = (config: Record<string, unknown>) =>
    contribution!.create(checked(config), undefined as never) as ContinuousAdapter;

  it('have defaults, those of both representations too', () => {
    expect(checked({})).toEqual({
      sampleRate: 16000,
      channels: 1,
      durations: 1,
      positions: 'learned',
      representation: expect.objectContaining({ kind: 'log-mel', windowLength: 512, hop: 128, mels: 64, patchSize: 2 }),
    });
    expect(checked({ representation: { kind: 'waveform' } })['representation']).toEqual({
      kind: 'waveform',
      patchSize: 128,
      gain: 8,
    });
    expect(create({}).defaultLatentShape).toEqual(patchAudio().defaultLatentShape);
    expect(create({}).defaultLatentShape).toEqual([126, 64]);
  });

  it.each([
    [{ channels: 3 }, 'audio.channels'],
    [{ sampleRate: 0 }, 'audio.sampleRate'],
    [{ durations: [] }, 'audio.durations'],
    [{ durations: -1 }, 'audio.durations'],
    [{ representation: { kind: 'mel' } }, 'audio.representation.kind'],
    [{ representation: { kind: 'waveform', mels: 3 } }, 'audio.representation.mels'],
    [{ representation: { kind: 'log-mel', hop: 0 } }, 'audio.representation.hop'],
    [{ durations: [0.5, 0.5001], representation: { kind: 'log-mel' } }, 'durations'],
    [{ durations: 1e-6 }, 'durations'],
    [{ representation: { kind: 'log-mel', hop: 300 } }, 'windowLength, hop, fftSize'],
    [{ representation: { kind: 'log-mel', floor: 0 } }, 'floor, ceiling'],
  ])('refuse %j', (config, place) => {
    expect(() => create(config)).toThrow(expect.objectContaining({ code: 'config.invalid', place }));
  });
});
