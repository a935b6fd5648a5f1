/** The check at the border that what stands for a sound is one. */
import { type RawAudio, TransfuseError } from '@transfuse/core/contracts';

/** The sound itself, once it is known to be one. @throws `audio.undecodable` */
export function checkedAudio(raw: RawAudio, place: string): RawAudio {
  const found = faultOf(raw);
  if (found === undefined) return raw;
  throw new TransfuseError({
    code: 'audio.undecodable',
    place,
    found,
    expected: 'a positive whole sampleRate, and at least one channel of finite samples, all of one length',
    mend: 'Pass { sampleRate, channels: [samples] } with one Float32Array per channel.',
  });
}

function faultOf({ sampleRate, channels }: RawAudio): string | undefined {
  if (!Number.isInteger(sampleRate) || sampleRate <= 0) return `the sample rate ${String(sampleRate)}`;
  const list: readonly unknown[] = Array.isArray(channels) ? channels : [undefined];
  if (!list.every((channel) => channel instanceof Float32Array)) return 'channels that are no list of Float32Arrays';
  const lengths = list.map((channel) => channel.length);
  if (lengths.length === 0 || lengths.some((length) => length === 0 || length !== lengths[0])) {
    return `${lengths.length} channels of ${lengths.join(', ') || 'no'} samples`;
  }
  for (const [index, channel] of list.entries()) {
    const wrong = channel.findIndex((sample) => !Number.isFinite(sample));
    if (wrong >= 0) return `${channel[wrong]} at sample ${wrong} of channel ${index}`;
  }
  return undefined;
}
