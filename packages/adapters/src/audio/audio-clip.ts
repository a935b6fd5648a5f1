/*
 * A sound in memory that can be read from and written to files: what people handle, in prompts and in what a model
 * generates, as RasterImage is for pictures. Files are decoded in audio-decoding.ts; here is what can be done with samples.
 */
import { writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { type RawAudio, TransfuseError } from '@transfuse/core/contracts';
import { decodeAudio } from './audio-decoding.ts';
import { resampled } from './polyphase-resampler.ts';
import { checkedAudio } from './checked-audio.ts';
import { encodeWav, type WavFormat } from './wav-encoder.ts';

/** How {@link AudioClip.toWav} and {@link AudioClip.save} write samples. */
export interface WriteWavOptions {
  /** 16-bit integers, clamped to full scale, or 32-bit floats without loss. Default `pcm16`. */
  readonly format?: WavFormat;
}

/**
 * A sound: `channels` of samples in [-1, 1] at `sampleRate` samples per second. A clip is never changed; every operation
 * gives a new one (which may share samples with the old).
 *
 * @example
 * ```ts
 * import { AudioClip } from '@transfuse/adapters/audio';
 * const tone = Float32Array.from({ length: 8000 }, (_, n) => 0.5 * Math.sin((2 * Math.PI * 440 * n) / 16000));
 * const clip = AudioClip.from({ sampleRate: 16000, channels: [tone] });
 * const again = await AudioClip.read(clip.resample(8000).toWav());
 * console.assert(clip.seconds === 0.5 && again.sampleRate === 8000 && again.length === 4000);
 * ```
 */
export class AudioClip implements RawAudio {
  readonly sampleRate: number;
  readonly channels: readonly Float32Array[];

  private constructor({ sampleRate, channels }: RawAudio) {
    this.sampleRate = sampleRate;
    this.channels = channels;
  }

  /** Samples per channel. */
  get length(): number {
    return this.channels[0]!.length;
  }

  /** Duration. */
  get seconds(): number {
    return this.length / this.sampleRate;
  }

  /**
   * Takes up samples that are already in memory; they are shared, not copied.
   *
   * @throws TransfuseError `audio.undecodable` if the rate is not a positive integer, there is no channel or no sample,
   * channels differ in length, or a sample is not finite.
   */
  static from(raw: RawAudio): AudioClip {
    return new AudioClip(checkedAudio(raw, 'AudioClip.from'));
  }

  /**
   * Reads a sound file; its content decides what it is, not its name. WAV (8 to 32 bits, floats), FLAC and Ogg Vorbis are
   * read as they are; MP3 needs the package `mpg123-decoder` installed.
   *
   * @param source A file's path, or the file's bytes.
   * @throws TransfuseError `audio.not-found` if there is no such file, `audio.undecodable` if it is no sound (or a
   * damaged one), `audio.decoder-missing` if a package that reads it is not installed.
   */
  static async read(source: string | Uint8Array): Promise<AudioClip> {
    return new AudioClip(await decodeAudio(source));
  }

  /**
   * The sound at another sample rate, band-limited to what both rates can carry; ceil(length * to / from) samples.
   *
   * @throws TransfuseError `audio.unsupported-length` if the rate is not a positive integer.
   */
  resample(sampleRate: number): AudioClip {
    requireCount('AudioClip.resample', sampleRate, 'a positive whole number of samples per second');
    if (sampleRate === this.sampleRate) return this;
    const rates = { from: this.sampleRate, to: sampleRate };
    return new AudioClip({ sampleRate, channels: this.channels.map((samples) => resampled(samples, rates)) });
  }

  /** The mean of all channels, as one. */
  toMono(): AudioClip {
    return this.toChannels(1);
  }

  /**
   * The sound with another number of channels: the mean of all of them, `count` times. With as many as it has it stays as
   * it is.
   *
   * @throws TransfuseError `audio.unsupported-length` if the count is not a positive integer.
   */
  toChannels(count: number): AudioClip {
    requireCount('AudioClip.toChannels', count, 'a positive whole number of channels');
    if (count === this.channels.length) return this;
    const mean = meanOf(this.channels);
    return new AudioClip({ sampleRate: this.sampleRate, channels: Array.from({ length: count }, () => mean) });
  }

  /**
   * The part that begins at `start` and lasts `seconds`, both rounded to samples; where the sound ends earlier, what there
   * is of it.
   *
   * @throws TransfuseError `audio.unsupported-length` if nothing of the sound lies there.
   */
  cut(start: number, seconds: number): AudioClip {
    const first = Math.round(start * this.sampleRate);
    const end = Math.min(this.length, first + Math.round(seconds * this.sampleRate));
    if (!(first >= 0 && end > first)) {
      throw unsupported(
        'AudioClip.cut',
        `${seconds} s from second ${start} on, of a sound of ${this.seconds} s`,
        'a part that begins within the sound and holds at least one sample',
      );
    }
    const channels = this.channels.map((samples) => samples.slice(first, end));
    return new AudioClip({ sampleRate: this.sampleRate, channels });
  }

  /** The sound as the bytes of a WAV file. */
  toWav({ format = 'pcm16' }: WriteWavOptions = {}): Uint8Array {
    return encodeWav(this, format);
  }

  /**
   * Writes the sound to a `.wav` file. An existing file is replaced.
   *
   * @throws TransfuseError `audio.unwritable` if the name has another extension or the file cannot be written.
   */
  async save(path: string, options: WriteWavOptions = {}): Promise<void> {
    const extension = extname(path).toLowerCase();
    if (extension !== '.wav') {
      const found = extension === '' ? 'no extension' : `the extension ${extension}`;
      throw unwritable(path, { found, expected: '.wav', mend: 'Let the file name end in .wav.' });
    }
    try {
      await writeFile(path, this.toWav(options));
    } catch (cause) {
      throw unwritable(path, {
        found: cause instanceof Error ? cause.message : String(cause),
        expected: 'a folder that exists and can be written to',
        mend: 'Create the folder, or choose another path.',
        cause,
      });
    }
  }
}

function meanOf(channels: readonly Float32Array[]): Float32Array {
  if (channels.length === 1) return channels[0]!;
  return channels[0]!.map((_, index) => channels.reduce((sum, samples) => sum + samples[index]!, 0) / channels.length);
}

function requireCount(place: string, count: number, expected: string): void {
  if (!Number.isInteger(count) || count <= 0) throw unsupported(place, String(count), expected);
}

function unsupported(place: string, found: string, expected: string): TransfuseError {
  return new TransfuseError({
    code: 'audio.unsupported-length',
    place,
    found,
    expected,
    mend: 'Look at the sound’s seconds, sampleRate and channels first.',
  });
}

type Unwritten = Pick<TransfuseError, 'found' | 'expected' | 'mend'> & { readonly cause?: unknown };

function unwritable(place: string, what: Unwritten): TransfuseError {
  return new TransfuseError({ code: 'audio.unwritable', place, ...what });
}
