import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { watchStopStrings } from './stop-strings.ts';

/** Pushes pieces until a stop string is complete or the text ends; returns what was shown, piece by piece. */
function watch(stops: readonly string[], pieces: readonly string[]): { shown: string[]; stopped: boolean } {
  const watcher = watchStopStrings(stops);
  const shown: string[] = [];
  for (const piece of pieces) {
    const { show, stopped } = watcher.push(piece);
    shown.push(show);
    if (stopped) return { shown, stopped };
  }
  shown.push(watcher.flush());
  return { shown, stopped: false };
}

/** The text before the stop string that is complete first: by its last character, then by its first. */
function textBefore(stops: readonly string[], text: string): { shown: string; stopped: boolean } {
  for (let end = 1; end <= text.length; end++) {
    const complete = stops.filter((stop) => stop !== '' && text.slice(0, end).endsWith(stop));
    const longest = Math.max(0, ...complete.map((stop) => stop.length));
    if (longest > 0) return { shown: text.slice(0, end - longest), stopped: true };
  }
  return { shown: text, stopped: false };
}

/** Few letters, so that stop strings, their beginnings and overlaps come about. */
const textOf = (maxLength: number) => fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength });
const piecesOf = fc.array(textOf(4), { maxLength: 8 });

describe('the stop watcher', () => {
  it('shows the text before the stop string and holds back what could become one', () => {
    expect(watch(['END'], ['one E', 'N', 'D two'])).toEqual({ shown: ['one ', '', ''], stopped: true });
    expect(watch(['END'], ['one EN', 'OUGH'])).toEqual({ shown: ['one ', 'ENOUGH', ''], stopped: false });
  });

  it('gives back at the end what was held back', () => {
    expect(watch(['END'], ['one EN'])).toEqual({ shown: ['one ', 'EN'], stopped: false });
  });

  it('finds a stop string that begins inside a false beginning', () => {
    expect(watch(['aab'], ['aaab'])).toEqual({ shown: ['a'], stopped: true });
    expect(watch(['aab'], ['a', 'a', 'a', 'b'])).toEqual({ shown: ['', '', 'a', ''], stopped: true });
  });

  it('ignores empty stop strings, and holds nothing back without any', () => {
    expect(watch(['', ''], ['ab', 'c'])).toEqual({ shown: ['ab', 'c', ''], stopped: false });
    expect(watch([], ['ab'])).toEqual({ shown: ['ab', ''], stopped: false });
  });

  it('shows, of one stop string, exactly the text before its first occurrence, however the text is cut', () => {
    fc.assert(
      fc.property(
        textOf(4).filter((stop) => stop !== ''),
        piecesOf,
        (stop, pieces) => {
          const text = pieces.join('');
          const at = text.indexOf(stop);
          const { shown, stopped } = watch([stop], pieces);
          expect([shown.join(''), stopped]).toEqual([at < 0 ? text : text.slice(0, at), at >= 0]);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('never shows a stop string, of any number of them', () => {
    fc.assert(
      fc.property(fc.array(textOf(4), { maxLength: 4 }), piecesOf, (stops, pieces) => {
        const shown = watch(stops, pieces).shown.join('');
        for (const stop of stops) if (stop !== '') expect(shown).not.toContain(stop);
        expect(pieces.join('').startsWith(shown)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('shows the same of two stop strings, one inside the other, however the text is cut', () => {
    const stops = ['abca', 'bc'];
    expect(watch(stops, ['a', 'b', 'c', 'a']).shown.join('')).toBe('a');
    expect(watch(stops, ['abca']).shown.join('')).toBe('a');
  });

  it('shows the text before the stop string that is complete first, however the text is cut', () => {
    const anyStops = fc.array(textOf(5), { minLength: 2, maxLength: 3 });
    const withInner = anyStops.map((stops) => [...stops, stops[0]!.slice(1, -1)]); // one inside another
    fc.assert(
      fc.property(withInner, piecesOf, fc.boolean(), (stops, parts, include) => {
        const pieces = include ? [...parts, stops[0]!] : parts;
        const text = pieces.join('');
        const { shown, stopped } = watch(stops, pieces);
        expect({ shown: shown.join(''), stopped }).toEqual(textBefore(stops, text));
      }),
      { numRuns: 1000 },
    );
  });

  it('holds back no more than it must: what is held begins a stop string', () => {
    fc.assert(
      fc.property(fc.array(textOf(4), { maxLength: 3 }), piecesOf, (stops, pieces) => {
        const watcher = watchStopStrings(stops);
        let [given, shown] = ['', ''];
        for (const piece of pieces) {
          given += piece;
          const { show, stopped } = watcher.push(piece);
          if (stopped) return;
          shown += show;
          const held = given.slice(shown.length);
          expect(held === '' || stops.some((stop) => stop.startsWith(held))).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
