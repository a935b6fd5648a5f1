// The page itself: a training report as one HTML document that needs nothing else, now or in ten years. Its content
// security policy forbids scripts and every request, so that even text from a hostile data set could do nothing.

import { createHash } from 'node:crypto';
import { captionSection } from './caption-section.ts';
import { heldOutSection, progressSection, trainedSection } from './drawing-sections.ts';
import { lossSection } from './loss-section.ts';
import { markup, type Markup, trusted } from './markup.ts';
import {
  dataSection,
  keyFigures,
  machineSection,
  modelSection,
  noteSection,
  scoreSection,
  settingsSection,
} from './run-sections.ts';
import type { Section } from './section.ts';
import { styleSheet } from './style-sheet.ts';
import type { TrainingReport } from './training-report.ts';

const stylePolicy = `sha256-${createHash('sha256').update(styleSheet).digest('base64')}`;
const policy = `default-src 'none'; img-src data:; style-src '${stylePolicy}'; media-src data:; base-uri 'none'; form-action 'none'`;

/**
 * Renders a training report as a complete HTML document. The same report gives the same text.
 *
 * @throws TransfuseError `image.undecodable`, `audio.undecodable` or `video.undecodable` if a value's fields do not agree.
 */
export async function renderReport(report: TrainingReport): Promise<string> {
  const sections = await sectionsOf(report);
  const links = sections.map(({ id, title }) => markup`<li><a href="#${id}">${title}</a></li>\n`);
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy)}">
<meta name="generator" content="Transfuse">
<title>${report.title}</title>
<link rel="icon" href="data:,">
<style>${trusted(styleSheet)}</style>
</head>
<body>
<header>
<h1>${report.title}</h1>
${paragraphs(report.summary)}
<p class="meta">Finished ${finished(report.finished)} on ${report.machine.cpu}, ${report.machine.engine}.</p>
${keyFigures(report)}
<nav aria-label="Contents"><ol>${links}</ol></nav>
</header>
<main>
${sections.map(({ id, title, body }) => markup`<section id="${id}" aria-labelledby="${id}-heading">\n<h2 id="${id}-heading">${title}</h2>\n${body}\n</section>\n`)}</main>
</body>
</html>
`;
  return page.text;
}

async function sectionsOf(report: TrainingReport): Promise<readonly Section[]> {
  const { scores = [], progressGrids, trained, heldOut, captions, notes } = report;
  const sections = await Promise.all([
    lossSection(report.losses),
    ...(progressGrids.length === 0 ? [] : [progressSection(progressGrids)]),
    ...(trained.length === 0 ? [] : [trainedSection(trained)]),
    ...(heldOut.length === 0 ? [] : [heldOutSection(heldOut)]),
    ...(captions.length === 0 ? [] : [captionSection(captions)]),
    ...(scores.length === 0 ? [] : [scoreSection(scores)]),
    modelSection(report.model),
    dataSection(report.data),
    machineSection(report),
    settingsSection(report.settings),
    ...(notes.length === 0 ? [] : [noteSection(notes)]),
  ]);
  return sections;
}

function paragraphs(text: string): readonly Markup[] {
  return text
    .split(/\n\s*\n/u)
    .filter((paragraph) => paragraph.trim() !== '')
    .map((paragraph) => markup`<p>${paragraph.trim()}</p>\n`);
}

// Dates are shown in universal time, so that the page does not depend on where it was written.
function finished(date: string): Markup {
  const time = new Date(date);
  if (Number.isNaN(time.getTime())) return markup`${date}`;
  const iso = time.toISOString();
  const shown = time.toLocaleString('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
  return markup`<time datetime="${iso}">${shown} UTC</time>`;
}
