import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeText, markup, trusted } from './markup.ts';

describe('markup', () => {
  it('escapes every character that could open a tag, an entity or an attribute', () => {
    expect(markup`<p title="${`'"`}">${'<b>&'}</p>`.text).toBe('<p title="&#39;&quot;">&lt;b&gt;&amp;</p>');
  });

  it('passes markup through, joins lists and leaves undefined out', () => {
    const items = ['<', '>'].map((text) => markup`<li>${text}</li>`);
    expect(markup`<ul>${items}</ul>${undefined}${3}`.text).toBe('<ul><li>&lt;</li><li>&gt;</li></ul>3');
    expect(markup`${trusted('<hr>')}`.text).toBe('<hr>');
  });

  it('replaces control characters and lone surrogates, and keeps tabs, line breaks and emoji', () => {
    expect(escapeText('a\u0000b\u009Fc\uD800d')).toBe('a\uFFFDb\uFFFDc\uFFFDd');
    expect(escapeText('\t\n\r❤️🐋é')).toBe('\t\n\r❤️🐋é');
  });

  it('never lets text produce a markup character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeText(text).replace(/&(?:amp|lt|gt|quot|#39);/gu, '')).not.toMatch(/[<>&"']/u);
      }),
    );
  });
});
