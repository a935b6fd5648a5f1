/*
 * A colour as settings and options write it, `#rrggbb`: what lies under transparent pixels and fills the bars beside a
 * picture that is fitted into a frame.
 */
import { TransfuseError } from '@transfuse/core/contracts';

/** The colour, checked. @param place for the message. Throws `config.invalid` where it is not of the form `#rrggbb`. */
export function checkedColour(colour: string, place: string): string {
  if (/^#[0-9a-f]{6}$/i.test(colour)) return colour;
  throw new TransfuseError({
    code: 'config.invalid',
    place,
    found: JSON.stringify(colour),
    expected: 'a colour of the form #rrggbb',
    mend: 'Write, for example, #ffffff for white.',
  });
}
