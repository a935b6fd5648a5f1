// A measured curve as a small standalone SVG picture, for the documentation.

/** @param points `{ x, y }` with growing x @returns SVG source, 640 x 300 */
export function curveSvg(points, { title, xLabel, yLabel }) {
  const [width, height, left, bottom, top] = [640, 300, 60, 46, 34];
  const most = { x: Math.max(...points.map(({ x }) => x)), y: Math.max(...points.map(({ y }) => y)) * 1.1 };
  const at = ({ x, y }) => [
    left + (x / most.x) * (width - left - 40),
    height - bottom - (y / most.y) * (height - bottom - top),
  ];
  const text = (x, y, content, anchor = 'middle') =>
    `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${content}</text>`;
  const [x0, y0] = at({ x: 0, y: 0 });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#444">`,
    `<title>${title}</title><rect width="${width}" height="${height}" fill="#fff"/>`,
    text(width / 2, 18, title),
    text(width / 2, height - 8, xLabel),
    `<path d="M${x0} ${top}V${y0}H${width - 20}" fill="none" stroke="#999"/>`,
    text(left - 6, top + 4, `${most.y.toFixed(2)} ${yLabel}`, 'end').replace(
      'text-anchor="end"',
      'text-anchor="end" font-size="11"',
    ),
    text(left - 6, y0, '0', 'end'),
    `<polyline points="${points
      .map((point) =>
        at(point)
          .map((value) => value.toFixed(1))
          .join(','),
      )
      .join(' ')}" fill="none" stroke="#1f6feb" stroke-width="2"/>`,
    ...points.map((point) => {
      const [x, y] = at(point);
      return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3" fill="#1f6feb"/>`;
    }),
    ...spaced(points, at).flatMap((point) => {
      const [x, y] = at(point);
      return [text(x, y - 8, point.y.toFixed(3)), text(x, y0 + 16, String(point.x))];
    }),
    '</svg>',
    '',
  ].join('\n');
}

/** The points whose labels do not touch. */
function spaced(points, at) {
  const kept = [];
  for (const point of points) {
    if (kept.length === 0 || at(point)[0] - at(kept.at(-1))[0] > 40) kept.push(point);
  }
  return kept;
}
