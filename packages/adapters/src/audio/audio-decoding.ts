/*
 * From a sound file to samples. WAV is read here; FLAC, Ogg Vorbis and MP3 by WebAssembly decoders, each loaded when the
 * first file of its kind comes along, so that whoever has none of them needs none of the packages. This file finds out
 * which it is, and turns what goes wrong into sentences about the file.
 */
import { readFile } from 'node:fs/promises';
import { type RawAudio, TransfuseError } from '@transfuse/core/contracts';
import { type AudioFormat, audioFormatOf, id3Length } from './audio-format.ts';
import { checkedAudio } from './checked-audio.ts';
import { decodeWav } from './wav-decoder.ts';

/** Reads a sound file by its path or from its bytes. Throws as `AudioClip.read` says. */
export async function decodeAudio(source: string | Uint8Array): Promise<RawAudio> {
  const place = typeof source === 'string' ? source : `sound of ${source.length} bytes`;
  const bytes = typeof source === 'string' ? await readBytes(source) : source;
  const format = audioFormatOf(bytes);
  const decode = decoders[format];
  if (decode === undefined) {
    throw undecodable(place, format === 'opus' ? 'an Ogg file with Opus, which is not read' : 'another kind of file');
  }
  let decoded: RawAudio;
  try {
    decoded = await decode(bytes.subarray(id3Length(bytes)));
  } catch (cause) {
    throw cause instanceof TransfuseError ? cause : undecodable(place, messageOf(cause), cause);
  }
  return checkedAudio(decoded, place);
}

/** What the three libraries give back. */
interface Decoded {
  readonly channelData: readonly Float32Array[];
  readonly sampleRate: number;
  readonly errors: readonly { readonly message: string }[];
}

const decoders: Readonly<Partial<Record<AudioFormat, (bytes: Uint8Array) => RawAudio | Promise<RawAudio>>>> = {
  wav: decodeWav,
  async flac(bytes) {
    const { FLACDecoder } = await loaded(
      'FLAC',
      '@wasm-audio-decoders/flac',
      () => import('@wasm-audio-decoders/flac'),
    );
    return withDecoder(new FLACDecoder(), (decoder) => decoder.decodeFile(bytes));
  },
  async 'ogg-vorbis'(bytes) {
    const name = '@wasm-audio-decoders/ogg-vorbis';
    const { OggVorbisDecoder } = await loaded('Ogg Vorbis', name, () => import('@wasm-audio-decoders/ogg-vorbis'));
    return withDecoder(new OggVorbisDecoder(), (decoder) => decoder.decodeFile(bytes));
  },
  async mp3(bytes) {
    const { MPEGDecoder } = await loaded('MP3', 'mpg123-decoder', () => import('mpg123-decoder'));
    const { sampleRate, channels } = await withDecoder(new MPEGDecoder(), (decoder) => decoder.decode(bytes));
    const isMono = bytes[3]! >> 6 === 3; // which the decoder doubles
    return { sampleRate, channels: isMono ? channels.slice(0, 1) : channels };
  },
};

async function withDecoder<Decoder extends { readonly ready: Promise<void>; free(): void }>(
  decoder: Decoder,
  decode: (decoder: Decoder) => Decoded | Promise<Decoded>,
): Promise<RawAudio> {
  await decoder.ready;
  try {
    const { channelData, sampleRate, errors } = await decode(decoder);
    const [first] = errors;
    if (first !== undefined) throw new Error(`a damaged file (${first.message.trim()})`);
    if (channelData.length === 0 || channelData[0]!.length === 0) throw new Error('a file without sound');
    return { sampleRate, channels: channelData.map((samples) => samples.slice()) }; // theirs may be views of one buffer
  } finally {
    decoder.free();
  }
}

async function loaded<Library>(kind: string, name: string, load: () => Promise<Library>): Promise<Library> {
  try {
    return await load();
  } catch (cause) {
    throw new TransfuseError({
      code: 'audio.decoder-missing',
      place: `decoder of ${kind} files`,
      found: `no package ${name}`,
      expected: `${name}, which reads ${kind} files, installed beside @transfuse/adapters`,
      mend: `Run npm install ${name}, or convert the file to WAV.`,
      cause,
    });
  }
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) {
      throw undecodable(path, messageOf(cause), cause);
    }
    throw new TransfuseError({
      code: 'audio.not-found',
      place: path,
      found: 'no such file',
      expected: 'a sound file',
      mend: 'Check the path; it is taken relative to the folder the program was started in.',
      cause,
    });
  }
}

function undecodable(place: string, found: string, cause?: unknown): TransfuseError {
  return new TransfuseError({
    code: 'audio.undecodable',
    place,
    found,
    expected: 'a whole WAV (integers or floats), FLAC, Ogg Vorbis or MP3 file',
    mend: 'Play the file to see whether it is damaged, and save it again as WAV or FLAC.',
    cause,
  });
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message.trim().replaceAll('\n', '; ') : String(cause);
}
