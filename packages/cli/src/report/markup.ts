// Markup that is safe by construction. The `markup` template tag escapes every string put into it, so a caption can
// never become a tag or end an attribute; only other pieces of markup pass through as they are. Works for HTML text,
// quoted attribute values and inline SVG; it is not for the inside of style or script elements.

/** A finished piece of HTML or SVG. Made by {@link markup} or, for text that is known to be markup, {@link trusted}. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What may stand in a {@link markup} template: strings and numbers are escaped, undefined is left out. */
export type MarkupValue = string | number | Markup | undefined | readonly MarkupValue[];

/**
 * Builds markup from a template; interpolated strings are escaped. Attribute values must be in double quotes.
 *
 * @example
 * ```ts
 * const caption = 'a "red" heart <3';
 * console.assert(markup`<p>${caption}</p>`.text === '<p>a &quot;red&quot; heart &lt;3</p>');
 * ```
 */
export function markup(strings: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  let text = strings[0] ?? '';
  values.forEach((value, index) => {
    text += render(value) + (strings[index + 1] ?? '');
  });
  return new Markup(text);
}

/** Declares a string to be markup already. Never give it text from a data set, a model or a configuration. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

/** Escapes text for HTML content and quoted attributes. Control characters and lone surrogates become U+FFFD. */
export function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
    .replace(/[^\P{Cc}\t\n\r]|\p{Cs}/gu, '\uFFFD');
}

function render(value: MarkupValue): string {
  if (value === undefined) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(render).join('');
  return escapeText(String(value));
}
