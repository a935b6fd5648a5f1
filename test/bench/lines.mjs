// Several measured curves as one standalone SVG picture, for the documentation.

const colours = [
  '#1f6feb',
  '#d1242f',
  '#1a7f37',
  '#9a6700',
  '#8250df',
  '#bf3989',
  '#0a7ea4',
  '#57606a',
  '#e16f24',
  '#2da44e',
];

/**
 * @param lines `{ label, points: { x, y }[] }` with growing x; x is drawn by its logarithm
 * @param options `yScale`: `linear` from 0, or `log`
 * @returns SVG source
 */
export function linesSvg(lines, { title, xLabel, yLabel, yScale = 'linear' }) {
  const [width, height, left, right, bottom, top] = [760, 380, 62, 190, 46, 34];
  const all = lines.flatMap(({ points }) => points).filter(({ y }) => yScale === 'linear' || y > 0);
  const xs = [...new Set(all.map(({ x }) => x))].toSorted((a, b) => a - b);
  const most = Math.max(...all.map(({ y }) => y));
  const least = yScale === 'log' ? Math.min(...all.map(({ y }) => y)) : 0;
  const share = (value, from, to) => (to === from ? 0 : (value - from) / (to - from));
  const along = yScale === 'log' ? Math.log : (value) => value;
  const atX = (x) => left + share(Math.log(x), Math.log(xs[0]), Math.log(xs.at(-1))) * (width - left - right);
  const atY = (y) => height - bottom - share(along(y), along(least), along(most)) * (height - bottom - top);
  const text = (x, y, content, anchor = 'middle', extra = '') =>
    `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}"${extra}>${content}</text>`;
  const ticks = Array.from({ length: 5 }, (_, i) =>
    yScale === 'log' ? Math.exp(along(least) + (i / 4) * (along(most) - along(least))) : (most * i) / 4,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#444">`,
    `<title>${title}</title><rect width="${width}" height="${height}" fill="#fff"/>`,
    text((width - right + left) / 2, 18, title),
    text((width - right + left) / 2, height - 8, xLabel),
    text(left - 6, top - 10, yLabel, 'end', ' font-size="11"'),
    ...ticks.flatMap((value) => [
      `<path d="M${left} ${atY(value).toFixed(1)}H${width - right}" stroke="#eee"/>`,
      text(left - 6, atY(value) + 4, value >= 10 ? value.toFixed(0) : value.toPrecision(2), 'end'),
    ]),
    ...spaced(xs, atX).map((x) => text(atX(x), height - bottom + 16, String(x))),
    ...lines.flatMap(({ label, points }, index) => {
      const colour = colours[index % colours.length];
      const dash = index >= colours.length ? ' stroke-dasharray="5 3"' : '';
      const drawn = points.filter(({ y }) => yScale === 'linear' || y > 0);
      const path = drawn.map(({ x, y }) => `${atX(x).toFixed(1)},${atY(y).toFixed(1)}`).join(' ');
      const legendY = top + 6 + index * 18;
      return [
        `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>`,
        `<path d="M${width - right + 14} ${legendY}h22" stroke="${colour}" stroke-width="2"${dash}/>`,
        text(width - right + 42, legendY + 4, label, 'start'),
      ];
    }),
    '</svg>',
    '',
  ].join('\n');
}

/** The numbers whose labels do not touch, the largest always among them. */
function spaced(xs, atX) {
  const kept = [xs.at(-1)];
  for (const x of xs.slice(0, -1).toReversed()) if (atX(kept[0]) - atX(x) > 22) kept.unshift(x);
  return kept;
}
