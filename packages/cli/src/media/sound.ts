// Sounds on their way in and out of the command line: the modality `audio`.
import { AudioClip, type RawAudio } from '@transfuse/adapters/audio';
import { fieldsOf, type Medium } from './medium.ts';

/** Sounds, saved as WAV. */
export const sound: Medium<RawAudio> = {
  modality: 'audio',
  noun: { one: 'sound', many: 'sounds' },
  extensions: ['.wav', '.flac', '.ogg', '.oga', '.mp3'],
  extension: '.wav',
  isValue(value): value is RawAudio {
    const { sampleRate, channels } = fieldsOf(value);
    const isList = Array.isArray(channels) && channels.length > 0;
    return typeof sampleRate === 'number' && isList && channels.every((one) => one instanceof Float32Array);
  },
  read: (source) => AudioClip.read(source),
  save: (value, file) => AudioClip.from(value).save(file),
};
