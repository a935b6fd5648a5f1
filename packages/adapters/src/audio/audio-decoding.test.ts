import { readFile } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import { AudioClip } from './audio-clip.ts';
import { audioFormatOf } from './audio-format.ts';

// Files that libsndfile wrote of known tones (test/reference/audio_files.py), channel c being 0.5 sin(2 pi f_c n / rate).

interface SoundFile {
  readonly name: string;
  readonly format: string;
  readonly subtype: string;
  readonly rate: number;
  readonly tones: readonly number[];
  readonly samples: number;
  readonly base64: string;
}
const { files } = JSON.parse(await readFile(new URL('audio-files.fixture.json', import.meta.url), 'utf8')) as {
  files: readonly SoundFile[];
};
const bytesOf = ({ base64 }: SoundFile) => new Uint8Array(Buffer.from(base64, 'base64'));
const named = (name: string) => bytesOf(files.find((file) => file.name === name)!);

/** Largest difference from the tone, over the middle of the sound, where an encoder has settled. */
function errorOf(samples: Float32Array, frequency: number, rate: number, margin: number): number {
  let worst = 0;
  for (let n = margin; n < samples.length - margin; n++) {
    worst = Math.max(worst, Math.abs(samples[n]! - 0.5 * Math.sin((2 * Math.PI * frequency * n) / rate)));
  }
  return worst;
}

const exact: Readonly<Record<string, number>> = {
  PCM_U8: 1 / 128,
  PCM_16: 1 / 32768,
  PCM_24: 1e-6,
  PCM_32: 1e-7,
  FLOAT: 1e-7,
  DOUBLE: 1e-7,
};

describe('files without loss', () => {
  it.each(files.filter(({ subtype }) => subtype in exact))('$name: samples are the tone to a step', async (file) => {
    const clip = await AudioClip.read(bytesOf(file));
    expect([clip.sampleRate, clip.length, clip.channels.length]).toEqual([file.rate, file.samples, file.tones.length]);
    for (const [channel, tone] of file.tones.entries()) {
      expect(errorOf(clip.channels[channel]!, tone, file.rate, 0)).toBeLessThanOrEqual(exact[file.subtype]!);
    }
  });
});

describe('files with loss', () => {
  it.each(files.filter(({ subtype }) => ['VORBIS', 'MPEG_LAYER_III'].includes(subtype)))(
    '$name: samples are near the tone, at its place',
    async (file) => {
      const clip = await AudioClip.read(bytesOf(file));
      expect([clip.sampleRate, clip.channels.length]).toEqual([file.rate, file.tones.length]);
      expect(clip.length).toBe(file.samples);
      for (const [channel, tone] of file.tones.entries()) {
        expect(errorOf(clip.channels[channel]!, tone, file.rate, file.samples / 4)).toBeLessThan(0.05);
      }
    },
  );
});

describe('telling files apart', () => {
  it('goes by their content', () => {
    const kinds = { WAV: 'wav', WAVEX: 'wav', FLAC: 'flac', MP3: 'mp3' } as Readonly<Record<string, string>>;
    for (const file of files.filter(({ format }) => format !== 'OGG'))
      expect(audioFormatOf(bytesOf(file))).toBe(kinds[file.format]);
    expect(audioFormatOf(named('vorbis'))).toBe('ogg-vorbis');
    expect(audioFormatOf(named('opus'))).toBe('opus');
    for (const none of [[], [1, 2, 3], [0xff], [0xff, 0xd8], [0x49, 0x44, 0x33], [0x4f, 0x67, 0x67, 0x53]]) {
      expect(audioFormatOf(Uint8Array.from(none))).toBe('unknown');
    }
  });

  it('looks behind an ID3 tag', async () => {
    const tag = Uint8Array.of(0x49, 0x44, 0x33, 3, 0, 0, 0, 0, 1, 2, ...new Uint8Array(130)); // 1 * 128 + 2 bytes
    for (const name of ['mp3', 'flac of 16 bits']) {
      const plain = await AudioClip.read(named(name));
      expect(await AudioClip.read(Uint8Array.from([...tag, ...named(name)]))).toEqual(plain);
    }
  });
});

describe('damaged files', () => {
  it.each(['flac of 16 bits', 'vorbis', 'wav of 16 bits, stereo'])(
    '%s, cut short in its head, is refused',
    async (name) => {
      await expect(AudioClip.read(named(name).subarray(0, 38))).rejects.toMatchObject({ code: 'audio.undecodable' });
    },
  );

  it('an Opus file is refused by name', async () => {
    await expect(AudioClip.read(named('opus'))).rejects.toThrow(/Opus, which is not read/);
  });

  it('random bytes behind a true beginning never give anything but a clip or audio.undecodable', async () => {
    const quiet = vi.spyOn(console, 'error').mockImplementation(() => {}); // one of the decoders speaks to the console
    let refused = 0;
    for (const { name } of files.filter(({ subtype }) => subtype !== 'OPUS')) {
      for (const keep of [12, 48, 90]) {
        const bytes = named(name).map((byte, at) => (at < keep ? byte : (byte * 7 + at * 31) % 256));
        const outcome = await AudioClip.read(bytes).catch((error: { code: string }) => error);
        if (outcome instanceof AudioClip) continue;
        expect(outcome, `${name} from byte ${keep}`).toMatchObject({ code: 'audio.undecodable' });
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(10);
    quiet.mockRestore();
  }, 30_000);
});

describe('a package that is not installed', () => {
  it('is named with the way to install it', async () => {
    vi.doMock('mpg123-decoder', () => {
      throw new Error('Cannot find package');
    });
    const failed = AudioClip.read(named('mp3'));
    await expect(failed).rejects.toMatchObject({ code: 'audio.decoder-missing' });
    await expect(failed).rejects.toThrow(/Run npm install mpg123-decoder/);
    vi.doUnmock('mpg123-decoder');
  });
});
